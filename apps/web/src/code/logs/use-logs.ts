import { useQuery } from '@tanstack/react-query';
import type { LogPage } from '@wegent/api';
import { useApi } from '../../session/session-provider.tsx';
import { taskKey } from '../use-code-refresh.ts';

type Lines = LogPage['lines'];

const LIVE_MS = 2_000;
const PAGE = 5_000;
/** Entries that are kept; of a longer log the newest. */
const MAX_KEPT = 20_000;

/** What set-up, git, network and engine wrote; followed while something runs. Only what is new is asked for. */
export function useLogs(taskId: string, live: boolean) {
  const { workspaces } = useApi();
  return useQuery({
    queryKey: taskKey(taskId, 'logs'),
    queryFn: async ({ signal, client, queryKey }) => {
      let lines = client.getQueryData<Lines>(queryKey) ?? [];
      while (true) {
        const page = await workspaces.logs(taskId, { after: lines.at(-1)?.seq ?? 0, limit: PAGE }, signal);
        if (page.lines.length === 0) return lines;
        lines = [...lines, ...page.lines].slice(-MAX_KEPT);
        if (page.lines.length < PAGE) return lines;
      }
    },
    refetchInterval: live ? LIVE_MS : false,
    retry: false,
  });
}
