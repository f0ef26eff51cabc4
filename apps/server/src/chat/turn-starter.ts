import type { MessageRow, Store } from '@wegent/store';
import type { Logger } from 'pino';
import type { Dispatcher } from '../executions/dispatcher.ts';
import { publishPhase } from '../executions/task-phase.ts';
import type { TurnAdmission } from '../executions/turn-admission.ts';
import { toTime } from '../http/time.ts';
import type { Publisher } from '../realtime/publisher.ts';
import { toMessages } from '../tasks/conversation.ts';
import type { WrittenTurn } from './turn-writer.ts';

/** Makes what was written happen. */
export type TurnStarter = ReturnType<typeof createTurnStarter>;

/** Tells everyone who looks about a turn that has been committed, and queues its runs. */
export function createTurnStarter({
  store,
  publisher,
  dispatcher,
  admission,
  logger,
}: {
  store: Store;
  publisher: Publisher;
  dispatcher: Dispatcher;
  admission: Pick<TurnAdmission, 'check'>;
  logger: Logger;
}) {
  async function publishMessages(rows: readonly MessageRow[]): Promise<void> {
    for (const message of await toMessages(store, rows)) {
      publisher.toTask(message.taskId, 'chat:message', { taskId: message.taskId, message });
    }
  }

  /** Shows the others of a conversation that somebody wrote, where no change of phase does. */
  async function markUnread(messages: readonly MessageRow[]): Promise<void> {
    for (const { taskId, sender } of messages) {
      const others = (await store.tasks.members(taskId)).filter(
        ({ userId }) => !('userId' in sender) || userId !== sender.userId,
      );
      const task = others.length === 0 ? undefined : await store.tasks.get(taskId);
      if (!task) continue;
      publisher.toUsers(
        others.map(({ userId }) => userId),
        'task:status',
        {
          taskId,
          phase: task.phase,
          progress: task.progress,
          updatedAt: toTime(task.activityAt),
          unread: true,
        },
      );
    }
  }

  return {
    publishMessages,

    /** Shows a message that goes to a run which works already. */
    async publishSteering(message: MessageRow): Promise<void> {
      await publishMessages([message]);
      await markUnread([message]);
    },

    async start({ messages, change, executions, waitsFor, group }: WrittenTurn): Promise<void> {
      await publishMessages(messages);
      if (change) publishPhase(publisher, change);
      else await markUnread(messages);
      if (waitsFor !== undefined) return admission.check(waitsFor);
      await dispatcher.enqueue(executions, group).catch((error: unknown) => {
        // The turn is stored, so its sender is not told of a failure: the sweep queues the runs again.
        logger.warn({ err: error }, 'runs could not be queued');
      });
    },
  };
}
