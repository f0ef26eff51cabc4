import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { GitBranchList, GitRepositoryList } from '@wegent/api';
import { useDeferredValue } from 'react';
import { useApi } from '../../session/session-provider.tsx';

const STALE_MS = 60_000;

/** Repositories of the person's git hosts whose names hold the words. */
export function useRepositories(search: string) {
  const { http } = useApi();
  const words = useDeferredValue(search.trim());
  return useQuery({
    queryKey: ['git', 'repositories', words],
    queryFn: ({ signal }) =>
      http.request<GitRepositoryList>('GET', '/api/v1/git/repositories', {
        query: words === '' ? {} : { search: words },
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: STALE_MS,
    retry: false,
  });
}

/** The branches of a repository; asks nothing while none is picked. */
export function useBranches(gitUrl: string | undefined) {
  const { http } = useApi();
  return useQuery({
    queryKey: ['git', 'branches', gitUrl],
    queryFn: ({ signal }) =>
      http.request<GitBranchList>('GET', '/api/v1/git/branches', {
        query: { repo: gitUrl },
        signal,
      }),
    enabled: gitUrl !== undefined,
    staleTime: STALE_MS,
    retry: false,
  });
}
