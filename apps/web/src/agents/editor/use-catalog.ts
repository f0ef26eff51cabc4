import { useQuery } from '@tanstack/react-query';
import type { ResourceObject } from '@wegent/api';
import type { ApiClient } from '@wegent/client';
import { useApi } from '../../session/session-provider.tsx';
import { type Catalog, catalogOf } from '../draft/catalog.ts';

const PLURALS = ['teams', 'bots', 'ghosts', 'models', 'shells', 'skills'] as const;

/** The query key of everything that agents are made of. */
export const CATALOG_KEY = ['agent-parts'] as const;

/** Everything that agents are made of and the person may see. */
export function useCatalog() {
  const { resources } = useApi();
  return useQuery({
    queryKey: CATALOG_KEY,
    queryFn: ({ signal }) => loadCatalog(resources, signal),
    // What is edited must not begin with an old version.
    staleTime: 0,
  });
}

/** Reads the catalog from the server. */
export async function loadCatalog(resources: ApiClient['resources'], signal?: AbortSignal): Promise<Catalog> {
  const lists = await Promise.all(PLURALS.map((plural) => listAll(resources, plural, signal)));
  return catalogOf(lists.flat());
}

async function listAll(
  resources: ApiClient['resources'],
  plural: string,
  signal?: AbortSignal,
): Promise<ResourceObject[]> {
  const found: ResourceObject[] = [];
  let next: string | undefined;
  do {
    const page = await resources.list(plural, {
      ...(signal ? { signal } : {}),
      ...(next === undefined ? {} : { continue: next }),
    });
    found.push(...page.items);
    next = page.metadata.continue;
  } while (next !== undefined && next !== '');
  return found;
}
