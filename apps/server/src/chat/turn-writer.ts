import { ApiError, type AttachmentInfo, type ChatSend, type ChatSendAck } from '@wegent/api';
import { type ExecutionRow, type MessageRow, newId, type Store, type TaskRow } from '@wegent/store';
import type { Principal } from '../auth/principal.ts';
import { AnswerOptions } from '../executions/answer-plan.ts';
import { type PhaseChange, updatePhase } from '../executions/task-phase.ts';
import { answerRows } from './answer-rows.ts';
import type { PreparedTurn } from './turn.ts';
import { MessageOptions } from './turn-options.ts';

/** What a transaction wrote of a turn, and what is left to do after it. */
export interface WrittenTurn {
  taskId: string;
  /** Queue group: runs of one namespace take turns with those of others. */
  group: string;
  /** To be published. */
  messages: MessageRow[];
  /** To be queued. */
  executions: ExecutionRow[];
  /** The Team in whose line the turn waits, by its uid: its runs are queued when it is let in. */
  waitsFor?: string | undefined;
  change: PhaseChange | undefined;
  ack: ChatSendAck;
}

/** A user message that is about to be written. */
export interface NewMessage {
  principal: Principal;
  input: Pick<ChatSend, 'clientMessageId' | 'message' | 'options' | 'team'>;
  files: AttachmentInfo[];
  /** The message that it follows; `undefined` for the newest. */
  follows: string | null | undefined;
  /** Where it waits, when it does: behind the others, or before them. */
  queue?: { before: readonly MessageRow[] } | undefined;
}

/** Writes a user message and, unless it waits, the answer that follows it. Call it inside a transaction. */
export async function writeTurn(
  tx: Store,
  { task, turn, message, now }: { task: TaskRow; turn: PreparedTurn; message: NewMessage; now: number },
): Promise<WrittenTurn> {
  const { principal, files, queue, follows } = message;
  const senderName = await senderNameOf(tx, principal);
  const question = questionRow({ task, turn, message, senderName, now });
  const linked = await tx.attachments.link(
    files.map((file) => file.id),
    { taskId: task.id, messageId: question.id },
  );
  if (linked < files.length)
    throw new ApiError(
      'Conflict',
      'a file was sent with another message at the same moment; upload it again',
    );
  await tx.tasks.touch(task.id, now, { unreadFor: 'others', by: principal.userId });
  if (queue) {
    await tx.messages.insert(question);
    return nothingMore(task, question);
  }
  const parentId = follows === undefined ? task.activeLeafId : follows;
  const answer = answerRows(turn, { taskId: task.id, parentId: question.id, now });
  const row = withRuns({ ...question, parentId }, answer?.executions);
  await tx.messages.insert(row);
  await tx.tasks.update(task.id, { activeLeafId: row.id });
  const written = await writeAnswer(tx, { task, question: row, answer, now });
  return { ...written, messages: [row, ...announced(answer)] };
}

/** The answer where it is to be shown before it begins: of a Team, so that everybody sees who will take part. */
export function announced(answer: ReturnType<typeof answerRows>): MessageRow[] {
  return answer && AnswerOptions.parse(answer.message.options).plan ? [answer.message] : [];
}

/** Writes the answer to a message and its runs; without one, nobody was called. Call it inside a transaction. */
export async function writeAnswer(
  tx: Store,
  {
    task,
    question,
    answer,
    now,
  }: { task: TaskRow; question: MessageRow; answer: ReturnType<typeof answerRows>; now: number },
): Promise<WrittenTurn> {
  if (!answer) return nothingMore(task, question);
  await tx.messages.insert(answer.message);
  await tx.executions.insert(answer.executions);
  await tx.tasks.update(task.id, { activeLeafId: answer.message.id });
  const change = await updatePhase(tx, { taskId: task.id, messageId: answer.message.id, now });
  return {
    ...nothingMore(task, question),
    executions: answer.executions,
    ...(answer.message.turnLine === 'waiting' && answer.message.teamUid !== null
      ? { waitsFor: answer.message.teamUid }
      : {}),
    change,
    ack: {
      ...acknowledgement(question),
      executionIds: answer.executions.map((execution) => execution.id),
    },
  };
}

/** What the sender of a stored message is told, however often it asks. */
export function acknowledgement(message: MessageRow): ChatSendAck {
  return {
    taskId: message.taskId,
    messageId: message.id,
    executionIds: MessageOptions.parse(message.options).executionIds ?? [],
    ...(message.queued ? { queued: true } : {}),
  };
}

/** The message with the runs that it began beside it. */
export function withRuns(
  message: MessageRow,
  executions: readonly Pick<ExecutionRow, 'id'>[] = [],
): MessageRow {
  const executionIds = executions.map((execution) => execution.id);
  return { ...message, options: { ...message.options, executionIds } };
}

function nothingMore(task: TaskRow, message: MessageRow): WrittenTurn {
  return {
    taskId: task.id,
    group: task.namespace,
    messages: [message],
    executions: [],
    change: undefined,
    ack: acknowledgement(message),
  };
}

/** The name that others see beside a message. */
export async function senderNameOf(tx: Store, principal: Principal): Promise<string> {
  return (await tx.users.get(principal.userId))?.displayName ?? principal.username;
}

/** The row of a person's message. */
export function questionRow({
  task,
  turn,
  message: { principal, input, files, queue, follows },
  senderName,
  now,
}: {
  task: TaskRow;
  turn: PreparedTurn;
  message: NewMessage;
  senderName: string;
  now: number;
}): MessageRow {
  // The oldest is first in the queue; the time before the oldest puts this one in front.
  const createdAt = Math.min(now, ...(queue?.before ?? []).map((row) => row.createdAt - 1));
  return {
    id: newId(),
    taskId: task.id,
    parentId: null,
    role: 'user',
    sender: { userId: principal.userId, name: senderName },
    text: input.message,
    blocks: [],
    status: queue ? 'pending' : 'completed',
    error: null,
    // Only what everybody may see: rows also carry text and place of the file.
    attachments: files.map(({ id, name, mediaType, size }) => ({ id, name, mediaType, size })),
    shellType: null,
    usage: null,
    clientMessageId: input.clientMessageId,
    options: {
      ...(turn.modelOverride ? { modelOverride: turn.modelOverride } : {}),
      ...(input.options ? { options: input.options } : {}),
      ...(input.team
        ? { team: { name: turn.team.metadata.name, namespace: turn.team.metadata.namespace } }
        : {}),
      ...(queue && follows !== undefined ? { follows } : {}),
    } satisfies MessageOptions,
    createdAt,
    finishedAt: now,
    queued: queue !== undefined,
    teamUid: null,
    turnLine: null,
  };
}
