import type { TaskItem } from '@wegent/api';
import { useMemo } from 'react';
import { useTeams } from '../agents/use-teams.ts';

/** The face of the agent that answers in a task: in the reader's language while the agent exists, else as the task kept it. */
export function useTaskAgent(task: TaskItem): { name: string; icon: string | undefined } {
  const { data } = useTeams();
  const { team, spec } = task;
  const known = data?.find((agent) => agent.name === team?.name && agent.namespace === team.namespace);
  const name = known?.displayName ?? team?.displayName ?? spec.teamRef.name;
  const icon = known?.spec.icon ?? team?.icon;
  return useMemo(() => ({ name, icon }), [name, icon]);
}
