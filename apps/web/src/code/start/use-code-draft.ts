import { useMemo, useState } from 'react';
import { type Agent, useTeams } from '../../agents/use-teams.ts';
import { keyOfAgent } from '../../chat/use-chosen-agent.ts';
import { useExecutorSummary } from '../../executors/use-executors.ts';
import type { RepositoryChoice } from './repository-choice.ts';
import { useBranches } from './use-git.ts';
import { useLastChoices } from './use-last-choices.ts';
import { enginesOf, useShells, worksInSandbox } from './use-runtime.ts';

/** The coding task that is being made: what was chosen now, else last time, and what stands in its way. */
export function useCodeDraft(wantedAgent: string | null) {
  const { choices, remember } = useLastChoices();
  const teams = useTeams('code');
  const { ready, shellsOf } = useShells();
  const summary = useExecutorSummary();
  const agents = useMemo(
    () => (teams.data ?? []).filter((agent) => worksInSandbox(shellsOf(agent))),
    [teams.data, shellsOf],
  );
  const [picked, setPicked] = useState<string>();
  const [chosen, setChosen] = useState<{ repository: RepositoryChoice | undefined }>();
  const [branchChosen, setBranch] = useState<{ name: string | undefined }>();
  const find = (key: string | null | undefined) => agents.find((agent) => keyOfAgent(agent) === key);
  const agent: Agent | undefined = find(picked) ?? find(wantedAgent) ?? find(choices.agent) ?? agents[0];
  const repository = chosen ? chosen.repository : choices.repositories[0];
  const branches = useBranches(repository?.gitUrl);
  const branch = branchChosen ? branchChosen.name : chosen ? undefined : choices.branch;
  const shells = agent ? shellsOf(agent) : [];
  const needed = enginesOf(shells);
  const missing = (summary.data?.engines ?? []).filter(
    ({ name, state }) => needed.includes(name) && state !== 'installed',
  );
  return {
    teams,
    agents,
    agent,
    repository,
    recent: choices.repositories,
    branch,
    branchProblem: branches.error ?? undefined,
    summary,
    shells,
    missing,
    /** Has everything been asked for that decides whether the agents can work? */
    ready: ready && !teams.isPending,
    chooseAgent: (next: Agent) => setPicked(keyOfAgent(next)),
    chooseRepository: (next: RepositoryChoice | undefined) => {
      setChosen({ repository: next });
      setBranch(undefined);
    },
    chooseBranch: (name: string | undefined) => setBranch({ name }),
    remember,
  };
}
