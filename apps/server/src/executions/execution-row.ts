import { createHash } from 'node:crypto';
import type { RunStep, ShellType } from '@wegent/api';
import { type ExecutionRow, newId } from '@wegent/store';
import type { RunOptions } from '../chat/turn-options.ts';
import type { AnswerPlan } from './answer-plan.ts';
import type { NextStep } from './collaboration.ts';

/** The row of a run that nobody has begun. */
export function executionRow({
  id = newId(),
  taskId,
  messageId,
  parentExecutionId = null,
  bot,
  memberIndex,
  shellType,
  maxAttempts,
  options,
  now,
}: {
  id?: string;
  taskId: string;
  messageId: string;
  parentExecutionId?: string | null;
  bot: ExecutionRow['bot'];
  memberIndex: number;
  shellType: ShellType;
  maxAttempts: number;
  options: RunOptions;
  now: number;
}): ExecutionRow {
  return {
    id,
    taskId,
    messageId,
    parentExecutionId,
    bot,
    memberIndex,
    shellType,
    state: 'pending',
    attempt: 0,
    maxAttempts,
    managerId: null,
    leaseUntil: null,
    lastSeq: 0,
    irreversible: false,
    error: null,
    usage: null,
    options,
    createdAt: now,
    enqueuedAt: now,
    startedAt: null,
    finishedAt: null,
    cancelRequestedAt: null,
    cursor: null,
  };
}

/** The row of a step of a Team's turn. Its id follows from the answer and the step: whoever plans it twice makes one. */
export function stepRow(
  plan: AnswerPlan,
  { step, member }: Pick<NextStep, 'step' | 'member'>,
  place: { taskId: string; messageId: string; parentExecutionId?: string; now: number; instruction?: string },
): ExecutionRow {
  const planned = plan.members[member];
  if (!planned) throw new Error(`the plan has no member ${member}`);
  const { instruction, ...rest } = place;
  return executionRow({
    ...rest,
    id: stepId(place.messageId, step),
    bot: planned.bot,
    memberIndex: member,
    shellType: planned.shellType,
    maxAttempts: planned.maxAttempts,
    options: {
      step,
      ...(planned.prompt ? { memberPrompt: planned.prompt } : {}),
      ...(planned.model === undefined ? {} : { model: planned.model }),
      ...(plan.modelOverride ? { modelOverride: plan.modelOverride } : {}),
      ...(plan.options ? { options: plan.options } : {}),
      ...(instruction === undefined ? {} : { instruction }),
    },
  });
}

/** A UUIDv7 with the time of the answer, and in place of chance the step. */
export function stepId(messageId: string, { key }: Pick<RunStep, 'key'>): string {
  const hash = createHash('sha256').update(`${messageId} ${key}`).digest('hex');
  const time = messageId.slice(0, 13);
  return `${time}-7${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
}
