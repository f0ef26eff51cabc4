import type { Outcome } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { TaskMark } from '../tasks/task-mark.tsx';

const PHASES = {
  running: 'Running',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  skipped: 'Cancelled',
} as const;

/** The state of a member's run. */
export function RunMark({ state }: { state: Outcome | 'running' }) {
  const { t } = useTranslation('tasks');
  const phase = PHASES[state];
  return (
    <span className="inline-flex items-center gap-1">
      <TaskMark phase={phase} />
      <span aria-hidden="true">{t(`phase.${phase}`)}</span>
    </span>
  );
}
