import type { ResourceObject } from '@wegent/api';
import { type ExecutionRow, type MessageRow, NOT_YET, newId } from '@wegent/store';
import type { AnswerOptions } from '../executions/answer-plan.ts';
import { nextSteps } from '../executions/collaboration.ts';
import { executionRow, stepRow } from '../executions/execution-row.ts';
import type { PreparedTurn } from './turn.ts';

/** The rows of an answer that is about to be written: the message, and the runs that begin now. */
export function answerRows(
  turn: PreparedTurn,
  { taskId, parentId, now }: { taskId: string; parentId: string; now: number },
): { message: MessageRow; executions: ExecutionRow[] } | undefined {
  const messageId = newId();
  const executions = firstRuns(turn, { taskId, messageId, now }).map((row) =>
    turn.isLimited ? { ...row, enqueuedAt: NOT_YET } : row,
  );
  const first = executions[0];
  if (!first) return undefined;
  const message: MessageRow = {
    id: messageId,
    taskId,
    parentId,
    role: 'assistant',
    sender: { bot: first.bot },
    text: '',
    blocks: [],
    status: 'pending',
    error: null,
    attachments: [],
    shellType: first.shellType,
    usage: null,
    clientMessageId: null,
    options: (turn.plan ? { plan: turn.plan } : {}) satisfies AnswerOptions,
    createdAt: now,
    finishedAt: null,
    queued: false,
    teamUid: turn.team.metadata.uid ?? null,
    turnLine: turn.isLimited ? 'waiting' : null,
  };
  return { message, executions };
}

function firstRuns(
  { plan, runs, modelOverride, options }: PreparedTurn,
  place: { taskId: string; messageId: string; now: number },
): ExecutionRow[] {
  if (plan) {
    const begin = nextSteps(plan, { runs: [], stopped: false, costUsd: 0 });
    return begin.map((step) => stepRow(plan, step, place));
  }
  return runs.map(({ bot, memberIndex, shellType, maxAttempts, memberPrompt, model }) =>
    executionRow({
      ...place,
      bot: placeOf(bot),
      memberIndex,
      shellType,
      maxAttempts,
      options: {
        ...(memberPrompt ? { memberPrompt } : {}),
        ...(modelOverride ? { modelOverride } : {}),
        ...(options ? { options } : {}),
        ...(model === undefined ? {} : { model }),
      },
    }),
  );
}

/** Where an object stands. */
export function placeOf({ metadata: { name, namespace } }: ResourceObject): ExecutionRow['bot'] {
  return { name, namespace };
}
