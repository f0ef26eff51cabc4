import {
  applyFold,
  type ChatResumeAck,
  EMPTY_FOLD,
  type ExecutionEvent,
  type Message,
  reduceEvents,
  type SequencedEvent,
  type TaskItem,
  type TaskJoinAck,
} from '@wegent/api';
import type { ServerSignal } from '../src/chat-socket.ts';

/** The one moment at which everything in a scripted task happens. */
export const NOW = '2026-01-01T00:00:00.000Z';
export const TASK_ID = 'task-1';

/** A question and the runs that answer it; the events are in the order in which they are stored. */
export interface Turn {
  runs: readonly string[];
  events: readonly { executionId: string; event: ExecutionEvent }[];
}

/** What happens in a task, step by step: a question with its planned answer, or an event of a run. */
export type Step = { question: Message; answer?: Message } | SequencedEvent;

/** The task object of the script. */
export const task: TaskItem = {
  apiVersion: 'agent.wecode.io/v1',
  kind: 'Task',
  metadata: { name: 'task-1', namespace: 'default', uid: TASK_ID },
  spec: { title: 'Script', prompt: '', teamRef: { name: 'team' }, type: 'chat' },
  taskId: TASK_ID,
  title: 'Script',
  phase: 'Running',
  updatedAt: NOW,
};

/** Lays turns out as steps. Message n of the task follows message n - 1. */
export function stepsOf(turns: readonly Turn[]): Step[] {
  let seq = 0;
  return turns.flatMap((turn, index): Step[] => {
    const question = userMessage(2 * index);
    const answer: Message = {
      ...blankMessage(2 * index + 1),
      role: 'assistant',
      sender: { bot: { name: 'bot', namespace: 'default' } },
      status: 'pending',
      executionIds: [...turn.runs],
      shellType: 'Chat',
    };
    const events = turn.events.map(({ executionId, event }): SequencedEvent => {
      seq += 1;
      return { seq, messageId: answer.id, executionId, event };
    });
    return [{ question, answer }, ...events];
  });
}

/** A question of the person, as the server stores it. */
export function userMessage(number: number): Message {
  return {
    ...blankMessage(number),
    role: 'user',
    sender: { userId: 'user-1', name: 'ann' },
    text: `question ${number}`,
  };
}

/** What the server has stored after some steps, folded the long way. */
export function messagesOf(steps: readonly Step[]): Message[] {
  const events = steps.filter((step) => 'seq' in step);
  return steps.flatMap((step) => {
    if ('seq' in step) return [];
    const { question, answer } = step;
    return answer
      ? [
          question,
          answerOf(
            answer,
            events.filter(({ messageId }) => messageId === answer.id),
          ),
        ]
      : [question];
  });
}

/** The answer to `task:join` after some steps. */
export function joinAckOf(steps: readonly Step[], pageSize = Number.MAX_SAFE_INTEGER): TaskJoinAck {
  return {
    task,
    messages: messagesOf(steps).slice(-pageSize),
    queued: [],
    lastSeq: lastSeqOf(steps),
    running: [],
  };
}

/** The answer to `chat:resume` after some steps; events up to `compactedSeq` are no longer kept. */
export function resumeAckOf(
  steps: readonly Step[],
  { afterSeq, compactedSeq = 0, pageSize }: { afterSeq: number; compactedSeq?: number; pageSize?: number },
): ChatResumeAck {
  const lastSeq = lastSeqOf(steps);
  if (afterSeq < compactedSeq) {
    return { snapshot: { messages: joinAckOf(steps, pageSize).messages, seq: lastSeq }, events: [], lastSeq };
  }
  return { events: steps.filter((step) => 'seq' in step).filter(({ seq }) => seq > afterSeq), lastSeq };
}

/** A signal, and how many steps the server has stored when it sends it. */
export interface WireItem {
  signal: ServerSignal;
  stored: number;
}

/**
 * Turns steps into the signals of the server. `chunkSizes` says, in turn, how many events of one run share a chunk;
 * with `announce`, planned answers are sent whole before they run.
 */
export function wireOf(
  steps: readonly Step[],
  { chunkSizes, announce }: { chunkSizes: readonly number[]; announce: boolean },
): WireItem[] {
  const wire: WireItem[] = [];
  let chunk: SequencedEvent[] = [];
  let chunks = 0;
  const flush = (stored: number) => {
    const last = chunk.at(-1);
    if (!last) return;
    const { seq, messageId, executionId } = last;
    const payload = { taskId: TASK_ID, messageId, executionId, seq, events: chunk.map(({ event }) => event) };
    wire.push({ signal: { name: 'chat:chunk', payload }, stored });
    chunk = [];
    chunks += 1;
  };
  steps.forEach((step, index) => {
    if (!('seq' in step)) {
      flush(index);
      for (const message of announce && step.answer ? [step.question, step.answer] : [step.question]) {
        wire.push({
          signal: { name: 'chat:message', payload: { taskId: TASK_ID, message } },
          stored: index + 1,
        });
      }
      return;
    }
    const end = endSignal(step);
    const full = chunk.length >= (chunkSizes[chunks % chunkSizes.length] ?? 1);
    if (end || full || chunk.at(-1)?.executionId !== step.executionId) flush(index);
    if (end) wire.push({ signal: end, stored: index + 1 });
    else chunk.push(step);
  });
  flush(steps.length);
  return wire;
}

function endSignal({ seq, messageId, executionId, event }: SequencedEvent): ServerSignal | undefined {
  const place = { taskId: TASK_ID, messageId, executionId, seq };
  if (event.type === 'run-start') {
    const { bot, shellType, attempt } = event;
    return { name: 'chat:start', payload: { ...place, bot, shellType, attempt } };
  }
  if (event.type !== 'finish') return undefined;
  if (event.error) return { name: 'chat:error', payload: { ...place, error: event.error } };
  if (event.outcome === 'cancelled') return { name: 'chat:cancelled', payload: place };
  return { name: 'chat:done', payload: { ...place, outcome: event.outcome } };
}

function answerOf(answer: Message, events: readonly SequencedEvent[]): Message {
  if (events.length === 0) return answer;
  const fold = events.reduce(
    (before, { executionId, event }) => reduceEvents(before, executionId, event),
    EMPTY_FOLD,
  );
  const started = fold.runs.map(({ executionId }) => executionId);
  const finished = events
    .filter(({ event }) => event.type === 'finish')
    .map(({ executionId }) => executionId);
  return {
    ...applyFold(answer, fold),
    executionIds: [...new Set([...answer.executionIds, ...started])],
    ...(answer.executionIds.every((id) => finished.includes(id)) ? { finishedAt: NOW } : {}),
  };
}

function lastSeqOf(steps: readonly Step[]): number {
  return steps.filter((step) => 'seq' in step).at(-1)?.seq ?? 0;
}

function blankMessage(number: number): Message {
  const id = messageId(number);
  return {
    id,
    taskId: TASK_ID,
    parentId: number === 0 ? null : messageId(number - 1),
    role: 'user',
    sender: { userId: 'user-1', name: 'ann' },
    text: '',
    blocks: [],
    status: 'completed',
    attachments: [],
    executionIds: [],
    createdAt: NOW,
    siblings: { index: 1, count: 1, ids: [id] },
  };
}

function messageId(number: number): string {
  return `m${String(number).padStart(4, '0')}`;
}
