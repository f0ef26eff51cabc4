import { useQuery } from '@tanstack/react-query';
import type { TaskItem } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { useApi } from '../session/session-provider.tsx';
import { useSlow } from '../ui/use-slow.ts';

const ASK_MS = 5_000;

/** Why a task has not begun: its place in the line, and what it waits for. */
export function WaitingLine({ task }: { task: TaskItem }) {
  const { t } = useTranslation('chat');
  const { t: executors } = useTranslation('executors');
  const { tasks } = useApi();
  const pending = task.phase === 'Pending';
  // Most begin at once, and nobody has to ask.
  const slow = useSlow(pending);
  // Events tell that a task waits, but not how the line before it moves.
  const { data } = useQuery({
    queryKey: ['task', task.taskId, 'waiting'],
    queryFn: async () => (await tasks.get(task.taskId)).waiting ?? null,
    enabled: slow,
    refetchInterval: ASK_MS,
  });
  const waiting = slow && data !== undefined ? data : task.waiting;
  if (!pending || !waiting) return null;
  const { why, message } = waiting;
  const detail = why === 'team-limit' || why === 'team-held' ? t(`waiting.${why}`) : message;
  return (
    <p
      role="status"
      data-testid="waiting"
      className="mx-auto w-full max-w-[800px] px-5 pb-1 text-[13px] text-muted"
    >
      {t('waiting.place', { place: waiting.place })} · {executors(`why.${why}`)}{' '}
      <span className="text-faint">{detail}</span>
    </p>
  );
}
