import type { Turn } from '@wegent/engine';
import type { GatewayPass } from '../gateway/gateway.ts';
import { endTurn } from './end-turn.ts';
import type { LiveSandbox } from './live-sandboxes.ts';

/** A turn that goes on in its sandbox while nobody follows it, with its way out. */
export interface LeftTurn {
  /** Who is told what its way out is used for; the next attempt puts itself here. */
  follower: { turn: Turn };
  live: LiveSandbox;
  pass: GatewayPass;
}

/** Time for another attempt to take over; the server finds a lost run, and one that was not taken, within less. */
const TAKE_OVER_MS = 30_000;

/**
 * Turns whose attempt lost its lease before they were over. The next attempt may come to this very manager, as after an
 * outage of the server, and reads on; if none comes, the run is over elsewhere, and so is the turn here.
 */
export function createLeftTurns({ takeOverMs = TAKE_OVER_MS }: { takeOverMs?: number } = {}) {
  const left = new Map<string, LeftTurn & { timer: NodeJS.Timeout }>();

  async function end({ follower, live, pass }: LeftTurn): Promise<void> {
    const { executionId, attempt } = follower.turn.spec;
    await endTurn(live, { executionId, attempt }).finally(pass.revoke);
  }

  return {
    /** Keeps the way out of a turn open for a while. */
    leave(given: LeftTurn): void {
      const { executionId } = given.follower.turn.spec;
      const timer = setTimeout(() => {
        left.delete(executionId);
        void end(given);
      }, takeOverMs);
      timer.unref();
      left.set(executionId, { ...given, timer });
    },

    /** What an attempt before left of this run in this sandbox, for the one that takes over. */
    take(executionId: string, live: LiveSandbox): LeftTurn | undefined {
      const found = left.get(executionId);
      if (!found) return undefined;
      clearTimeout(found.timer);
      left.delete(executionId);
      if (found.live === live) return found;
      found.pass.revoke();
      return undefined;
    },
  };
}
