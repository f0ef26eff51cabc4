import { PUBLIC_NAMESPACE } from '@wegent/api';

/** Who a run belongs to, as far as its addresses are concerned. */
export interface RunOwner {
  role: 'admin' | 'user';
  namespace: string;
}

/**
 * May a run reach private addresses and start programs of MCP servers without a list? Only if whoever wrote the
 * objects that name them is an administrator: they lie in `public`, or in the own namespace of the administrator
 * who runs them. What others wrote stays restricted, also when an administrator runs it.
 */
export function isUnrestricted(owner: RunOwner | undefined, namespaces: readonly string[]): boolean {
  return namespaces.every(
    (namespace) =>
      namespace === PUBLIC_NAMESPACE || (owner?.role === 'admin' && namespace === owner.namespace),
  );
}
