import { useQuery } from '@tanstack/react-query';
import { ApiError, type TeamInputs } from '@wegent/api';
import { useApi } from '../../session/session-provider.tsx';

const FRESH_MS = 30_000;

/** What the applications behind an agent ask for. Nothing for who may not talk to the agent: its owner fills it in. */
export function useTeamInputs(team: { name: string; namespace: string } | undefined) {
  const { models } = useApi();
  return useQuery({
    queryKey: ['team-inputs', team?.namespace, team?.name],
    enabled: team !== undefined,
    staleTime: FRESH_MS,
    retry: false,
    queryFn: async ({ signal }): Promise<TeamInputs> => {
      if (!team) return { applications: [] };
      try {
        return await models.inputsOf({ name: team.name, namespace: team.namespace }, { signal });
      } catch (error) {
        if (error instanceof ApiError && error.reason === 'NotFound') return { applications: [] };
        throw error;
      }
    },
  });
}
