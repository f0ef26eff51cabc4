import {
  ApiError,
  type AttachmentInfo,
  type ChatCancelAck,
  type ChatRegenerate,
  type ChatSend,
  type ChatSendAck,
} from '@wegent/api';
import type { ExecutionRow, MessageRow, Store, TaskRow } from '@wegent/store';
import type { z } from 'zod';
import type { AttachmentService } from '../attachments/attachment.service.ts';
import type { Principal } from '../auth/principal.ts';
import type { Publisher } from '../realtime/publisher.ts';
import type { TaskService } from '../tasks/task.service.ts';
import type { OpenedTask, TaskOpener } from '../tasks/task-opener.ts';
import type { WorkspaceService } from '../workspaces/workspace.service.ts';
import { answerRows } from './answer-rows.ts';
import { checkSandbox } from './check-sandbox.ts';
import type { MessageQueue } from './message-queue.ts';
import { withInputs } from './remember-inputs.ts';
import { required } from './required.ts';
import type { RunStopper } from './run-stopper.ts';
import { steerable, writeSteering } from './steering.ts';
import type { PreparedTurn, TurnPreparer } from './turn.ts';
import { MessageOptions } from './turn-options.ts';
import type { TurnStarter } from './turn-starter.ts';
import { acknowledgement, type NewMessage, writeAnswer, writeTurn } from './turn-writer.ts';

/** Sends and answers again, see `createChatService`. */
export type ChatService = ReturnType<typeof createChatService>;

/** Sends messages and asks for other answers: rights first, then one transaction, then queues and sockets. */
export function createChatService({
  store,
  tasks,
  opener,
  turns,
  queue,
  starter,
  stopper,
  attachments,
  publisher,
  workspaces,
  tellRun,
  now = Date.now,
}: {
  store: Store;
  tasks: TaskService;
  opener: TaskOpener;
  turns: TurnPreparer;
  queue: MessageQueue;
  starter: TurnStarter;
  stopper: RunStopper;
  attachments: AttachmentService;
  publisher: Publisher;
  workspaces: Pick<WorkspaceService, 'choose' | 'checkSame'>;
  /** Lets the manager of a run look for inputs at once. */
  tellRun: (executionId: string) => Promise<void>;
  now?: () => number;
}) {
  async function send(principal: Principal, input: ChatSend): Promise<ChatSendAck> {
    const known = await sentBefore(principal, input);
    if (known) return known;
    try {
      const files = await attachments.forMessage(principal, input.attachmentIds ?? []);
      if (input.message.trim() === '' && files.length === 0)
        throw required('message', 'a message needs text or an attachment');
      return input.taskId === undefined
        ? await startTask(principal, input, files)
        : await continueTask(principal, { ...input, taskId: input.taskId }, files);
    } catch (error) {
      // Two sends with one id at the same moment: the other one was first, whatever that made of this one.
      const first = error instanceof ApiError ? await sentBefore(principal, input) : undefined;
      if (first) return first;
      throw error;
    }
  }

  async function sentBefore(
    principal: Principal,
    { clientMessageId }: ChatSend,
  ): Promise<ChatSendAck | undefined> {
    const known = await store.messages.byClientId(principal.userId, clientMessageId);
    return known && acknowledgement(known);
  }

  async function startTask(
    principal: Principal,
    input: ChatSend,
    files: AttachmentInfo[],
  ): Promise<ChatSendAck> {
    if (!input.team) throw required('team', 'a new conversation needs a team');
    if (input.parentId) throw noMessage(input.parentId);
    const team = await turns.team(principal, input.team);
    const workspace = await workspaces.choose(input.workspace, (reference) =>
      turns.workspace(principal, reference),
    );
    const opened = await opener.prepare(principal, team, input, workspace);
    const turn = await turns.prepare(principal, {
      team,
      text: input.message,
      isGroup: opened.task.isGroup,
      modelOverride: input.modelOverride,
      options: input.options,
    });
    checkSandbox(workspace, turn);
    return begin({ opened, turn, message: { principal, input, files, follows: null } });
  }

  /** Writes a task with its first turn in one transaction, so that no crash leaves one that nothing runs. */
  async function begin({
    opened,
    turn,
    message,
  }: {
    opened: OpenedTask;
    turn: PreparedTurn;
    message: NewMessage;
  }): Promise<ChatSendAck> {
    const written = await store.transaction(async (tx) => {
      await opener.insert(tx, opened);
      return writeTurn(tx, { task: opened.task, turn, message, now: now() });
    });
    publisher.joinTask(message.principal.userId, opened.task.id);
    await opener.announce(opened);
    await starter.start(written);
    return written.ack;
  }

  async function continueTask(
    principal: Principal,
    sent: ChatSend & { taskId: string },
    files: AttachmentInfo[],
  ): Promise<ChatSendAck> {
    const task = await tasks.require(principal, sent.taskId);
    const input = await withInputs(store, task, sent);
    await workspaces.checkSame(task, input.workspace);
    const team = await turns.teamOf(principal, task, input.team);
    const turn = await turns.prepare(principal, {
      team,
      text: input.message,
      isGroup: task.isGroup,
      modelOverride: input.modelOverride,
      options: input.options,
    });
    const { written, steered, stop } = await store.transaction(async (tx) => {
      const locked = await tx.tasks.lock(task.id);
      if (!locked) throw tasks.notFound(task.id);
      await checkParent(tx, locked, input.parentId);
      const active = await tx.executions.activeOfTask(task.id);
      const waiting = await tx.messages.queued(task.id);
      // What calls nobody need not wait for anybody.
      const isWaiting = turn.runs.length > 0 && active.length + waiting.length > 0;
      if (isWaiting && input.whenBusy === 'reject') throw busy();
      const steers = isWaiting && input.whenBusy === 'steer';
      const message = { principal, input, files, follows: input.parentId };
      const run = steers ? steerable(active) : undefined;
      if (run && files.length === 0 && (await followsNewest(tx, run, input.parentId))) {
        const steering = await writeSteering(tx, { task: locked, run, turn, message, now: now() });
        return { steered: steering, stop: [] };
      }
      const queue = isWaiting ? { before: steers ? waiting : [] } : undefined;
      return {
        written: await writeTurn(tx, { task: locked, turn, message: { ...message, queue }, now: now() }),
        // A run that could be told would not be thrown away for a file: the message is the next one then.
        stop: steers && !run ? active : [],
      };
    });
    publisher.joinTask(principal.userId, task.id);
    if (steered) {
      await starter.publishSteering(steered.message);
      await tellRun(steered.executionId);
      return steered.ack;
    }
    await starter.start(written);
    stopper.stopSoon(stop);
    return written.ack;
  }

  async function regenerate(
    principal: Principal,
    { taskId, messageId, modelOverride }: z.infer<typeof ChatRegenerate>,
  ): Promise<ChatSendAck> {
    const task = await tasks.require(principal, taskId);
    const question = await questionOf(task, messageId);
    const turn = await prepareAgain(principal, { task, question, modelOverride });
    const written = await store.transaction(async (tx) => {
      const locked = await tx.tasks.lock(taskId);
      if (!locked) throw tasks.notFound(taskId);
      if ((await tx.executions.activeOfTask(taskId)).length > 0) {
        throw new ApiError('Conflict', 'An answer is being written. Stop it before you ask for another one.');
      }
      const at = now();
      const answer = answerRows(turn, { taskId, parentId: question.id, now: at });
      const turnWritten = await writeAnswer(tx, { task: locked, question, answer, now: at });
      // Clients cannot tell by themselves which message it answers, so it is announced before it begins.
      return { ...turnWritten, messages: answer ? [answer.message] : [] };
    });
    await starter.start(written);
    return written.ack;
  }

  /** The user message that an answer follows; the message itself when it is one. */
  async function questionOf(task: TaskRow, messageId: string): Promise<MessageRow> {
    const message = await store.messages.get(messageId);
    if (!message || message.taskId !== task.id || message.queued) throw noMessage(messageId);
    if (message.role === 'user') return message;
    const question = message.parentId === null ? undefined : await store.messages.get(message.parentId);
    if (!question) throw new ApiError('NotFound', 'the message that this answer follows is gone');
    return question;
  }

  async function prepareAgain(
    principal: Principal,
    {
      task,
      question,
      modelOverride,
    }: { task: TaskRow; question: MessageRow; modelOverride: ChatSend['modelOverride'] },
  ): Promise<PreparedTurn> {
    const sentWith = MessageOptions.parse(question.options);
    const request = {
      team: await turns.teamOf(principal, task, sentWith.team),
      text: question.text,
      modelOverride: modelOverride ?? sentWith.modelOverride,
      options: sentWith.options,
    };
    const turn = await turns.prepare(principal, { ...request, isGroup: task.isGroup });
    // Nobody was called, or the one who was is gone: who asks for an answer by hand gets that of the Team.
    return turn.runs.length > 0 ? turn : turns.prepare(principal, { ...request, isGroup: false });
  }

  async function cancel(
    principal: Principal,
    {
      taskId,
      messageId,
      executionId,
    }: { taskId: string; messageId?: string | undefined; executionId?: string | undefined },
  ): Promise<ChatCancelAck> {
    const task = await tasks.require(principal, taskId);
    const active = await store.executions.activeOfTask(taskId);
    const wanted = messageId === undefined ? undefined : await answersOf(taskId, messageId);
    const runs = active.filter((execution) => wanted === undefined || wanted.has(execution.messageId));
    if (executionId !== undefined) return { outcome: outcomeOf(await stopOne(taskId, executionId, runs)) };
    const open = wanted ?? (task.activeLeafId === null ? [] : [task.activeLeafId]);
    return { outcome: outcomeOf(await stopper.stopAnswers([...runs.map((run) => run.messageId), ...open])) };
  }

  /** Stops one run of a Team, with those that it has started. */
  async function stopOne(
    taskId: string,
    executionId: string,
    active: readonly ExecutionRow[],
  ): Promise<boolean> {
    const run = await store.executions.get(executionId);
    if (!run || run.taskId !== taskId)
      throw new ApiError('NotFound', `run "${executionId}" not found in this conversation`);
    return stopper.stopRuns(
      active.filter(({ id, parentExecutionId }) => id === executionId || parentExecutionId === executionId),
    );
  }

  /** An answer, or all answers to a user message: who has just sent one knows no other id. */
  async function answersOf(taskId: string, messageId: string): Promise<Set<string>> {
    const children = await store.messages.children(taskId, messageId);
    return new Set([messageId, ...children.map(({ id }) => id)]);
  }

  return {
    /** Takes a message; the same `clientMessageId` again gets the same answer and writes nothing. */
    send,
    /** Begins a task that was put together elsewhere. */
    begin,
    /** Begins another answer beside one that is there. */
    regenerate,
    /** Stops the runs of an answer, or of the whole task; resolves when they have stopped. */
    cancel,
    /** Changes a message that waits. */
    changeQueued: queue.change,
  };
}

// The message that a new one shall follow must be there.
async function checkParent(tx: Store, task: TaskRow, parentId: string | null | undefined): Promise<void> {
  if (parentId === undefined || parentId === null) return;
  const parent = await tx.messages.get(parentId);
  if (!parent || parent.taskId !== task.id || parent.queued) throw noMessage(parentId);
}

/** Does a message go on with what a run is writing, and with no other version of the conversation? */
async function followsNewest(
  tx: Store,
  run: ExecutionRow,
  parentId: string | null | undefined,
): Promise<boolean> {
  return (
    parentId === undefined ||
    parentId === run.messageId ||
    parentId === (await tx.messages.newestLeaf(run.taskId, run.messageId))
  );
}

function outcomeOf(wasCancelled: boolean): ChatCancelAck['outcome'] {
  return wasCancelled ? 'cancelled' : 'already-finished';
}

function noMessage(messageId: string): ApiError {
  return new ApiError('NotFound', `message "${messageId}" not found in this conversation`);
}

function busy(): ApiError {
  return new ApiError(
    'Conflict',
    'An answer is being written. Wait for it, stop it, or send with whenBusy "queue".',
  );
}
