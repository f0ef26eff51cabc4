import type { RunFold } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { useAppearance } from '../../theme/appearance-provider.tsx';
import { visibleName } from '../../ui/visible-name.ts';
import { costText, countText } from '../usage-text.ts';

const RUNTIMES = { Chat: 'Chat', ClaudeCode: 'Claude Code', Agno: 'Agno', Dify: 'Dify' } as const;

/** Who ran, on what, with which model, and what it used. */
export function RunDetails({ run }: { run: RunFold }) {
  const { t } = useTranslation('chat');
  const { language } = useAppearance().appearance;
  const { bot, shellType, model, usage } = run;
  const rows: [string, string][] = [
    ...(bot ? [[t('usage.bot'), visibleName(bot.name)] as [string, string]] : []),
    ...(shellType ? [[t('usage.shell'), RUNTIMES[shellType]] as [string, string]] : []),
    ...(model === undefined ? [] : [[t('usage.model'), visibleName(model)] as [string, string]]),
    ...(usage
      ? ([
          [t('usage.input'), countText(usage.inputTokens, language)],
          [t('usage.output'), countText(usage.outputTokens, language)],
          ...(usage.costUsd === null ? [] : [[t('usage.cost'), costText(usage.costUsd, language)]]),
        ] as [string, string][])
      : []),
  ];
  return (
    <dl className="mb-2 flex flex-wrap gap-x-5 gap-y-0.5 text-[13px] leading-5" data-testid="run-details">
      {rows.map(([name, value]) => (
        <div key={name} className="flex min-w-0 gap-1.5">
          <dt className="flex-none text-faint">{name}</dt>
          <dd className="min-w-0 text-muted [overflow-wrap:anywhere]">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
