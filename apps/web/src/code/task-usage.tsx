import { addUsage, type Usage } from '@wegent/api';
import type { TaskView } from '@wegent/client';
import { useTranslation } from 'react-i18next';
import { costText, countText } from '../chat/usage-text.ts';
import { useDurationText } from '../chat/use-duration-text.ts';
import { useAppearance } from '../theme/appearance-provider.tsx';
import { Group, Row } from './detail-rows.tsx';

/** What the task has used so far. */
export function TaskUsage({ view }: { view: TaskView }) {
  const { t } = useTranslation('chat');
  const { t: code } = useTranslation('code');
  const { language } = useAppearance().appearance;
  const durationText = useDurationText();
  const loaded = view.messages
    .flatMap(({ usage }) => (usage ? [usage] : []))
    .reduce<Usage | undefined>((sum, usage) => (sum ? addUsage(sum, usage) : usage), undefined);
  // The server counts all runs, but only when one is over; what is here may be newer.
  const stored = view.task.status?.usage;
  const usage = stored && loaded && stored.outputTokens < loaded.outputTokens ? loaded : (stored ?? loaded);
  const time = view.messages.reduce(
    (sum, { createdAt, finishedAt, role }) =>
      role === 'assistant' && finishedAt ? sum + Date.parse(finishedAt) - Date.parse(createdAt) : sum,
    0,
  );
  const model = view.messages.findLast((message) => message.model !== undefined)?.model;
  const shell = view.messages.findLast(({ shellType }) => shellType !== undefined)?.shellType;
  return (
    <Group title={code('details.usage')}>
      {shell && <Row label={code('details.shell')}>{shell}</Row>}
      {model && <Row label={t('usage.model')}>{model}</Row>}
      {usage && (
        <>
          <Row label={t('usage.input')}>{countText(usage.inputTokens, language)}</Row>
          <Row label={t('usage.cached')}>{countText(usage.cachedInputTokens, language)}</Row>
          <Row label={t('usage.output')}>{countText(usage.outputTokens, language)}</Row>
          {usage.costUsd !== null && <Row label={t('usage.cost')}>{costText(usage.costUsd, language)}</Row>}
        </>
      )}
      {time > 0 && <Row label={t('usage.time')}>{durationText(time)}</Row>}
      {!usage && time === 0 && <p className="text-muted">{code('details.noUsage')}</p>}
    </Group>
  );
}
