import type { ApprovalDecision, PendingDecision, QuestionAnswers } from '@wegent/api';
import type { HttpClient } from './http.ts';

/** Answers to agents that ask before they act. */
export type ApprovalsApi = ReturnType<typeof createApprovalsApi>;

/** Creates the calls under /api/v1/approvals and /questions. `executionId` is that of the run which asks. */
export function createApprovalsApi(http: HttpClient) {
  return {
    /** What waits for the caller, newest first. */
    waiting: async (options: { signal?: AbortSignal } = {}): Promise<PendingDecision[]> =>
      (await http.request<{ items: PendingDecision[] }>('GET', '/api/v1/approvals', options)).items,
    /** Decides an approval; `Conflict` when somebody has, or its run is over. */
    decide: (approvalId: string, decision: ApprovalDecision, query: { executionId?: string } = {}) =>
      http.request<unknown>('POST', `/api/v1/approvals/${encodeURIComponent(approvalId)}`, {
        query,
        body: decision,
      }),
    /** Answers questions; `Conflict` as above. */
    answer: (questionId: string, answers: QuestionAnswers['answers'], query: { executionId?: string } = {}) =>
      http.request<unknown>('POST', `/api/v1/questions/${encodeURIComponent(questionId)}`, {
        query,
        body: { answers } satisfies QuestionAnswers,
      }),
  };
}
