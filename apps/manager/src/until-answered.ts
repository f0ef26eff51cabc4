import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '@wegent/api';

const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 2_000;

/**
 * Asks a server that is away again and again, until it answers or the signal is aborted. For what may be asked twice,
 * and whose failure somebody would take for an answer.
 */
export async function untilAnswered<Answer>(
  ask: () => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
    try {
      return await ask();
    } catch (cause) {
      if (!(cause instanceof ApiError && cause.reason === 'ServiceUnavailable')) throw cause;
      await delay(pause, undefined, { signal });
    }
  }
}
