import { setTimeout as delay } from 'node:timers/promises';
import type { ModelEndpoint, RunError } from '@wegent/api';
import type { Turn } from '../engine.ts';
import { RunFailure } from '../run-failure.ts';
import { classifyError } from './classify-error.ts';
import type { StepWriter } from './step-writer.ts';

const MAX_WAIT_MS = 20_000;

/**
 * Runs a step, and again after failures that may pass, as often as `delaysMs` has entries: it says so in a `phase`,
 * takes back what was written, and waits as long as the provider asks (20 s at most) or the entry says. A step that
 * has called a tool is not repeated: the call may have changed something. Rejects with a RunFailure, or the reason
 * of an abort.
 */
export async function withRetries<Result>(
  options: {
    endpoint: ModelEndpoint;
    turn: Pick<Turn, 'emit' | 'signal'>;
    writer: StepWriter;
    delaysMs: readonly number[];
  },
  step: () => Promise<Result>,
): Promise<Result> {
  const { endpoint, turn, writer, delaysMs } = options;
  for (let failures = 0; ; failures++) {
    writer.begin();
    try {
      return await step();
    } catch (cause) {
      turn.signal.throwIfAborted();
      const { error, retryAfterMs } = classifyError(cause, endpoint);
      // A fault of our own: whoever logs it needs the error itself.
      if (error.reason === 'Internal') throw cause;
      const pause = delaysMs[failures];
      if (pause === undefined || !error.retryable || writer.calledTool) {
        writer.endAll();
        throw cause instanceof RunFailure ? cause : new RunFailure(error, { cause });
      }
      writer.reset();
      const wait = Math.min(retryAfterMs ?? pause, MAX_WAIT_MS);
      turn.emit({
        type: 'phase',
        text: `${SITUATION[error.reason] ?? 'The model failed'}; trying again in ${Math.ceil(wait / 1000)} s`,
      });
      await delay(wait, undefined, { signal: turn.signal });
    }
  }
}

const SITUATION: Partial<Record<RunError['reason'], string>> = {
  ModelOverloaded: 'The model is overloaded',
  ModelRateLimit: 'The provider allows no more requests for now',
  ModelUnavailable: 'The model could not be reached',
};
