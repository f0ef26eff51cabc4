import { useQuery } from '@tanstack/react-query';
import { type CommonStatus, type ResourceObject, TeamSpec } from '@wegent/api';
import type { Language } from '../i18n/i18n.ts';
import { useApi } from '../session/session-provider.tsx';
import { useAppearance } from '../theme/appearance-provider.tsx';
import { agentWords } from './localise.ts';

/** A Team as people see it: an agent to talk to. */
export interface Agent {
  name: string;
  namespace: string;
  displayName: string;
  /** First messages to click on. */
  quickPrompts: readonly string[];
  /** As stored, but the description is in the reader's language. */
  spec: TeamSpec;
  /** Why it cannot answer now, in the server's words. */
  problem: string | undefined;
}

/** The agents that the person may use, by name. `type` leaves out those that a page does not offer. */
export function useTeams(type?: 'chat' | 'code') {
  const { resources } = useApi();
  const { language } = useAppearance().appearance;
  return useQuery({
    queryKey: ['teams'],
    queryFn: async ({ signal }) => (await resources.list('teams', { signal })).items,
    select: (items) =>
      items
        .flatMap((object) => readAgent(object, language))
        .filter((agent) => !type || (agent.spec.bind_mode ?? [type]).includes(type)),
  });
}

function readAgent(object: ResourceObject, language: Language): Agent[] {
  const spec = TeamSpec.safeParse(object.spec);
  // A Team of a newer server may not fit this page; it is left out rather than shown wrong.
  if (!spec.success) return [];
  const { name, namespace } = object.metadata;
  const { displayName, description, quickPrompts } = agentWords(object.metadata, spec.data, language);
  return [
    {
      name,
      namespace,
      displayName,
      quickPrompts,
      spec: { ...spec.data, description },
      problem: problemOf(object),
    },
  ];
}

function problemOf(object: ResourceObject): string | undefined {
  const { conditions = [] } = (object.status ?? {}) as CommonStatus;
  return conditions.find((condition) => condition.type === 'Ready' && condition.status === 'False')?.message;
}
