import { WarningOutlined } from '@ant-design/icons';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Agent } from '../agents/use-teams.ts';
import { Monogram } from '../ui/monogram.tsx';
import { keyOfAgent } from './use-chosen-agent.ts';

/** An agent as a card to choose. */
export function AgentOption({
  agent,
  checked,
  onChange,
}: {
  agent: Agent;
  checked: boolean;
  onChange: () => void;
}) {
  const { t } = useTranslation('agents');
  const id = useId();
  const { displayName, spec, problem } = agent;
  return (
    <label
      className={`flex min-w-0 cursor-pointer flex-col gap-1 rounded-xl border px-3.5 py-2.5 transition-colors has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent sm:gap-3 sm:py-3 ${
        checked ? 'border-accent bg-accent-soft' : 'border-line bg-raised hover:border-line-strong'
      }`}
    >
      <input
        type="radio"
        name="agent"
        className="sr-only"
        value={keyOfAgent(agent)}
        checked={checked}
        aria-labelledby={`${id}-name`}
        aria-describedby={`${id}-about`}
        onChange={onChange}
      />
      <span className="flex min-w-0 items-center gap-2.5">
        <Monogram name={displayName} icon={spec.icon} size={30} />
        <span id={`${id}-name`} className="truncate font-medium">
          {displayName}
        </span>
        {problem && (
          <WarningOutlined
            className="text-warning"
            aria-label={`${t('notReady')}: ${problem}`}
            title={`${t('notReady')}: ${problem}`}
          />
        )}
      </span>
      <span id={`${id}-about`} className="min-w-0 text-[13px] leading-[19px] text-muted">
        <span className="line-clamp-1 sm:line-clamp-2">{spec.description}</span>
        {spec.members.length > 1 && (
          <span className="text-faint">{t('members', { count: spec.members.length })}</span>
        )}
      </span>
    </label>
  );
}
