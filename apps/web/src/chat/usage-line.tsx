import type { TaskMessage } from '@wegent/client';
import { Popover } from 'antd';
import { useTranslation } from 'react-i18next';
import { useAppearance } from '../theme/appearance-provider.tsx';
import { exactTime } from '../ui/times.ts';
import { costText, countText } from './usage-text.ts';
import { useDurationText } from './use-duration-text.ts';

/** Model, tokens and, when it is known, cost of an answer in one small line; all of it on hover or focus. */
export function UsageLine({ message }: { message: TaskMessage }) {
  const { t } = useTranslation('chat');
  const { language } = useAppearance().appearance;
  const durationText = useDurationText();
  const { usage, sender, model, shellType, createdAt, finishedAt } = message;
  if (!usage || usage.inputTokens + usage.outputTokens === 0) return null;
  const cost = usage.costUsd === null ? undefined : costText(usage.costUsd, language);
  const bot = 'bot' in sender ? sender.bot.name : sender.name;
  const rows: [string, string][] = [
    [t('usage.bot'), bot],
    ...(shellType === undefined ? [] : ([[t('usage.shell'), SHELLS[shellType]]] as [string, string][])),
    ...(model === undefined ? [] : ([[t('usage.model'), model]] as [string, string][])),
    [t('usage.input'), countText(usage.inputTokens, language)],
    [t('usage.cached'), countText(usage.cachedInputTokens, language)],
    [t('usage.output'), countText(usage.outputTokens, language)],
    [t('usage.reasoning'), countText(usage.reasoningTokens, language)],
    ...(cost === undefined ? [] : ([[t('usage.cost'), cost]] as [string, string][])),
    ...(finishedAt
      ? ([
          [t('usage.time'), durationText(Date.parse(finishedAt) - Date.parse(createdAt))],
          [t('usage.finished'), exactTime(finishedAt, language)],
        ] as [string, string][])
      : []),
  ];
  const details = (
    <dl className="grid grid-cols-[auto_auto] gap-x-6 gap-y-0.5 text-[13px]">
      {rows.map(([label, value]) => (
        <div key={label} className="contents">
          <dt className="text-muted">{label}</dt>
          <dd className="text-right tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
  const tokens = countText(usage.inputTokens + usage.outputTokens, language);
  return (
    <Popover content={details} trigger={['hover', 'focus']} placement="topLeft">
      <button
        type="button"
        data-testid="usage"
        className="cursor-default rounded px-1.5 text-xs text-faint tabular-nums"
      >
        {[model, t('usage.tokens', { tokens }), cost].filter((part) => part !== undefined).join(' · ')}
      </button>
    </Popover>
  );
}

// Names of products are the same in every language.
const SHELLS = { Chat: 'Chat', ClaudeCode: 'Claude Code', Agno: 'Agno', Dify: 'Dify' } as const;
