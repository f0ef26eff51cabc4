import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Agent } from '../../agents/use-teams.ts';
import { keyOfAgent } from '../../chat/use-chosen-agent.ts';
import { Monogram } from '../../ui/monogram.tsx';

/** Who does the work. */
export function AgentSelect({
  id,
  agents,
  value,
  onChange,
}: {
  id: string;
  agents: readonly Agent[];
  value: Agent | undefined;
  onChange: (agent: Agent) => void;
}) {
  const { t } = useTranslation('code');
  return (
    <Select<string, { value: string; label: string; agent: Agent }>
      id={id}
      showSearch={{ optionFilterProp: 'label' }}
      data-testid="agent"
      className="w-full"
      placeholder={t('start.agent')}
      value={value ? keyOfAgent(value) : null}
      options={agents.map((agent) => ({ value: keyOfAgent(agent), label: agent.displayName, agent }))}
      optionRender={({ data: { agent } }) => (
        <span className="flex items-center gap-2.5">
          <Monogram name={agent.displayName} icon={agent.spec.icon} size={28} />
          <span className="min-w-0">
            <span className="block truncate">{agent.displayName}</span>
            <span className="block truncate text-xs text-faint">{agent.spec.description}</span>
          </span>
        </span>
      )}
      onChange={(key: string) => {
        const agent = agents.find((other) => keyOfAgent(other) === key);
        if (agent) onChange(agent);
      }}
    />
  );
}
