import {
  ApiError,
  type ApprovalDecision,
  type PendingDecision,
  type QuestionAnswers,
  type RunInput,
} from '@wegent/api';
import { type ApprovalRow, type ApprovalState, newId, type Store } from '@wegent/store';
import type { Principal } from '../auth/principal.ts';
import { toTime } from '../http/time.ts';
import type { Publisher } from '../realtime/publisher.ts';

/** Decisions that one list shows. */
const MAX_WAITING = 200;

/** What runs ask people, see `createApprovalService`. */
export type ApprovalService = ReturnType<typeof createApprovalService>;

/**
 * Approvals and questions. Whoever takes part in a task may decide what its runs ask; for everybody else the question
 * does not exist. The first decision counts; it is stored together with the input that tells the run.
 */
export function createApprovalService({
  store,
  publisher,
  tellRun,
  now = Date.now,
}: {
  store: Store;
  publisher: Publisher;
  /** Lets the manager of a run look for inputs at once. */
  tellRun: (executionId: string) => Promise<void>;
  now?: () => number;
}) {
  async function decide(
    principal: Principal,
    { type, id, executionId }: Asked,
    decision: {
      state: Exclude<ApprovalState, 'pending'>;
      input: (row: ApprovalRow, by: string) => RunInput;
    },
  ): Promise<void> {
    const found = await store.approvals.find(id, { userId: principal.userId, type });
    const row = chooseOne(
      found.filter((one) => executionId === undefined || one.executionId === executionId),
      `${type} "${id}"`,
    );
    const by = await nameOf(principal);
    const input = decision.input(row, by);
    await store.transaction(async (tx) => {
      const remember = input.type === 'approval' ? input.remember : undefined;
      if (!(await tx.approvals.decide(row, { state: decision.state, by, at: now(), remember })))
        throw taken((await tx.approvals.get(row.executionId, row.id)) ?? row);
      await tx.runInputs.insert(row.executionId, input, now());
    });
    const members = await store.tasks.members(row.taskId);
    publisher.toUsers(
      members.map(({ userId }) => userId),
      'approval:resolved',
      { taskId: row.taskId, approvalId: id },
    );
    await tellRun(row.executionId);
  }

  async function nameOf(principal: Principal): Promise<string> {
    return (await store.users.get(principal.userId))?.displayName || principal.username;
  }

  return {
    /** What waits for the caller, newest first. */
    async waiting(principal: Principal): Promise<PendingDecision[]> {
      const rows = await store.approvals.waitingFor(principal.userId, MAX_WAITING);
      return rows.map((row) => ({
        id: row.id,
        type: row.type,
        taskId: row.taskId,
        taskTitle: row.taskTitle,
        executionId: row.executionId,
        ...(row.tool === null ? {} : { tool: row.tool }),
        title: row.title,
        input: row.input,
        ...(row.reason === null ? {} : { reason: row.reason }),
        createdAt: toTime(row.createdAt),
      }));
    },

    /** Allows or refuses a tool call. Conflict, saying by whom, when that was decided before. */
    decide(
      principal: Principal,
      { approvalId, executionId }: { approvalId: string; executionId?: string | undefined },
      decision: ApprovalDecision,
    ): Promise<void> {
      const { remember, ...rest } = decision;
      return decide(
        principal,
        { type: 'approval', id: approvalId, executionId },
        {
          state: decision.decision,
          input: (_row, by) => ({
            type: 'approval',
            id: newId(),
            by,
            approvalId,
            ...rest,
            ...(remember ? { remember: { ...remember, decision: decision.decision } } : {}),
          }),
        },
      );
    },

    /** Answers what an agent asked. Conflict when somebody was first, Invalid when an answer is to no question of it. */
    answer(
      principal: Principal,
      { questionId, executionId }: { questionId: string; executionId?: string | undefined },
      { answers }: QuestionAnswers,
    ): Promise<void> {
      return decide(
        principal,
        { type: 'question', id: questionId, executionId },
        {
          state: 'answered',
          input: (row, by) => {
            checkAnswers(row, answers);
            return { type: 'answer', id: newId(), by, questionId, answers };
          },
        },
      );
    },
  };
}

/** A question as somebody names it. Engines make the ids; the run is needed where several ask under one. */
interface Asked {
  type: ApprovalRow['type'];
  id: string;
  executionId: string | undefined;
}

// Newest first. A decision must never go to another run than the person looked at.
function chooseOne(found: readonly ApprovalRow[], what: string): ApprovalRow {
  const pending = found.filter(({ state }) => state === 'pending');
  if (pending.length > 1) {
    throw new ApiError(
      'Conflict',
      `${pending.length} runs wait for an answer to ${what}; name one of them with ?executionId=`,
    );
  }
  const row = pending[0] ?? found[0];
  if (!row) throw new ApiError('NotFound', `${what} not found`);
  return row;
}

function checkAnswers(row: ApprovalRow, answers: QuestionAnswers['answers']): void {
  const questions: unknown[] = Array.isArray(row.input) ? row.input : [];
  const ids = questions.flatMap((question) =>
    typeof question === 'object' && question !== null && 'id' in question ? [String(question.id)] : [],
  );
  const unknown = Object.keys(answers).filter((id) => !ids.includes(id));
  if (unknown.length === 0) return;
  const message = `there is no question ${unknown.map((id) => `"${id}"`).join(', ')}; asked were ${ids.join(', ')}`;
  throw new ApiError('Invalid', `answers: ${message}`, {
    details: {
      causes: unknown.map((id) => ({ reason: 'FieldValueNotFound', field: `answers.${id}`, message })),
    },
  });
}

function taken({ state, decidedBy }: ApprovalRow): ApiError {
  const who = decidedBy ?? 'Somebody else';
  switch (state) {
    case 'allow':
      return new ApiError('Conflict', `${who} has allowed this already.`);
    case 'deny':
      return new ApiError('Conflict', `${who} has refused this already.`);
    case 'answered':
      return new ApiError('Conflict', `${who} has answered this already.`);
    default:
      return new ApiError('Conflict', 'The run that asked this does not wait for an answer any more.');
  }
}
