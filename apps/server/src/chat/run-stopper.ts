import type { ExecutionRow, Store } from '@wegent/store';
import type { Logger } from 'pino';
import type { ExecutionService } from '../executions/execution.service.ts';
import type { Publisher } from '../realtime/publisher.ts';
import { waitForEnd } from './wait-for-end.ts';

/** Milliseconds that a cancelled run has to stop by itself. */
const CANCEL_DEADLINE_MS = 8_000;

/** Stops runs. */
export type RunStopper = ReturnType<typeof createRunStopper>;

/** Stops runs and knows what became of them. */
export function createRunStopper({
  store,
  publisher,
  executions,
  logger,
  deadlineMs = CANCEL_DEADLINE_MS,
}: {
  store: Store;
  publisher: Publisher;
  executions: ExecutionService;
  logger: Logger;
  deadlineMs?: number;
}) {
  /** Resolves when all are over; says whether any was cancelled, and did not end by itself before it could be. */
  async function stop(runs: readonly ExecutionRow[]): Promise<boolean> {
    await executions.cancel(runs, (executionId) => waitForEnd({ store, publisher, executionId, deadlineMs }));
    const ended = await Promise.all(runs.map((run) => store.executions.get(run.id)));
    return ended.some((run) => run?.state === 'cancelled');
  }

  return {
    stop,

    /** Stops runs while nobody waits for it. */
    stopSoon(runs: readonly ExecutionRow[]): void {
      if (runs.length === 0) return;
      stop(runs).catch((error: unknown) => logger.error({ err: error }, 'runs could not be stopped'));
    },
  };
}
