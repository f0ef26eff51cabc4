import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { GitHost, GitHostRequest } from '@wegent/api';
import { useApi } from '../session/session-provider.tsx';

const PATH = '/api/v1/users/me/git-hosts';
const KEY = ['git-hosts'] as const;

/** The git hosts that the person has connected. */
export function useGitHosts() {
  const { http } = useApi();
  return useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => (await http.request<{ items: GitHost[] }>('GET', PATH, { signal })).items,
  });
}

/** Connects a host, or gives the connected one another credential. The server tries it first. */
export function useSaveGitHost() {
  const { http } = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (host: GitHostRequest) => http.request<GitHost>('POST', PATH, { body: host }),
    onSuccess: refresh,
  });
}

/** Forgets a host and its credential. */
export function useRemoveGitHost() {
  const { http } = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (domain: string) => http.request<void>('DELETE', `${PATH}/${encodeURIComponent(domain)}`),
    onSettled: refresh,
  });
}

function useRefresh() {
  const client = useQueryClient();
  return async () => {
    await client.invalidateQueries({ queryKey: KEY });
    // Other repositories are within reach now.
    await client.invalidateQueries({ queryKey: ['git'] });
  };
}
