import { type UseMutationResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { CommitResult, PullRequest, PullRequestRequest, TaskRepository } from '@wegent/api';
import { useApi } from '../../session/session-provider.tsx';
import { useCodeTask } from '../code-context.tsx';
import { taskKey } from '../use-code-refresh.ts';

const CHECKS_MS = 20_000;

/** Where the work stands, as work tree and remote tell it. Follows checks that still run. */
export function useRepository() {
  const { taskId, begun } = useCodeTask();
  const { http } = useApi();
  return useQuery({
    queryKey: taskKey(taskId, 'repository'),
    queryFn: ({ signal }) => http.request<TaskRepository>('GET', path(taskId, 'repository'), { signal }),
    enabled: begun,
    retry: false,
    refetchOnWindowFocus: true,
    refetchInterval: ({ state }) =>
      state.data?.pullRequest?.checks?.state === 'pending' ? CHECKS_MS : false,
  });
}

/** The steps that bring the work to the remote. Each asks anew where it stands. */
export function useFinishSteps(taskId: string): {
  commit: UseMutationResult<CommitResult, Error, string>;
  push: UseMutationResult<CommitResult, Error, void>;
  pullRequest: UseMutationResult<PullRequest, Error, PullRequestRequest>;
} {
  const { http, workspaces } = useApi();
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: taskKey(taskId) });
  return {
    commit: useMutation({
      mutationFn: (message: string) => workspaces.commit(taskId, message),
      onSettled,
    }),
    push: useMutation({
      mutationFn: () => workspaces.push(taskId),
      onSettled,
    }),
    pullRequest: useMutation({
      mutationFn: (request: PullRequestRequest) =>
        http.request<PullRequest>('POST', path(taskId, 'pull-request'), { body: request }),
      onSettled,
    }),
  };
}

function path(taskId: string, action: string): string {
  return `/api/v1/tasks/${encodeURIComponent(taskId)}/${action}`;
}
