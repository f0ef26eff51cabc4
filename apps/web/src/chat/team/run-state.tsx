import type { TaskPhase } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { TaskMark } from '../../tasks/task-mark.tsx';
import type { TurnRun } from './turn-runs.ts';

const PHASES: Record<TurnRun['state'], TaskPhase> = {
  expected: 'Pending',
  pending: 'Pending',
  running: 'Running',
  waiting: 'WaitingForInput',
  cancelling: 'Cancelling',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  skipped: 'Cancelled',
};

/** The state of a run as shape, colour and word. */
export function RunState({ state }: { state: TurnRun['state'] }) {
  const { t } = useTranslation('team');
  return (
    <span className="inline-flex flex-none items-center gap-1 whitespace-nowrap">
      <span aria-hidden="true" className="inline-flex">
        <TaskMark phase={PHASES[state]} />
      </span>
      <span>{t(`state.${state}`)}</span>
    </span>
  );
}
