import { useQueryClient } from '@tanstack/react-query';
import { isBusy, type TaskView } from '@wegent/client';
import { useEffect, useRef } from 'react';

/** Names what the server knows of a coding task in the cache. */
export function taskKey(taskId: string, ...rest: readonly unknown[]): readonly unknown[] {
  return ['task', taskId, ...rest];
}

/** Asks anew for changes, files and the repository when the agent changed files and when a run ends. */
export function useCodeRefresh(view: TaskView): void {
  const client = useQueryClient();
  const { taskId } = view.task;
  const busy = isBusy(view);
  const changed = view.messages.reduce(
    (count, { blocks }) => count + blocks.filter(({ type }) => type === 'files').length,
    0,
  );
  const seen = useRef({ busy, changed });
  useEffect(() => {
    const before = seen.current;
    seen.current = { busy, changed };
    if (before.changed === changed && (before.busy === busy || busy)) return;
    void client.invalidateQueries({ queryKey: taskKey(taskId) });
  }, [client, taskId, busy, changed]);
}
