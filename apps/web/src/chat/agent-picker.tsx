import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Agent } from '../agents/use-teams.ts';
import { Monogram } from '../ui/monogram.tsx';
import { AgentOption } from './agent-option.tsx';
import { keyOfAgent } from './use-chosen-agent.ts';

const CARDS = 3;

/** Who answers: the first few as cards, all of them in a list that can be searched. */
export function AgentPicker({
  agents,
  value,
  onChange,
}: {
  agents: readonly Agent[];
  value: Agent | undefined;
  onChange: (agent: Agent) => void;
}) {
  const { t } = useTranslation('chat');
  const cards = shownAgents(agents, value);
  return (
    <div className="flex flex-col gap-2" data-testid="agent-picker">
      <div role="radiogroup" aria-label={t('pickAgent')} className="grid gap-2 sm:grid-cols-3">
        {cards.map((agent) => (
          <AgentOption
            key={keyOfAgent(agent)}
            agent={agent}
            checked={agent === value}
            onChange={() => onChange(agent)}
          />
        ))}
      </div>
      {agents.length > CARDS && (
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          variant="borderless"
          className="self-center"
          popupMatchSelectWidth={320}
          placeholder={t('allAgents', { count: agents.length })}
          aria-label={t('allAgents', { count: agents.length })}
          value={null}
          options={agents.map((agent) => ({ value: keyOfAgent(agent), label: agent.displayName, agent }))}
          optionRender={({ data: { agent } }) => (
            <span className="flex items-center gap-2.5">
              <Monogram name={agent.displayName} icon={agent.spec.icon} size={24} />
              <span className="truncate">{agent.displayName}</span>
            </span>
          )}
          onChange={(key: unknown) => {
            const agent = agents.find((other) => keyOfAgent(other) === key);
            if (agent) onChange(agent);
          }}
        />
      )}
    </div>
  );
}

// The chosen one is always among the cards; otherwise they keep their order, so that nothing moves at a click.
function shownAgents(agents: readonly Agent[], value: Agent | undefined): readonly Agent[] {
  const first = agents.slice(0, CARDS);
  return !value || first.includes(value) ? first : [value, ...first.slice(0, CARDS - 1)];
}
