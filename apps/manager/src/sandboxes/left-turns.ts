import { setTimeout as delay } from 'node:timers/promises';
import type { Turn } from '@wegent/engine';
import type { GatewayPass } from '../gateway/gateway.ts';
import type { LiveSandbox } from './live-sandboxes.ts';
import type { SandboxLease } from './sandbox-pool.ts';

/** A turn that goes on in its sandbox while nobody follows it, with its way out. */
export interface LeftTurn {
  turn: Turn;
  lease: SandboxLease;
  pass: GatewayPass;
}

/** Time for another attempt to take over; the server finds a lost run, and one that was not taken, within less. */
const TAKE_OVER_MS = 30_000;
/** After an interrupt a turn has so long to finish by itself. */
const INTERRUPT_MS = 4_000;

/**
 * Turns whose attempt lost its lease, or ended with its manager, before they were over. The next attempt may come to this
 * very manager, as after an outage of the server, and reads on; if none comes, the run is over elsewhere and so is the turn.
 */
export function createLeftTurns({ takeOverMs = TAKE_OVER_MS }: { takeOverMs?: number } = {}) {
  const left = new Map<string, LeftTurn & { timer: NodeJS.Timeout | undefined }>();

  async function end({ turn: { spec }, lease, pass }: LeftTurn): Promise<void> {
    const { live } = lease;
    await live.client.interrupt(spec.executionId, spec.attempt).catch(() => undefined);
    if (await works(live, spec)) await delay(INTERRUPT_MS);
    if (await works(live, spec)) await live.sandbox.kill();
    pass.revoke();
    lease.release();
  }

  return {
    /** Keeps the sandbox and the way out of a turn. One that a closing manager leaves is for the manager after it. */
    leave(given: LeftTurn): void {
      const { executionId } = given.turn.spec;
      const giveUp = () => {
        left.delete(executionId);
        void end(given).catch(() => given.lease.release());
      };
      const timer = given.turn.signal.reason === 'lost' ? setTimeout(giveUp, takeOverMs) : undefined;
      timer?.unref();
      left.set(executionId, { ...given, timer });
    },

    /** What an attempt before left of this run, for the one that takes over. */
    take(executionId: string): LeftTurn | undefined {
      const found = left.get(executionId);
      if (!found) return undefined;
      clearTimeout(found.timer);
      left.delete(executionId);
      if (!found.lease.isOver()) return found;
      found.pass.revoke();
      found.lease.release();
      return undefined;
    },
  };
}

async function works({ client }: LiveSandbox, { executionId, attempt }: Turn['spec']): Promise<boolean> {
  const { turns } = await client.health().catch(() => ({ turns: [] }));
  return turns.some((turn) => turn.turnId === executionId && turn.attempt === attempt && !turn.finished);
}
