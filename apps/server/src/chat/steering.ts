import type { ChatSendAck } from '@wegent/api';
import { type ExecutionRow, type MessageRow, newId, type Store, type TaskRow } from '@wegent/store';
import type { PreparedTurn } from './turn.ts';
import { MessageOptions } from './turn-options.ts';
import { acknowledgement, type NewMessage, questionRow, senderNameOf, withRuns } from './turn-writer.ts';

/** What steering wrote: the message, and the run that is to hear it. */
export interface WrittenSteering {
  message: MessageRow;
  executionId: string;
  ack: ChatSendAck;
}

/** The run that can take a message while it works; `undefined` where none can. */
export function steerable(active: readonly ExecutionRow[]): ExecutionRow | undefined {
  return active.findLast(
    ({ shellType, state, parentExecutionId }) =>
      shellType === 'ClaudeCode' && state !== 'cancelling' && parentExecutionId === null,
  );
}

/**
 * Writes a message that goes to a run while it works: it follows the answer that is being written, and begins no run
 * of its own. Call it inside a transaction.
 */
export async function writeSteering(
  tx: Store,
  {
    task,
    run,
    turn,
    message,
    now,
  }: { task: TaskRow; run: ExecutionRow; turn: PreparedTurn; message: NewMessage; now: number },
): Promise<WrittenSteering> {
  const { principal } = message;
  const senderName = await senderNameOf(tx, principal);
  const parentId = await tx.messages.newestLeaf(task.id, run.messageId);
  const question = questionRow({ task, turn, message, senderName, now });
  const row = withRuns({ ...question, parentId }, [run]);
  await tx.messages.insert(row);
  await tx.tasks.update(task.id, { activeLeafId: row.id });
  await tx.tasks.touch(task.id, now, { unreadFor: 'others', by: principal.userId });
  await tx.runInputs.insert(
    run.id,
    { type: 'message', id: newId(), by: senderName, messageId: row.id, text: row.text },
    now,
  );
  return { message: row, executionId: run.id, ack: acknowledgement(row) };
}

/**
 * Messages that a run ended without having heard go back into the queue, and get an answer of their own.
 * Call it inside the transaction that ends the answer.
 */
export async function requeueUnheard(
  tx: Store,
  { task, executions, now }: { task: TaskRow; executions: readonly ExecutionRow[]; now: number },
): Promise<void> {
  let before: string | null = null;
  const requeued = new Set<string>();
  for (const execution of executions) {
    for (const input of await tx.runInputs.undelivered(execution.id)) {
      await tx.runInputs.markReceived(execution.id, [input.id], now);
      const message = input.type === 'message' ? await tx.messages.get(input.messageId) : undefined;
      if (!message || message.queued) continue;
      before ??= message.parentId;
      requeued.add(message.id);
      const { executionIds: _runs, ...options } = MessageOptions.parse(message.options);
      await tx.messages.update(message.id, {
        queued: true,
        status: 'pending',
        parentId: null,
        options: { ...options, ...(before === message.parentId ? { follows: message.parentId } : {}) },
      });
    }
  }
  // Who looks at another version of the conversation goes on looking at it.
  if (before !== null && task.activeLeafId !== null && requeued.has(task.activeLeafId))
    await tx.tasks.update(task.id, { activeLeafId: before });
}
