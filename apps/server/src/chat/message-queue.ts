import { ApiError, type ChatQueued, type RunError } from '@wegent/api';
import type { MessageRow, Store, TaskRow, UserRow } from '@wegent/store';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { type Principal, principalOfUser } from '../auth/principal.ts';
import { asRunError } from '../executions/run-error.ts';
import type { Publisher } from '../realtime/publisher.ts';
import type { TaskService } from '../tasks/task.service.ts';
import { answerRows } from './answer-rows.ts';
import { required } from './required.ts';
import type { RunStopper } from './run-stopper.ts';
import type { PreparedTurn, TurnPreparer } from './turn.ts';
import { MessageOptions } from './turn-options.ts';
import type { TurnStarter } from './turn-starter.ts';
import { announced, type WrittenTurn, withRuns, writeAnswer } from './turn-writer.ts';

const RECOVER_LIMIT = 100;

/** Messages that wait for the run before them. */
export type MessageQueue = ReturnType<typeof createMessageQueue>;

/** Changes what waits, and lets it go on when its time has come. */
export function createMessageQueue({
  store,
  tasks,
  turns,
  starter,
  stopper,
  publisher,
  logger,
  now = Date.now,
}: {
  store: Store;
  tasks: TaskService;
  turns: TurnPreparer;
  starter: TurnStarter;
  stopper: RunStopper;
  publisher: Publisher;
  logger: Logger;
  now?: () => number;
}) {
  /** Changes a message of the caller's that waits; Conflict when it does not wait any more. */
  async function change(
    principal: Principal,
    { taskId, messageId, action, message: text }: z.infer<typeof ChatQueued>,
  ): Promise<void> {
    await tasks.require(principal, taskId);
    if (action === 'edit' && (text === undefined || text.trim() === ''))
      throw required('message', 'an edit needs the new text');
    const { queued, active } = await store.transaction(async (tx) => {
      await tx.tasks.lock(taskId);
      const waiting = await tx.messages.queued(taskId);
      const found = waiting.find((row) => row.id === messageId && isFrom(row, principal));
      if (!found)
        throw new ApiError('Conflict', 'This message does not wait any more: it was sent or deleted.');
      if (action === 'edit') await tx.messages.update(messageId, { text: text ?? '' });
      if (action === 'delete') {
        await tx.messages.remove(messageId);
        await tx.attachments.unlink(messageId);
      }
      if (action === 'send-now') {
        // The oldest is first in the queue; the time before the oldest puts this one in front.
        const oldest = Math.min(...waiting.map((row) => row.createdAt));
        await tx.messages.update(messageId, { createdAt: oldest - 1 });
      }
      return { queued: found, active: await tx.executions.activeOfTask(taskId) };
    });
    if (action === 'delete') publisher.toTask(taskId, 'chat:removed', { taskId, messageId });
    if (action === 'edit') await starter.publishMessages([{ ...queued, text: text ?? '' }]);
    if (action === 'send-now') {
      stopper.stopSoon(active);
      if (active.length === 0) await sendNext(taskId);
    }
  }

  /** Lets the oldest waiting message of an idle task go on; one that cannot be answered does not hold up the next. */
  async function sendNext(taskId: string): Promise<void> {
    let written = await sendOldest(taskId);
    while (written && written.executions.length === 0) written = await sendOldest(taskId);
  }

  async function sendOldest(taskId: string): Promise<WrittenTurn | undefined> {
    const task = await store.tasks.get(taskId);
    const [next] = await store.messages.queued(taskId);
    if (!task || !next || !('userId' in next.sender)) return undefined;
    const prepared = await prepare(await store.users.get(next.sender.userId), task, next);
    const written = await store.transaction(async (tx) => {
      const locked = await tx.tasks.lock(taskId);
      const [still] = await tx.messages.queued(taskId);
      if (!locked || still?.id !== next.id || still.text !== next.text) return 'changed';
      if ((await tx.executions.activeOfTask(taskId)).length > 0) return undefined;
      return leaveQueue(tx, { task: locked, queued: still, prepared });
    });
    // Somebody changed the queue meanwhile: what is first now is looked at anew.
    if (written === 'changed') return sendOldest(taskId);
    if (written) await starter.start(written);
    return written;
  }

  async function leaveQueue(
    tx: Store,
    { task, queued, prepared }: { task: TaskRow; queued: MessageRow; prepared: Prepared },
  ): Promise<WrittenTurn> {
    const { follows, ...options } = MessageOptions.parse(queued.options);
    const parentId = follows === undefined ? task.activeLeafId : follows;
    const at = now();
    const answer =
      prepared.turn && answerRows(prepared.turn, { taskId: task.id, parentId: queued.id, now: at });
    const outcome = prepared.turn
      ? ({ status: 'completed' } as const)
      : ({ status: 'failed', error: prepared.error } as const);
    const question = withRuns(
      { ...queued, options, parentId, queued: false, ...outcome },
      answer?.executions,
    );
    await tx.messages.update(queued.id, {
      parentId,
      queued: false,
      options: question.options,
      ...outcome,
    });
    await tx.tasks.update(task.id, { activeLeafId: queued.id });
    const written = await writeAnswer(tx, { task, question, answer, now: at });
    return { ...written, messages: [question, ...announced(answer)] };
  }

  // The rights and the agent may have gone while the message waited: then it is kept and marked as failed.
  async function prepare(author: UserRow | undefined, task: TaskRow, queued: MessageRow): Promise<Prepared> {
    const sentWith = MessageOptions.parse(queued.options);
    try {
      if (!author) throw new ApiError('NotFound', 'the account of the sender does not exist any more');
      if (author.disabled) throw new ApiError('Forbidden', 'the account of the sender is disabled');
      const principal = principalOfUser(author);
      await tasks.require(principal, task.id);
      const team = await turns.teamOf(principal, task, sentWith.team);
      const turn = await turns.prepare(principal, {
        team,
        text: queued.text,
        isGroup: task.isGroup,
        modelOverride: sentWith.modelOverride,
        options: sentWith.options,
      });
      return { turn };
    } catch (error) {
      if (error instanceof ApiError) return { error: asRunError(error) };
      throw error;
    }
  }

  return {
    change,
    sendNext,

    /** Lets messages go on whose server died between the end of an answer and the next message. */
    async recover(): Promise<void> {
      for (const taskId of await store.messages.idleQueues(RECOVER_LIMIT)) {
        await sendNext(taskId).catch((error: unknown) => {
          logger.error({ err: error, taskId }, 'could not go on with the queue of a task');
        });
      }
    },
  };
}

type Prepared = { turn: PreparedTurn; error?: never } | { turn?: never; error: RunError };

function isFrom(message: MessageRow, principal: Principal): boolean {
  return 'userId' in message.sender && message.sender.userId === principal.userId;
}
