import type { TurnOutline } from '@wegent/api';
import type { TaskMessage } from '@wegent/client';
import { useTranslation } from 'react-i18next';
import { useDurationText } from '../use-duration-text.ts';
import { RunClock } from './run-clock.tsx';
import type { TurnRun } from './turn-runs.ts';

/** A Team's turn in one line: its mode, how far it is, what failed, how long it takes. */
export function TurnSummary({
  turn,
  entries,
  message,
  settled,
}: {
  turn: TurnOutline;
  entries: readonly TurnRun[];
  message: TaskMessage;
  settled: boolean;
}) {
  const { t } = useTranslation('team');
  const { t: agents } = useTranslation('agents');
  const durationText = useDurationText();
  const members = entries.filter(({ role }) => role.kind !== 'gate');
  const done = members.filter(({ state }) => state === 'completed').length;
  const failed = members.filter(({ state }) => state === 'failed').length;
  const took =
    message.finishedAt === undefined
      ? undefined
      : Math.max(0, Date.parse(message.finishedAt) - Date.parse(message.createdAt));
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-0.5">
      <span className="font-medium text-ink">{agents(`mode.${turn.mode}`)}</span>
      <span className="text-[13px] text-faint">
        {t('progress', { done, count: members.length })}
        {failed > 0 && <span className="text-error"> · {t('failures', { count: failed })}</span>}
        {' · '}
        {settled && took !== undefined ? (
          durationText(took)
        ) : (
          <RunClock from={message.createdAt} to={settled ? message.createdAt : undefined} />
        )}
      </span>
    </span>
  );
}
