import { setTimeout as delay } from 'node:timers/promises';
import type { LiveSandbox } from './live-sandboxes.ts';

/** After an interrupt a turn has so long to finish by itself. */
const INTERRUPT_MS = 4_000;

/** A turn as one attempt works it. */
export interface TurnAttempt {
  executionId: string;
  attempt: number;
}

/** Ends a turn that nobody wants any more; one that a newer attempt works is not touched. */
export async function endTurn(live: LiveSandbox, { executionId, attempt }: TurnAttempt): Promise<void> {
  await live.client.interrupt(executionId, attempt).catch(() => undefined);
  if (await works(live, { executionId, attempt })) await delay(INTERRUPT_MS);
  if (await works(live, { executionId, attempt })) await live.sandbox.kill();
}

async function works({ client }: LiveSandbox, { executionId, attempt }: TurnAttempt): Promise<boolean> {
  const { turns } = await client.health().catch(() => ({ turns: [] }));
  return turns.some((turn) => turn.turnId === executionId && turn.attempt === attempt && !turn.finished);
}
