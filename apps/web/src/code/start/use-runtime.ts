import { useQuery } from '@tanstack/react-query';
import {
  BotSpec,
  type EngineName,
  type ObjectReference,
  PUBLIC_NAMESPACE,
  type ResourceObject,
  ShellSpec,
} from '@wegent/api';
import type { Agent } from '../../agents/use-teams.ts';
import { useApi } from '../../session/session-provider.tsx';

/** What the members of an agent run on. */
export type Shells = readonly ShellSpec[];

/** Finds out what an agent runs on; nothing is known while `ready` is false, and of what the person may not read. */
export function useShells(): { ready: boolean; shellsOf: (agent: Agent) => Shells } {
  const { resources } = useApi();
  const list = (plural: string) => ({
    queryKey: ['runtime', plural],
    queryFn: async ({ signal }: { signal: AbortSignal }) => (await resources.list(plural, { signal })).items,
    staleTime: 30_000,
  });
  const bots = useQuery(list('bots'));
  const shells = useQuery(list('shells'));
  return {
    ready: !bots.isPending && !shells.isPending,
    shellsOf: (agent) => resolveShells(agent, bots.data ?? [], shells.data ?? []),
  };
}

/** The Shells of an agent's members, each once. */
export function resolveShells(
  { namespace, spec }: Pick<Agent, 'namespace' | 'spec'>,
  bots: readonly ResourceObject[],
  shells: readonly ResourceObject[],
): Shells {
  const found = spec.members.flatMap(({ botRef }) => {
    const bot = find(bots, botRef, namespace);
    const read = bot && BotSpec.safeParse(bot.spec);
    if (!bot || !read?.success) return [];
    return find(shells, read.data.shellRef, bot.metadata.namespace) ?? [];
  });
  return [...new Set(found)].flatMap((shell) => ShellSpec.safeParse(shell.spec).data ?? []);
}

/** The engines that have to be installed for these Shells. */
export function enginesOf(shells: Shells): EngineName[] {
  return shells.flatMap(({ shellType }) => ENGINES[shellType] ?? []);
}

/** Does an agent that runs on this work in a sandbox? What is not known might. */
export function worksInSandbox(shells: Shells): boolean {
  return shells.length === 0 || enginesOf(shells).length > 0;
}

const ENGINES: Partial<Record<ShellSpec['shellType'], EngineName>> = {
  ClaudeCode: 'claude-code',
  Agno: 'agno',
};

function find(
  objects: readonly ResourceObject[],
  { name, namespace }: ObjectReference,
  home: string,
): ResourceObject | undefined {
  const places = [namespace ?? home, PUBLIC_NAMESPACE];
  for (const place of places) {
    const object = objects.find(({ metadata }) => metadata.name === name && metadata.namespace === place);
    if (object) return object;
  }
  return undefined;
}
