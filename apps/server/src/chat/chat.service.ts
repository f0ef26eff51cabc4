import {
  ApiError,
  type AttachmentInfo,
  type ChatCancelAck,
  type ChatQueued,
  type ChatRegenerate,
  type ChatSend,
  type ChatSendAck,
  type ObjectReference,
  type TaskOptions,
} from '@wegent/api';
import { type ExecutionRow, type MessageRow, newId, type Store, type TaskRow } from '@wegent/store';
import type { z } from 'zod';
import type { AttachmentService } from '../attachments/attachment.service.ts';
import type { Principal } from '../auth/principal.ts';
import type { Dispatcher } from '../executions/dispatcher.ts';
import type { ExecutionService } from '../executions/execution.service.ts';
import { type PhaseChange, publishPhase, updatePhase } from '../executions/task-phase.ts';
import type { Publisher } from '../realtime/publisher.ts';
import { toMessages } from '../tasks/conversation.ts';
import type { TaskService } from '../tasks/task.service.ts';
import type { TaskOpener } from '../tasks/task-opener.ts';
import { answerRows, type PreparedTurn, type TurnPreparer } from './turn.ts';
import { MessageOptions } from './turn-options.ts';
import { waitForEnd } from './wait-for-end.ts';

/** Milliseconds that a cancelled run has to stop by itself. */
const CANCEL_DEADLINE_MS = 8_000;

/** Sending, answering again, queueing and stopping. */
export type ChatService = ReturnType<typeof createChatService>;

/** What happens in a conversation. Authorises first, writes one transaction, then queues and publishes. */
export function createChatService({
  store,
  tasks,
  opener,
  turns,
  attachments,
  executions,
  dispatcher,
  publisher,
  now = Date.now,
}: {
  store: Store;
  tasks: TaskService;
  opener: TaskOpener;
  turns: TurnPreparer;
  attachments: AttachmentService;
  executions: ExecutionService;
  dispatcher: Dispatcher;
  publisher: Publisher;
  now?: () => number;
}) {
  async function send(principal: Principal, input: ChatSend): Promise<ChatSendAck> {
    const known = await store.messages.byClientId(principal.userId, input.clientMessageId);
    if (known) return acknowledgement(known);
    const files = await attachments.forMessage(principal, input.attachmentIds ?? []);
    if (input.message.trim() === '' && files.length === 0)
      throw required('message', 'a message needs text or an attachment');
    try {
      return input.taskId === undefined
        ? await startTask(principal, input, files)
        : await continueTask(principal, { ...input, taskId: input.taskId }, files);
    } catch (error) {
      // Two sends with one id at the same moment: the other one was first, and its answer is ours.
      if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error;
      const first = await store.messages.byClientId(principal.userId, input.clientMessageId);
      if (!first) throw error;
      return acknowledgement(first);
    }
  }

  async function startTask(
    principal: Principal,
    input: ChatSend,
    files: AttachmentInfo[],
  ): Promise<ChatSendAck> {
    if (!input.team) throw required('team', 'a new conversation needs a team');
    const team = await turns.team(principal, input.team);
    const opened = await opener.prepare(principal, team, input);
    const turn = await turns.prepare(principal, {
      team,
      text: input.message,
      isGroup: opened.task.isGroup,
      modelOverride: input.modelOverride,
      options: input.options,
    });
    const written = await store.transaction(async (tx) => {
      await opener.insert(tx, opened);
      return writeTurn(tx, {
        principal,
        task: opened.task,
        turn,
        input,
        files,
        parentId: null,
        queued: false,
      });
    });
    publisher.joinTask(principal.userId, opened.task.id);
    await opener.announce(opened);
    await afterTurn(written);
    return written.ack;
  }

  async function continueTask(
    principal: Principal,
    input: ChatSend & { taskId: string },
    files: AttachmentInfo[],
  ): Promise<ChatSendAck> {
    const task = await tasks.require(principal, input.taskId);
    const team = await turns.team(
      principal,
      input.team ?? { name: task.teamName, namespace: task.teamNamespace },
    );
    const turn = await turns.prepare(principal, {
      team,
      text: input.message,
      isGroup: task.isGroup,
      modelOverride: input.modelOverride,
      options: input.options,
    });
    const { written, stop } = await store.transaction(async (tx) => {
      const locked = await tx.tasks.lock(task.id);
      if (!locked) throw tasks.notFound(task.id);
      const active = await tx.executions.activeOfTask(task.id);
      const isWaiting =
        turn.runs.length > 0 && (active.length > 0 || (await tx.messages.queued(task.id)).length > 0);
      if (isWaiting && input.whenBusy === 'reject') {
        throw new ApiError(
          'Conflict',
          'An answer is being written. Wait for it, stop it, or send with whenBusy "queue".',
        );
      }
      const parentId = isWaiting ? null : await parentOf(tx, locked, input.parentId);
      return {
        written: await writeTurn(tx, {
          principal,
          task: locked,
          turn,
          input,
          files,
          parentId,
          queued: isWaiting,
        }),
        stop: isWaiting && input.whenBusy === 'steer' ? active : [],
      };
    });
    publisher.joinTask(principal.userId, task.id);
    await afterTurn(written);
    if (stop.length > 0) void stopRuns(stop);
    return written.ack;
  }

  async function regenerate(
    principal: Principal,
    { taskId, messageId, modelOverride }: z.infer<typeof ChatRegenerate>,
  ): Promise<ChatSendAck> {
    const task = await tasks.require(principal, taskId);
    const answer = await store.messages.get(messageId);
    if (!answer || answer.taskId !== taskId)
      throw new ApiError('NotFound', `message "${messageId}" not found in this conversation`);
    const question =
      answer.role === 'user'
        ? answer
        : answer.parentId
          ? await store.messages.get(answer.parentId)
          : undefined;
    if (!question) throw new ApiError('NotFound', 'the message that this answer follows is gone');
    const team = await turns.team(principal, { name: task.teamName, namespace: task.teamNamespace });
    const sentWith = MessageOptions.parse(question.options);
    const turn = await turns.prepare(principal, {
      team,
      text: question.text,
      isGroup: false,
      modelOverride: modelOverride ?? sentWith.modelOverride,
      options: sentWith.options,
    });
    const written = await store.transaction(async (tx) => {
      const locked = await tx.tasks.lock(taskId);
      if (!locked) throw tasks.notFound(taskId);
      if ((await tx.executions.activeOfTask(taskId)).length > 0) {
        throw new ApiError('Conflict', 'An answer is being written. Stop it before you ask for another one.');
      }
      return writeAnswer(tx, { task: locked, turn, question, now: now() });
    });
    const messages =
      written.answerId === undefined
        ? []
        : await toMessages(store, await store.messages.getMany([written.answerId]));
    for (const message of messages) publisher.toTask(taskId, 'chat:message', { taskId, message });
    await afterTurn(written);
    return written.ack;
  }

  async function changeQueued(
    principal: Principal,
    { taskId, messageId, action, message: text }: z.infer<typeof ChatQueued>,
  ): Promise<void> {
    await tasks.require(principal, taskId);
    if (action === 'edit' && (text === undefined || text.trim() === ''))
      throw required('message', 'an edit needs the new text');
    const { queued, active } = await store.transaction(async (tx) => {
      await tx.tasks.lock(taskId);
      const waiting = await tx.messages.queued(taskId);
      const found = waiting.find(
        (row) => row.id === messageId && 'userId' in row.sender && row.sender.userId === principal.userId,
      );
      if (!found)
        throw new ApiError('Conflict', 'This message does not wait any more: it was sent or deleted.');
      if (action === 'edit') await tx.messages.update(messageId, { text: text ?? '' });
      if (action === 'delete') await tx.messages.remove(messageId);
      // First in the queue is the oldest; the number before the oldest puts this one in front.
      if (action === 'send-now')
        await tx.messages.update(messageId, {
          createdAt: Math.min(...waiting.map((row) => row.createdAt)) - 1,
        });
      return { queued: found, active: await tx.executions.activeOfTask(taskId) };
    });
    if (action === 'delete') publisher.toTask(taskId, 'chat:removed', { taskId, messageId });
    if (action === 'edit') await publishMessages([{ ...queued, text: text ?? '' }]);
    if (action === 'send-now') void stopRuns(active);
  }

  async function cancel(
    principal: Principal,
    { taskId, messageId }: { taskId: string; messageId?: string | undefined },
  ): Promise<ChatCancelAck> {
    await tasks.require(principal, taskId);
    const active = (await store.executions.activeOfTask(taskId)).filter(
      (execution) => messageId === undefined || execution.messageId === messageId,
    );
    if (active.length === 0) return { outcome: 'already-finished' };
    return { outcome: (await stopRuns(active)) ? 'cancelled' : 'already-finished' };
  }

  async function stopRuns(active: readonly ExecutionRow[]): Promise<boolean> {
    const cancelled = await executions.cancel(active, (executionId) =>
      waitForEnd({ store, publisher, executionId, deadlineMs: CANCEL_DEADLINE_MS }),
    );
    if (cancelled) return true;
    const after = await Promise.all(active.map((execution) => store.executions.get(execution.id)));
    return after.some((execution) => execution?.state === 'cancelled');
  }

  /** Lets the oldest waiting message of an idle task go on. */
  async function sendNextQueued(taskId: string): Promise<void> {
    const task = await store.tasks.get(taskId);
    const [next] = await store.messages.queued(taskId);
    if (!task || !next || !('userId' in next.sender)) return;
    const author = await store.users.get(next.sender.userId);
    const turn = author && (await prepareQueued(author, task, next));
    const written = await store.transaction(async (tx) => {
      const locked = await tx.tasks.lock(taskId);
      const [still] = await tx.messages.queued(taskId);
      if (!locked || still?.id !== next.id || (await tx.executions.activeOfTask(taskId)).length > 0)
        return undefined;
      const question: MessageRow = {
        ...still,
        parentId: locked.activeLeafId,
        queued: false,
        status: turn ? 'completed' : 'failed',
      };
      await tx.messages.update(still.id, {
        parentId: question.parentId,
        queued: false,
        status: question.status,
      });
      await tx.tasks.update(taskId, { activeLeafId: still.id });
      if (!turn)
        return {
          taskId,
          group: task.namespace,
          messages: [question],
          executions: [],
          change: undefined,
          ack: acknowledgement(question),
        };
      return {
        ...(await writeAnswer(tx, {
          task: { ...locked, activeLeafId: still.id },
          turn,
          question,
          now: now(),
        })),
        messages: [question],
      };
    });
    if (written) await afterTurn(written);
  }

  // The rights and the agent may have gone while the message waited: then it is kept and marked as failed.
  async function prepareQueued(
    author: { id: string; username: string; role: 'admin' | 'user'; namespace: string },
    task: TaskRow,
    queued: MessageRow,
  ): Promise<PreparedTurn | undefined> {
    const principal: Principal = {
      userId: author.id,
      username: author.username,
      role: author.role,
      namespace: author.namespace,
      via: 'session',
    };
    const sentWith = MessageOptions.parse(queued.options);
    try {
      const team = await turns.team(
        principal,
        sentWith.team ?? { name: task.teamName, namespace: task.teamNamespace },
      );
      return await turns.prepare(principal, {
        team,
        text: queued.text,
        isGroup: false,
        modelOverride: sentWith.modelOverride,
        options: sentWith.options,
      });
    } catch (error) {
      if (error instanceof ApiError) return undefined;
      throw error;
    }
  }

  async function afterTurn(written: WrittenTurn): Promise<void> {
    await publishMessages(written.messages);
    publishPhase(publisher, written.change);
    await dispatcher.enqueue(written.executions, written.group);
  }

  async function publishMessages(rows: readonly MessageRow[]): Promise<void> {
    for (const message of await toMessages(store, rows)) {
      publisher.toTask(message.taskId, 'chat:message', { taskId: message.taskId, message });
    }
  }

  /** Writes a user message and, unless it waits, the answer that follows it. */
  async function writeTurn(
    tx: Store,
    {
      principal,
      task,
      turn,
      input,
      files,
      parentId,
      queued,
    }: {
      principal: Principal;
      task: TaskRow;
      turn: PreparedTurn;
      input: Pick<ChatSend, 'clientMessageId' | 'message'> & {
        modelOverride?: ObjectReference | undefined;
        options?: TaskOptions | undefined;
        team?: ObjectReference | undefined;
      };
      files: AttachmentInfo[];
      parentId: string | null;
      queued: boolean;
    },
  ): Promise<WrittenTurn> {
    const at = now();
    const question: MessageRow = {
      id: newId(),
      taskId: task.id,
      parentId,
      role: 'user',
      sender: { userId: principal.userId, name: principal.username },
      text: input.message,
      blocks: [],
      status: queued ? 'pending' : 'completed',
      error: null,
      attachments: files,
      shellType: null,
      usage: null,
      clientMessageId: input.clientMessageId,
      options: {
        ...(turn.modelOverride ? { modelOverride: turn.modelOverride } : {}),
        ...(input.options ? { options: input.options } : {}),
        ...(input.team
          ? { team: { name: turn.team.metadata.name, namespace: turn.team.metadata.namespace } }
          : {}),
      },
      createdAt: at,
      finishedAt: at,
      queued,
    };
    if (files.length > 0) {
      await tx.attachments.link(
        files.map((file) => file.id),
        { taskId: task.id, messageId: question.id },
      );
    }
    if (queued) {
      await tx.messages.insert(question);
      await tx.tasks.touch(task.id, at, { unreadFor: 'others', by: principal.userId });
      return {
        taskId: task.id,
        group: task.namespace,
        messages: [question],
        executions: [],
        change: undefined,
        ack: acknowledgement(question),
      };
    }
    const answer = answerRows(turn, { taskId: task.id, parentId: question.id, now: at });
    const executionIds = answer?.executions.map((execution) => execution.id) ?? [];
    const row = { ...question, options: { ...question.options, executionIds } };
    await tx.messages.insert(row);
    await tx.tasks.update(task.id, { activeLeafId: question.id });
    await tx.tasks.touch(task.id, at, { unreadFor: 'others', by: principal.userId });
    const written = await writeAnswer(tx, { task, turn, question: row, answer, now: at });
    return { ...written, messages: [row], ack: acknowledgement(row) };
  }

  async function writeAnswer(
    tx: Store,
    {
      task,
      turn,
      question,
      now: at,
      answer = answerRows(turn, { taskId: task.id, parentId: question.id, now: at }),
    }: {
      task: TaskRow;
      turn: PreparedTurn;
      question: MessageRow;
      now: number;
      answer?: ReturnType<typeof answerRows>;
    },
  ): Promise<WrittenTurn & { answerId?: string }> {
    const base = { taskId: task.id, group: task.namespace, messages: [], executions: [], change: undefined };
    if (!answer) return { ...base, ack: acknowledgement(question) };
    await tx.messages.insert(answer.message);
    await tx.executions.insert(answer.executions);
    await tx.tasks.update(task.id, { activeLeafId: answer.message.id });
    const change = await updatePhase(tx, { taskId: task.id, messageId: answer.message.id, now: at });
    const executionIds = answer.executions.map((execution) => execution.id);
    return {
      ...base,
      executions: answer.executions,
      change,
      answerId: answer.message.id,
      ack: { taskId: task.id, messageId: question.id, executionIds },
    };
  }

  return { send, regenerate, changeQueued, cancel, sendNextQueued };
}

interface WrittenTurn {
  taskId: string;
  /** Queue group: runs of one namespace take turns with those of others. */
  group: string;
  messages: MessageRow[];
  executions: ExecutionRow[];
  change: PhaseChange | undefined;
  ack: ChatSendAck;
}

function acknowledgement(message: MessageRow): ChatSendAck {
  return {
    taskId: message.taskId,
    messageId: message.id,
    executionIds: MessageOptions.parse(message.options).executionIds ?? [],
    ...(message.queued ? { queued: true } : {}),
  };
}

// The message that a new one follows: the active leaf, or the one that an edit names.
async function parentOf(tx: Store, task: TaskRow, given: string | null | undefined): Promise<string | null> {
  if (given === undefined) return task.activeLeafId;
  if (given === null) return null;
  const parent = await tx.messages.get(given);
  if (!parent || parent.taskId !== task.id || parent.queued) {
    throw new ApiError('NotFound', `message "${given}" not found in this conversation`);
  }
  return given;
}

function required(field: string, message: string): ApiError {
  return new ApiError('Invalid', message, {
    details: { causes: [{ reason: 'FieldValueRequired', field, message }] },
  });
}
