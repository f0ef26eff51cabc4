import type { HttpClient } from './http.ts';

/** What a person decides about a tool call. */
export interface ApprovalDecision {
  decision: 'allow' | 'deny';
  /** Told to the model. */
  reason?: string;
  /** Input to run in place of the asked one. */
  updatedInput?: unknown;
  /** Decide alike from now on. */
  remember?: boolean;
}

/** Answers to agents that ask before they act. */
export type ApprovalsApi = ReturnType<typeof createApprovalsApi>;

/** Creates the calls under /api/v1/approvals. */
export function createApprovalsApi(http: HttpClient) {
  return {
    /** Decides an approval; `Conflict` when somebody has, or its run is over. */
    decide: (approvalId: string, decision: ApprovalDecision) =>
      http.request<unknown>('POST', `/api/v1/approvals/${encodeURIComponent(approvalId)}`, {
        body: decision,
      }),
  };
}
