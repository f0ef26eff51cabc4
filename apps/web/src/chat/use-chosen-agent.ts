import { useEffect, useRef, useState } from 'react';
import type { Agent } from '../agents/use-teams.ts';
import { usePreferences } from '../session/use-preferences.ts';

/** Who answers a new conversation: what the address wants, what was picked, what was picked last time, else the first. */
export function useChosenAgent(agents: readonly Agent[], wanted: string | null) {
  const { preferences, save } = usePreferences();
  const [picked, setPicked] = useState<string>();
  const find = (key: unknown) => agents.find((agent) => keyOfAgent(agent) === key);
  const agent = find(picked) ?? find(wanted) ?? find(preferences.lastAgent) ?? agents[0];
  const waiting = useRef<((chosen: Agent) => void)[]>([]);
  useEffect(() => {
    if (!agent) return;
    for (const resolve of waiting.current.splice(0)) resolve(agent);
  }, [agent]);
  return {
    agent,
    /** The agent, as soon as the list of agents is there: a quick writer may be faster. */
    whenChosen: () =>
      agent ? Promise.resolve(agent) : new Promise<Agent>((resolve) => waiting.current.push(resolve)),
    choose: (next: Agent) => {
      const key = keyOfAgent(next);
      setPicked(key);
      if (key !== preferences.lastAgent) void save({ lastAgent: key });
    },
  };
}

/** Names an agent in addresses and preferences. */
export function keyOfAgent({ namespace, name }: Pick<Agent, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}
