import { setTimeout as delay } from 'node:timers/promises';
import type { Turn } from '../engine.ts';
import { DifyFault } from './dify-fault.ts';
import { mayRepeat } from './failures.ts';

const MAX_WAIT_MS = 20_000;

/** Calls again, as often as there are pauses, what the server refused before anything ran. */
export async function repeatRefused<Result>(
  { turn, delaysMs }: { turn: Pick<Turn, 'emit' | 'signal'>; delaysMs: readonly number[] },
  call: () => Promise<Result>,
): Promise<Result> {
  for (let failures = 0; ; failures++) {
    try {
      return await call();
    } catch (cause) {
      turn.signal.throwIfAborted();
      const pause = delaysMs[failures];
      if (pause === undefined || !mayRepeat(cause)) throw cause;
      const asked = cause instanceof DifyFault ? cause.retryAfterMs : undefined;
      const wait = Math.min(asked ?? pause, MAX_WAIT_MS);
      const why = cause instanceof DifyFault ? 'Dify is busy' : 'Dify could not be reached';
      turn.emit({ type: 'phase', text: `${why}; trying again in ${Math.ceil(wait / 1000)} s` });
      await delay(wait, undefined, { signal: turn.signal });
    }
  }
}
