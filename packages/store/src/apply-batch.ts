import { addUsage, type ExecutionEvent, type ExecutionState, isFinal, RunStep } from '@wegent/api';
import { changeDecisions, type DecisionChange } from './decisions.ts';
import type { ExecutionRow } from './execution.repository.ts';

/**
 * What one writer has to say about one run. `attempt` is the number its claim gave it; `'server'` is the server
 * itself, which raises the attempt so that any holder of the lease is fenced off. `firstSeq` counts per execution
 * from 1; `'next'` puts the events behind what is stored.
 */
export interface AppendBatch {
  executionId: string;
  attempt: number | 'server';
  firstSeq: number | 'next';
  events: readonly ExecutionEvent[];
  /** Kept with the run, where the batch brings one. */
  cursor?: string | undefined;
}

/** What becomes of a run when a batch arrives; `events` are the new ones, numbered from `firstSeq`. */
export type BatchEffect =
  | {
      status: 'appended';
      execution: ExecutionRow;
      firstSeq: number;
      events: readonly ExecutionEvent[];
      decisions: DecisionChange;
    }
  | { status: 'stale' }
  | { status: 'gap'; expected: number };

/**
 * Decides what a batch does to a run. Pure. Replayed events are dropped, an old attempt and a run that nobody
 * holds are refused, and a run that is over takes nothing new. A run waits as long as a question of its is open;
 * `open` holds the ids of those that were before.
 */
export function applyBatch(
  execution: ExecutionRow,
  batch: AppendBatch,
  now: number,
  open: ReadonlySet<string> = new Set(),
): BatchEffect {
  const expected = execution.lastSeq + 1;
  const firstSeq = batch.firstSeq === 'next' ? expected : batch.firstSeq;
  if (batch.attempt !== 'server' && batch.attempt !== execution.attempt) return { status: 'stale' };
  if (firstSeq > expected) return { status: 'gap', expected };
  const isHeld = batch.attempt === 'server' || execution.state !== 'pending';
  if (!isHeld) return { status: 'stale' };
  const fresh = announced(execution, batch).slice(expected - firstSeq);
  if (isFinal(execution.state)) {
    const isReplay = batch.attempt !== 'server' && batch.firstSeq !== 'next' && fresh.length === 0;
    return isReplay
      ? {
          status: 'appended',
          execution,
          firstSeq: expected,
          events: [],
          decisions: { opened: [], closed: [] },
        }
      : { status: 'stale' };
  }
  // Nothing comes after the end.
  const end = fresh.findIndex((event) => event.type === 'finish');
  const events = (end === -1 ? fresh : fresh.slice(0, end + 1)).map((event) => withStep(event, execution));
  const fenced = batch.attempt === 'server' ? { ...execution, attempt: execution.attempt + 1 } : execution;
  const moved = events.reduce((row, event) => applyEvent(row, event, now), fenced);
  const stillOpen = new Set(open);
  const decisions = changeDecisions(stillOpen, events);
  return {
    status: 'appended',
    execution: {
      ...moved,
      state: waitingState(moved.state, decisions, stillOpen),
      lastSeq: execution.lastSeq + events.length,
      // What is replayed may carry an older one; the newest is that of the newest events.
      cursor: fresh.length === 0 || batch.cursor === undefined ? execution.cursor : batch.cursor,
    },
    firstSeq: expected,
    events,
    decisions,
  };
}

function isDelegation({ tool }: Extract<ExecutionEvent, { type: 'tool-call' }>): boolean {
  // The second is its name in Claude Code.
  return tool === 'delegate' || tool === 'mcp__team__delegate';
}

// A step of a Team that the server itself ends, or waits with, never had a manager that announced it.
function announced(execution: ExecutionRow, { attempt, events }: AppendBatch): readonly ExecutionEvent[] {
  const { id, bot, shellType, options, lastSeq } = execution;
  if (attempt !== 'server' || lastSeq > 0 || options.step === undefined) return events;
  return [{ type: 'run-start', executionId: id, attempt: execution.attempt + 1, bot, shellType }, ...events];
}

// What a run is for in its turn is known here; whoever runs it has no word in it.
function withStep(event: ExecutionEvent, { options }: ExecutionRow): ExecutionEvent {
  if (event.type !== 'run-start') return event;
  const { step: _given, ...start } = event;
  const step = RunStep.safeParse(options.step);
  return step.success ? { ...start, step: step.data } : start;
}

function waitingState(
  state: ExecutionState,
  { closed }: DecisionChange,
  open: ReadonlySet<string>,
): ExecutionState {
  if (state === 'running' && open.size > 0) return 'waiting';
  return state === 'waiting' && closed.length > 0 && open.size === 0 ? 'running' : state;
}

function applyEvent(execution: ExecutionRow, event: ExecutionEvent, now: number): ExecutionRow {
  switch (event.type) {
    case 'approval-decided':
    case 'question-answered':
      // The last word on it is `waitingState`: another question may be open still.
      return execution.state === 'waiting' ? { ...execution, state: 'running' } : execution;
    case 'tool-call':
      // Work that was given away is found again by the next attempt, and not done twice.
      if (execution.irreversible || isDelegation(event)) return execution;
      return { ...execution, irreversible: true };
    case 'files-changed':
      return execution.irreversible ? execution : { ...execution, irreversible: true };
    case 'usage': {
      const { type: _type, member: _member, ...usage } = event;
      return { ...execution, usage: execution.usage ? addUsage(execution.usage, usage) : usage };
    }
    case 'session':
      return { ...execution, options: { ...execution.options, session: event.id } };
    case 'finish':
      return {
        ...execution,
        state: event.outcome,
        error: event.error ?? null,
        finishedAt: now,
        leaseUntil: null,
      };
    default:
      return execution;
  }
}
