import { useCallback, useMemo } from 'react';
import { z } from 'zod';
import { usePreferences } from '../../session/use-preferences.ts';
import { type RepositoryChoice, withRecent } from './repository-choice.ts';

const Choices = z.object({
  repositories: z.array(z.object({ gitUrl: z.string(), name: z.string() })).catch([]),
  branch: z.string().optional().catch(undefined),
  agent: z.string().optional().catch(undefined),
});

/** What the person chose for their last coding task, to fill in for the next one. */
export function useLastChoices() {
  const { preferences, save } = usePreferences();
  const stored = preferences.lastCode;
  const choices = useMemo(() => Choices.safeParse(stored).data ?? { repositories: [] }, [stored]);
  const remember = useCallback(
    (used: { repository: RepositoryChoice; branch: string | undefined; agent: string }) =>
      save({
        lastCode: {
          repositories: withRecent(choices.repositories, used.repository),
          agent: used.agent,
          ...(used.branch === undefined ? {} : { branch: used.branch }),
        },
      }),
    [choices, save],
  );
  return { choices, remember };
}
