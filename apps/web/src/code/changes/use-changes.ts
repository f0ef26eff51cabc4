import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { parsePatch } from '../../diff/parse-patch.ts';
import { useApi } from '../../session/session-provider.tsx';
import { useCodeTask } from '../code-context.tsx';
import { taskKey } from '../use-code-refresh.ts';

/** The files that differ from the base branch, or those that one turn changed. */
export function useChanges(turn: string | undefined) {
  const { taskId, begun } = useCodeTask();
  const { workspaces } = useApi();
  return useQuery({
    queryKey: taskKey(taskId, 'changes', turn ?? ''),
    queryFn: ({ signal }) => workspaces.changes(taskId, turn === undefined ? {} : { turn }, signal),
    enabled: begun,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** What changed in one file. */
export function usePatch({
  taskId,
  path,
  turn,
  enabled,
}: {
  taskId: string;
  path: string;
  turn: string | undefined;
  enabled: boolean;
}) {
  const { workspaces } = useApi();
  return useQuery({
    queryKey: taskKey(taskId, 'patch', turn ?? '', path),
    queryFn: async ({ signal }) =>
      parsePatch(await workspaces.patch(taskId, path, turn === undefined ? {} : { turn }, signal)),
    enabled,
    placeholderData: keepPreviousData,
    retry: false,
  });
}
