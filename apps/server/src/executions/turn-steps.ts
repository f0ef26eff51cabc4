import type { ExecutionEvent } from '@wegent/api';
import { isFinal, textOfRun } from '@wegent/api';
import {
  type AppendBatch,
  type AppendResult,
  type ExecutionRow,
  type MessageRow,
  NOT_YET,
  type Store,
} from '@wegent/store';
import { RunOptions } from '../chat/turn-options.ts';
import { foldEvents } from '../tasks/conversation.ts';
import { AnswerOptions, type AnswerPlan } from './answer-plan.ts';
import { type NextStep, nextSteps, type StepRun } from './collaboration.ts';
import { stepRow } from './execution-row.ts';

/** What goes on after the transaction. */
export interface BegunSteps {
  /** To be queued. */
  started: ExecutionRow[];
  /** To be published. */
  stored: Extract<AppendResult, { status: 'appended' }>[];
}

/**
 * Goes on with the turn of a Team: stores the steps that begin now, and those that end without having begun. Call it
 * inside a transaction that holds the lock of the task. Planning the same twice makes nothing twice: what is there
 * already decides what comes next.
 */
export async function beginSteps(
  tx: Store,
  { message, executions, now }: { message: MessageRow; executions: readonly ExecutionRow[]; now: number },
): Promise<BegunSteps> {
  const { plan, stopped = false } = AnswerOptions.parse(message.options);
  if (!plan) return { started: [], stored: [] };
  const costUsd = executions.reduce((sum, { usage }) => sum + (usage?.costUsd ?? 0), 0);
  const steps = nextSteps(plan, { runs: await stepRuns(tx, message, executions), stopped, costUsd });
  if (steps.length === 0) return { started: [], stored: [] };
  const place = { taskId: message.taskId, messageId: message.id, now };
  const isWaiting = message.turnLine === 'waiting';
  const begun = steps.map((step) => {
    const planned = stepRow(plan, step, place);
    // What follows a run that was cancelled while its turn waits has to wait as well.
    const row = isWaiting ? { ...planned, enqueuedAt: NOT_YET } : planned;
    // A gate is at work from the start: no manager takes it.
    return {
      step,
      row: step.step.kind === 'gate' && !step.end ? { ...row, state: 'running' as const } : row,
    };
  });
  await tx.executions.insert(begun.map(({ row }) => row));
  const results = await tx.events.append(
    begun.flatMap(({ step, row }): AppendBatch[] => {
      const event = firstEvent(plan, step, row);
      return event ? [{ executionId: row.id, attempt: 'server', firstSeq: 'next', events: [event] }] : [];
    }),
    now,
  );
  return {
    started: begun.flatMap(({ step, row }) => (firstEvent(plan, step, row) ? [] : [row])),
    stored: results.filter((result) => result.status === 'appended'),
  };
}

function firstEvent(
  plan: AnswerPlan,
  { step, member, end }: NextStep,
  { id }: ExecutionRow,
): ExecutionEvent | undefined {
  if (end) return { type: 'finish', ...end };
  if (step.kind !== 'gate') return undefined;
  const next = plan.members[member + 1]?.name ?? '';
  return {
    type: 'approval-request',
    approvalId: `${id}-next`,
    tool: 'next-stage',
    title: `Go on with ${next}`,
    input: { from: step.member, to: next },
    reason: `The Team waits for a person after ${step.member}.`,
  };
}

async function stepRuns(
  tx: Store,
  message: MessageRow,
  executions: readonly ExecutionRow[],
): Promise<StepRun[]> {
  const runs = executions.flatMap((row) => {
    const { step } = RunOptions.parse(row.options);
    return step && row.parentExecutionId === null
      ? [{ id: row.id, step, state: row.state, error: row.error }]
      : [];
  });
  if (!runs.some(({ step, state }) => step.kind === 'route' && isFinal(state))) return runs;
  const fold = foldEvents(await tx.events.ofMessage(message.id));
  return runs.map((run) => (run.step.kind === 'route' ? { ...run, text: textOfRun(fold, run.id) } : run));
}
