import type { AppendResult, Store } from '@wegent/store';
import type { Logger } from 'pino';
import type { Publisher } from '../realtime/publisher.ts';

type Appended = Extract<AppendResult, { status: 'appended' }>;

/** Tells everybody who takes part in a task that a run asks something, or that it needs no answer any more. */
export function createDecisionAnnouncer({
  store,
  publisher,
  logger,
}: {
  store: Store;
  publisher: Publisher;
  logger: Logger;
}) {
  async function announce({ taskId, decisions: { opened, closed } }: Appended): Promise<void> {
    // Whoever looks at a task takes part in it, so the rooms of the people are enough.
    const userIds = (await store.tasks.members(taskId)).map(({ userId }) => userId);
    const closedIds = new Set(closed.map(({ id }) => id));
    for (const { id: approvalId, title } of opened) {
      if (!closedIds.has(approvalId))
        publisher.toUsers(userIds, 'approval:requested', { taskId, approvalId, title });
    }
    for (const approvalId of closedIds)
      publisher.toUsers(userIds, 'approval:resolved', { taskId, approvalId });
  }

  return {
    /** Looks at what was just stored. Never throws. */
    async stored(results: readonly Appended[]): Promise<void> {
      for (const result of results) {
        if (result.decisions.opened.length + result.decisions.closed.length === 0) continue;
        await announce(result).catch((error: unknown) => {
          logger.error({ err: error, taskId: result.taskId }, 'a question could not be announced');
        });
      }
    },
  };
}
