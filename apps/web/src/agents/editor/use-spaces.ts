import { useQuery } from '@tanstack/react-query';
import { API_GROUP, PUBLIC_NAMESPACE } from '@wegent/api';
import { useApi, useUser } from '../../session/session-provider.tsx';

interface NamespaceList {
  items: { metadata: { name: string; annotations?: Record<string, string> } }[];
}

const WRITERS = ['Developer', 'Maintainer', 'Owner'];
const MANAGERS = ['Maintainer', 'Owner'];

/** The spaces that somebody may write, their own first. */
export interface Spaces {
  own: string;
  writable: readonly string[];
  canWrite(namespace: string): boolean;
  canDelete(namespace: string): boolean;
}

/** Which spaces the person may write, and where they may delete. */
export function useSpaces(): Spaces {
  const { http } = useApi();
  const { namespace: own, role: platformRole } = useUser();
  const { data } = useQuery({
    queryKey: ['namespaces'],
    queryFn: ({ signal }) => http.request<NamespaceList>('GET', '/api/v1/namespaces', { signal }),
  });
  const roles = new Map([
    // Known before the answer comes.
    [own, 'Owner'],
    ...(platformRole === 'admin' ? [[PUBLIC_NAMESPACE, 'Owner'] as const] : []),
    ...(data?.items ?? []).map(
      ({ metadata }) => [metadata.name, metadata.annotations?.[`${API_GROUP}/role`] ?? ''] as const,
    ),
  ]);
  const may = (allowed: readonly string[]) => (namespace: string) =>
    allowed.includes(roles.get(namespace) ?? '');
  const canWrite = may(WRITERS);
  const others = [...roles.keys()].filter((name) => name !== own && canWrite(name)).sort();
  return { own, writable: [own, ...others], canWrite, canDelete: may(MANAGERS) };
}
