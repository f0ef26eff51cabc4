import {
  applyFold,
  EMPTY_FOLD,
  type ExecutionEvent,
  isFinal,
  isFinalMessage,
  type Message,
  type MessageFold,
  reduceEvents,
  type SequencedEvent,
} from '@wegent/api';
import type { ServerSignal } from './chat-socket.ts';
import { insertMessage } from './task-path.ts';
import type { Draft, TaskMessage } from './task-state.ts';

type RunSignal = Extract<ServerSignal, { payload: { seq: number } }>;

/** The numbered events that an event of the server stands for. */
export function numberedEvents(signal: RunSignal): SequencedEvent[] {
  const { seq, messageId, executionId } = signal.payload;
  const one = (event: ExecutionEvent): SequencedEvent[] => [{ seq, messageId, executionId, event }];
  switch (signal.name) {
    case 'chat:start': {
      const { attempt, bot, shellType, model, step } = signal.payload;
      return one({
        type: 'run-start',
        executionId,
        attempt,
        bot,
        shellType,
        ...(model === undefined ? {} : { model }),
        ...(step === undefined ? {} : { step }),
      });
    }
    case 'chat:chunk': {
      // The numbers of a chunk have no gap, and `seq` is that of its last event.
      const { events } = signal.payload;
      return events.map((event, index) => ({
        seq: seq - events.length + 1 + index,
        messageId,
        executionId,
        event,
      }));
    }
    case 'chat:done':
      // Its usage is the sum of the run's `usage` events, which have been counted.
      return one({ type: 'finish', outcome: signal.payload.outcome ?? 'completed' });
    case 'chat:error':
      return one({ type: 'finish', outcome: 'failed', error: signal.payload.error });
    case 'chat:cancelled':
      return one({ type: 'finish', outcome: 'cancelled' });
  }
}

/** Folds events, in the order of their numbers, into the messages of a draft. */
export function foldEvents(draft: Draft, events: readonly SequencedEvent[], now: string): void {
  const touched = new Set<string>();
  for (const { seq, messageId, executionId, event } of events) {
    if (event.type === 'run-start' && !draft.entries.has(messageId)) {
      insertMessage(draft, {
        message: newAnswer(draft, { messageId, event, now }),
        fold: EMPTY_FOLD,
        upTo: 0,
      });
    }
    const entry = draft.entries.get(messageId);
    // An answer of which the beginning is not known stands on another branch; selecting that loads it whole.
    if (!entry || seq <= entry.upTo) continue;
    if (isOver(entry.fold, executionId) && event.type !== 'run-start' && event.type !== 'finish') continue;
    const fold = withTimes(entry.fold, reduceEvents(entry.fold, executionId, event), now);
    draft.entries.set(messageId, { ...entry, fold, upTo: seq });
    touched.add(messageId);
  }
  for (const messageId of touched) {
    const entry = draft.entries.get(messageId);
    if (entry) draft.entries.set(messageId, { ...entry, message: fill(entry.message, entry.fold, now) });
  }
}

function fill(message: TaskMessage, fold: MessageFold, now: string): TaskMessage {
  const { finishedAt = now, ...rest } = applyFold(message, fold);
  // Members that work inside a run are no executions of their own.
  const runs = fold.runs.filter((run) => !run.inside);
  const executionIds = [...new Set([...rest.executionIds, ...runs.map((run) => run.executionId)])];
  return { ...rest, executionIds, ...(isFinalMessage(rest.status) ? { finishedAt } : {}) };
}

// The events of a Team's runs carry no times; whoever sees them come knows when.
function withTimes(before: MessageFold, fold: MessageFold, now: string): MessageFold {
  if (before.runs === fold.runs) return fold;
  const runs = fold.runs.map((run) => {
    if (run.step === undefined) return run;
    const begins = run.startedAt === undefined && run.state !== 'pending' && run.state !== 'skipped';
    const ends = run.finishedAt === undefined && isFinal(run.state);
    if (!begins && !ends) return run;
    return { ...run, ...(begins ? { startedAt: now } : {}), ...(ends ? { finishedAt: now } : {}) };
  });
  return { ...fold, runs };
}

// A message that came whole may already hold the events of its finished runs.
function isOver(fold: MessageFold, executionId: string): boolean {
  const run = fold.runs.find((candidate) => candidate.executionId === executionId);
  return run !== undefined && isFinal(run.state);
}

function newAnswer(
  draft: Draft,
  {
    messageId,
    event,
    now,
  }: { messageId: string; event: Extract<ExecutionEvent, { type: 'run-start' }>; now: string },
): Message {
  const parentId = draft.path.findLast((id) => draft.entries.get(id)?.message.role === 'user') ?? null;
  return {
    id: messageId,
    taskId: draft.task.taskId,
    parentId,
    role: 'assistant',
    sender: { bot: event.bot },
    text: '',
    blocks: [],
    status: 'pending',
    attachments: [],
    executionIds: [],
    shellType: event.shellType,
    ...(event.model === undefined ? {} : { model: event.model }),
    createdAt: now,
    siblings: { index: 1, count: 1, ids: [messageId] },
  };
}
