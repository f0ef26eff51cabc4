import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApprovalDecision, PendingDecision, QuestionAnswers } from '@wegent/api';
import { useApi } from '../session/session-provider.tsx';

const KEY = ['decisions'] as const;

/** What agents have asked the person and still wait for, newest first. */
export function usePendingDecisions(): readonly PendingDecision[] {
  const { approvals } = useApi();
  const { data = NONE } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => approvals.waiting({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return data;
}

/** What is asked, and by which run: ids are those of the run. */
export interface Asked {
  blockId: string;
  executionId: string;
}

/** Decides about a call that waits. */
export function useDecide({ blockId, executionId }: Asked) {
  const { approvals } = useApi();
  const refresh = useRefreshDecisions();
  return useMutation({
    mutationFn: (decision: ApprovalDecision) => approvals.decide(blockId, decision, { executionId }),
    onSettled: refresh,
  });
}

/** Answers questions that wait. */
export function useAnswer({ blockId, executionId }: Asked) {
  const { approvals } = useApi();
  const refresh = useRefreshDecisions();
  return useMutation({
    mutationFn: (answers: QuestionAnswers['answers']) => approvals.answer(blockId, answers, { executionId }),
    onSettled: refresh,
  });
}

function useRefreshDecisions(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: KEY });
}

const NONE: readonly PendingDecision[] = [];
