import { isFinal } from '@wegent/api';
import type { ExecutionRow, Store } from '@wegent/store';
import type { Logger } from 'pino';
import { AnswerOptions } from '../executions/answer-plan.ts';
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
  follow,
  logger,
  deadlineMs = CANCEL_DEADLINE_MS,
}: {
  store: Store;
  publisher: Publisher;
  executions: Pick<ExecutionService, 'cancel'>;
  /** Brings answers up to date. */
  follow: (messageIds: Iterable<string>) => Promise<void>;
  logger: Logger;
  deadlineMs?: number;
}) {
  /** Resolves when all are over; says whether any was cancelled, and did not end by itself before it could be. */
  async function stopRuns(runs: readonly ExecutionRow[]): Promise<boolean> {
    await executions.cancel(runs, (executionId) => waitForEnd({ store, publisher, executionId, deadlineMs }));
    const ended = await Promise.all(runs.map((run) => store.executions.get(run.id)));
    return ended.some((run) => run?.state === 'cancelled');
  }

  /** The same for whole answers: what a Team has planned does not begin any more. */
  async function stopAnswers(messageIds: Iterable<string>): Promise<boolean> {
    const ids = [...new Set(messageIds)];
    const marked = await Promise.all(ids.map((id) => store.transaction((tx) => endTurn(tx, id))));
    const wasCancelled = await stopRuns(marked.flatMap(({ active }) => active));
    const teams = ids.filter((_id, index) => marked[index]?.isTeam);
    if (teams.length === 0) return wasCancelled;
    // Between two steps no run is there that would end.
    await follow(teams);
    const ended = await store.messages.getMany(teams);
    return wasCancelled || ended.some(({ status }) => status === 'cancelled');
  }

  return {
    stopRuns,
    stopAnswers,

    /** Stops the answers of these runs while nobody waits for it. */
    stopSoon(runs: readonly ExecutionRow[]): void {
      if (runs.length === 0) return;
      stopAnswers(runs.map(({ messageId }) => messageId)).catch((error: unknown) =>
        logger.error({ err: error }, 'runs could not be stopped'),
      );
    },
  };
}

/** Notes that the turn of a Team shall not go on, and says what is at work for an answer. */
async function endTurn(tx: Store, messageId: string): Promise<{ isTeam: boolean; active: ExecutionRow[] }> {
  const found = await tx.messages.get(messageId);
  if (!found || !(await tx.tasks.lock(found.taskId))) return { isTeam: false, active: [] };
  const message = (await tx.messages.get(messageId)) ?? found;
  const active = (await tx.executions.ofMessage(messageId)).filter(({ state }) => !isFinal(state));
  const { plan, stopped } = AnswerOptions.parse(message.options);
  const isTeam = plan !== undefined && message.finishedAt === null;
  if (isTeam && !stopped)
    await tx.messages.update(messageId, { options: { ...message.options, stopped: true } });
  return { isTeam, active };
}
