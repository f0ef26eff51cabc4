import type { Block, MessageStatus } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { TaskMark } from '../tasks/task-mark.tsx';
import { activityOf } from './arrange.ts';

/** What a running answer is doing now. */
export function ActivityLine({ blocks, status }: { blocks: readonly Block[]; status: MessageStatus }) {
  const { t } = useTranslation('chat');
  if (status === 'waiting') return <Line phase="WaitingForInput" text={t('activity.waiting')} />;
  if (status === 'pending') return <Line phase="Pending" text={t('activity.queued')} />;
  const activity = activityOf(blocks);
  if (activity.kind === 'phase') return <Line phase="Running" text={activity.text} />;
  if (activity.kind === 'tool')
    return <Line phase="Running" text={t('activity.tool', { title: activity.title })} />;
  return <Line phase="Running" text={t(`activity.${activity.kind}`)} />;
}

function Line({ phase, text }: { phase: 'Running' | 'Pending' | 'WaitingForInput'; text: string }) {
  return (
    <p data-testid="activity" className="flex items-center gap-2 pt-1 text-[14px] text-muted">
      <TaskMark phase={phase} />
      <span className="min-w-0 truncate">{text}</span>
    </p>
  );
}
