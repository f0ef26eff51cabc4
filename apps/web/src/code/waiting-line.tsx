import { useQuery } from '@tanstack/react-query';
import type { TaskItem } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { useApi } from '../session/session-provider.tsx';
import { taskKey } from './use-code-refresh.ts';

const ASK_MS = 5_000;

/** Why a task has not begun: its place in the line, and what it waits for. */
export function WaitingLine({ task }: { task: TaskItem }) {
  const { t } = useTranslation('code');
  const { t: executors } = useTranslation('executors');
  const { tasks } = useApi();
  const pending = task.phase === 'Pending';
  // Events tell that a task waits, but not how the line before it moves.
  const { data } = useQuery({
    queryKey: taskKey(task.taskId, 'waiting'),
    queryFn: async () => (await tasks.get(task.taskId)).waiting ?? null,
    enabled: pending,
    refetchInterval: ASK_MS,
  });
  const waiting = data === undefined ? task.waiting : data;
  if (!pending || !waiting) return null;
  return (
    <p
      role="status"
      data-testid="waiting"
      className="mx-auto w-full max-w-[800px] px-5 pb-1 text-[13px] text-muted"
    >
      {t('waiting.place', { place: waiting.place })} · {executors(`why.${waiting.why}`)}{' '}
      <span className="text-faint">{waiting.message}</span>
    </p>
  );
}
