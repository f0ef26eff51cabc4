import type { MessageRow, Store } from '@wegent/store';
import type { Logger } from 'pino';
import type { Dispatcher } from '../executions/dispatcher.ts';
import { publishPhase } from '../executions/task-phase.ts';
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
  logger,
}: {
  store: Store;
  publisher: Publisher;
  dispatcher: Dispatcher;
  logger: Logger;
}) {
  async function publishMessages(rows: readonly MessageRow[]): Promise<void> {
    for (const message of await toMessages(store, rows)) {
      publisher.toTask(message.taskId, 'chat:message', { taskId: message.taskId, message });
    }
  }

  return {
    publishMessages,

    async start({ messages, change, executions, group }: WrittenTurn): Promise<void> {
      await publishMessages(messages);
      publishPhase(publisher, change);
      await dispatcher.enqueue(executions, group).catch((error: unknown) => {
        // The turn is stored, so its sender is not told of a failure: the sweep queues the runs again.
        logger.warn({ err: error }, 'runs could not be queued');
      });
    },
  };
}
