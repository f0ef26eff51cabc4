import { useQuery } from '@tanstack/react-query';
import { type CommonStatus, displayName, type ResourceObject, TeamSpec } from '@wegent/api';
import { useApi } from '../session/session-provider.tsx';

/** A Team as people see it: an agent to talk to. */
export interface Agent {
  name: string;
  namespace: string;
  displayName: string;
  spec: TeamSpec;
  /** Why it cannot answer now, in the server's words. */
  problem: string | undefined;
}

/** The agents that the person may use, by name. `type` leaves out those that a page does not offer. */
export function useTeams(type?: 'chat' | 'code') {
  const { resources } = useApi();
  return useQuery({
    queryKey: ['teams'],
    queryFn: async ({ signal }) => (await resources.list('teams', { signal })).items,
    select: (items) =>
      items.flatMap(readAgent).filter((agent) => !type || (agent.spec.bind_mode ?? [type]).includes(type)),
  });
}

function readAgent(object: ResourceObject): Agent[] {
  const spec = TeamSpec.safeParse(object.spec);
  // A Team of a newer server may not fit this page; it is left out rather than shown wrong.
  if (!spec.success) return [];
  const { name, namespace } = object.metadata;
  return [{ name, namespace, displayName: displayName(object), spec: spec.data, problem: problemOf(object) }];
}

function problemOf(object: ResourceObject): string | undefined {
  const { conditions = [] } = (object.status ?? {}) as CommonStatus;
  return conditions.find((condition) => condition.type === 'Ready' && condition.status === 'False')?.message;
}
