import {
  applyFold,
  EMPTY_FOLD,
  insideRunOf,
  isFinal,
  type Message,
  type MessageFold,
  type RunFold,
  reduceEvents,
  type SequencedEvent,
  signatureOf,
  withoutUsage,
} from '@wegent/api';
import type { ExecutionRow, MessageRow, Store } from '@wegent/store';
import { MessageOptions, RunOptions } from '../chat/turn-options.ts';
import { AnswerOptions, outlineOf } from '../executions/answer-plan.ts';
import { toTime } from '../http/time.ts';

/** Messages of one page, newest page first in time, oldest message first in the page. */
export interface ConversationPage {
  messages: Message[];
  /** Id to ask the page before with; absent on the first page of the conversation. */
  continue?: string;
}

/**
 * Reads a page of the active path. Answers that are being written are folded to exactly `upTo`.
 * Call it inside a transaction, so that rows and events are of one moment.
 */
export async function readConversation(
  store: Store,
  {
    taskId,
    leafId,
    before,
    limit,
    upTo,
  }: { taskId: string; leafId: string | null; before?: string | undefined; limit: number; upTo: number },
): Promise<ConversationPage> {
  if (leafId === null) return { messages: [] };
  const rows = await store.messages.path(taskId, leafId, {
    limit: limit + 1,
    ...(before === undefined ? {} : { before }),
  });
  const page = rows.slice(-limit);
  const messages = await toMessages(store, page, upTo);
  const first = page[0];
  return { messages, ...(rows.length > limit && first ? { continue: first.id } : {}) };
}

/** Completes rows to messages: siblings, runs, and the fold of what is not final yet. */
export async function toMessages(
  store: Store,
  rows: readonly MessageRow[],
  upTo = Number.MAX_SAFE_INTEGER,
): Promise<Message[]> {
  const first = rows[0];
  if (!first) return [];
  const siblings = await store.messages.siblings(
    first.taskId,
    rows.map((row) => row.id),
  );
  const executions = await store.executions.ofMessages(
    rows.filter((row) => row.role === 'assistant').map((row) => row.id),
  );
  return Promise.all(
    rows.map(async (row) => {
      const message = toMessage(row, executions, siblings.get(row.id));
      if (row.role !== 'assistant' || row.finishedAt !== null) return message;
      const events = await store.events.ofMessage(row.id, { upTo });
      return events.length === 0
        ? message
        : withTimes(applyFold(message, foldEvents(events, plannedRuns(executions, row.id))), executions);
    }),
  );
}

/** Folds events of one message in their order. `runs` are those that it was planned with: they may not have begun. */
export function foldEvents(events: readonly SequencedEvent[], runs: readonly RunFold[] = []): MessageFold {
  const start: MessageFold = { ...EMPTY_FOLD, runs };
  return events.reduce((fold, { executionId, event }) => reduceEvents(fold, executionId, event), start);
}

function plannedRuns(executions: readonly ExecutionRow[], messageId: string): RunFold[] {
  return executions
    .filter((execution) => execution.messageId === messageId && execution.parentExecutionId === null)
    .map((execution) => ({ executionId: execution.id, state: 'pending', attempt: 0, ...partOf(execution) }));
}

/** What a run is in the turn of a Team; nothing of a solo answer. */
function partOf({ options, bot, shellType }: ExecutionRow): Partial<RunFold> {
  const { step, model } = RunOptions.parse(options);
  return step ? { step, bot, shellType, ...(model === undefined ? {} : { model }) } : {};
}

/** The run as its row tells it, with the times. */
function runOf(execution: ExecutionRow): RunFold {
  const { id, state, attempt, error, usage, startedAt, finishedAt, parentExecutionId } = execution;
  return {
    executionId: id,
    ...(parentExecutionId === null ? {} : { parentExecutionId }),
    state,
    attempt,
    ...(error === null ? {} : { error }),
    ...partOf(execution),
    ...(usage === null ? {} : { usage }),
    ...(startedAt === null ? {} : { startedAt: toTime(startedAt) }),
    ...(finishedAt === null ? {} : { finishedAt: toTime(finishedAt) }),
  };
}

/** All who took part: the runs, then the members that worked inside one. */
function runsOf(executions: readonly ExecutionRow[], { blocks }: MessageRow): RunFold[] {
  const inside = blocks.flatMap((block) => insideRunOf(block) ?? []);
  return [...executions.map((execution) => withOwnUsage(runOf(execution), inside)), ...inside];
}

/** The row of a run sums up what its members used as well. */
function withOwnUsage(run: RunFold, inside: readonly RunFold[]): RunFold {
  const own = inside
    .filter(({ parentExecutionId }) => parentExecutionId === run.executionId)
    .reduce((left, { usage }) => left && usage && withoutUsage(left, usage), run.usage);
  return own ? { ...run, usage: own } : run;
}

function inputsOf({ role, options }: MessageRow): Pick<Message, 'inputs'> {
  const inputs = role === 'user' ? MessageOptions.parse(options).options?.inputs : undefined;
  return inputs ? { inputs } : {};
}

// States come from the events, up to where the client is; times stand in the rows.
function withTimes(message: Message, executions: readonly ExecutionRow[]): Message {
  const rows = new Map(executions.map((execution) => [execution.id, runOf(execution)]));
  const runs = message.runs?.map((run) => {
    const { startedAt, finishedAt } = rows.get(run.executionId) ?? {};
    if (run.step === undefined) return run;
    return {
      ...run,
      ...(startedAt === undefined || run.state === 'pending' ? {} : { startedAt }),
      ...(finishedAt === undefined || !isFinal(run.state) ? {} : { finishedAt }),
    };
  });
  return runs ? { ...message, runs } : message;
}

function toMessage(
  row: MessageRow,
  executions: readonly ExecutionRow[],
  siblings: { index: number; count: number; ids: string[] } | undefined,
): Message {
  const runs = executions.filter((execution) => execution.messageId === row.id);
  const { plan } = AnswerOptions.parse(row.options);
  const parts = plan ? runsOf(runs, row) : [];
  const model = runs.map((run) => RunOptions.parse(run.options).model).find((name) => name !== undefined);
  return {
    id: row.id,
    taskId: row.taskId,
    parentId: row.parentId,
    role: row.role,
    sender: row.sender,
    text: row.text,
    blocks: row.blocks,
    status: row.status,
    ...(row.error === null ? {} : { error: row.error }),
    attachments: row.attachments,
    executionIds: runs.map((run) => run.id),
    ...(plan ? { turn: outlineOf(plan), runs: parts } : {}),
    ...(row.shellType === null ? {} : { shellType: row.shellType }),
    ...(model === undefined ? {} : { model }),
    ...(plan && row.finishedAt !== null ? signatureOf({ blocks: row.blocks, runs: parts }) : {}),
    ...(row.usage === null ? {} : { usage: row.usage }),
    createdAt: toTime(row.createdAt),
    ...(row.finishedAt === null ? {} : { finishedAt: toTime(row.finishedAt) }),
    ...(row.clientMessageId === null ? {} : { clientMessageId: row.clientMessageId }),
    ...inputsOf(row),
    siblings: siblings ?? { index: 1, count: 1, ids: [row.id] },
  };
}
