import type { Block, MessageStatus } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { TaskMark } from '../tasks/task-mark.tsx';
import { useToolTitle } from '../tools/use-tool-title.ts';
import { activityOf } from './arrange.ts';
import { readPhase } from './phase-text.ts';

/** What a running answer is doing now. */
export function ActivityLine({ blocks, status }: { blocks: readonly Block[]; status: MessageStatus }) {
  const { t } = useTranslation('chat');
  const toolTitle = useToolTitle();
  if (status === 'waiting') return <Line phase="WaitingForInput" text={t('activity.waiting')} />;
  if (status === 'pending') return <Line phase="Pending" text={t('activity.queued')} />;
  const activity = activityOf(blocks);
  if (activity.kind === 'phase') {
    const { key, what } = readPhase(activity.text);
    return <Line phase="Running" text={key ? t(`phase.${key}`, { what }) : what} />;
  }
  if (activity.kind === 'tool')
    return (
      <Line phase="Running" text={t('activity.tool', { title: toolTitle(activity.tool, activity.title) })} />
    );
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
