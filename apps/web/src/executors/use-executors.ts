import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { EngineName, EngineState } from '@wegent/api';
import { useApi } from '../session/session-provider.tsx';

const KEY = ['executors'] as const;
const SUMMARY_MS = 15_000;
const OVERVIEW_MS = 5_000;
const INSTALLING_MS = 1_000;
/** Managers take an order with their next report; this long the page looks closely whether they have. */
const ORDER_MS = 30_000;
const ORDERED = [...KEY, 'ordered'] as const;

/** Where coding tasks would run, and whether they can. Follows an installation closely. */
export function useExecutorSummary() {
  const { executors } = useApi();
  const client = useQueryClient();
  return useQuery({
    queryKey: [...KEY, 'summary'],
    queryFn: ({ signal }) => executors.summary({ signal }),
    refetchInterval: ({ state }) =>
      isInstalling(state.data?.engines) || isOrdered(client) ? INSTALLING_MS : SUMMARY_MS,
  });
}

/** Managers, sandboxes and what waits; for administrators. Refreshes itself while the page is looked at. */
export function useExecutorOverview() {
  const { executors } = useApi();
  const client = useQueryClient();
  return useQuery({
    queryKey: [...KEY, 'overview'],
    queryFn: ({ signal }) => executors.overview({ signal }),
    refetchInterval: ({ state }) =>
      isInstalling(state.data?.managers.flatMap(({ engines }) => engines)) || isOrdered(client)
        ? INSTALLING_MS
        : OVERVIEW_MS,
  });
}

/** Installs an engine on every manager; for administrators. */
export function useInstallEngine() {
  const { executors } = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: EngineName) => executors.install(name),
    onSuccess: () => client.setQueryData(ORDERED, Date.now()),
    onSettled: () =>
      Promise.all(
        ['summary', 'overview'].map((part) => client.invalidateQueries({ queryKey: [...KEY, part] })),
      ),
  });
}

/** The state of an engine over several managers: the one that needs the most attention. */
export function mergeEngines(lists: readonly (readonly EngineState[])[]): EngineState[] {
  const merged = new Map<EngineName, EngineState>();
  for (const engine of lists.flat()) {
    const known = merged.get(engine.name);
    if (!known || URGENCY.indexOf(engine.state) < URGENCY.indexOf(known.state))
      merged.set(engine.name, engine);
  }
  return [...merged.values()];
}

const URGENCY: readonly EngineState['state'][] = ['installing', 'failed', 'missing', 'installed'];

function isOrdered(client: QueryClient): boolean {
  return Date.now() - (client.getQueryData<number>(ORDERED) ?? 0) < ORDER_MS;
}

function isInstalling(engines: readonly EngineState[] | undefined): boolean {
  return engines?.some(({ state }) => state === 'installing') ?? false;
}
