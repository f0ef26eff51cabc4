import { PUBLIC_NAMESPACE } from '@wegent/api';
import type { Store } from '@wegent/store';
import { createExpiringCache } from '../auth/expiring-cache.ts';
import type { Principal } from '../auth/principal.ts';
import type { Signals } from '../auth/signals.ts';
import { forbidden, notFound } from './refusals.ts';
import { type Role, roleAllows, type Verb } from './roles.ts';
import type { Wish } from './wish.ts';

const CACHE_MS = 3_000;

/** The one answer to "may they?", see {@link createAccess}. */
export type Access = ReturnType<typeof createAccess>;

/**
 * Rights come from roles in namespaces, and from nothing else: administrators of the platform have no silent
 * right to the namespaces of others. Memberships are cached for seconds; a signal empties the cache.
 */
export function createAccess(deps: { store: Store; signals: Signals; now?: () => number }) {
  const { store, signals, now = Date.now } = deps;
  const memberships = createExpiringCache<ReadonlyMap<string, Role>>({ ttlMs: CACHE_MS, now });
  signals.on((signal) => {
    if (signal.type === 'memberships-changed') memberships.invalidate(signal.userId);
  });

  async function rolesOf(userId: string): Promise<ReadonlyMap<string, Role>> {
    const load = async () =>
      new Map((await store.namespaces.ofUser(userId)).map(({ name, role }) => [name, role]));
    return (await memberships.get(userId, load)) ?? new Map();
  }

  async function roleIn(principal: Principal, namespace: string): Promise<Role | undefined> {
    if (namespace === principal.namespace) return 'Owner';
    if (namespace === PUBLIC_NAMESPACE) return principal.role === 'admin' ? 'Owner' : 'Reporter';
    return (await rolesOf(principal.userId)).get(namespace);
  }

  // Roles say nothing about kinds or single objects so far; callers name them so that a rule may.
  async function can(
    principal: Principal,
    verb: Verb,
    _kind: string,
    namespace: string,
    _name?: string,
  ): Promise<boolean> {
    return roleAllows(await roleIn(principal, namespace), verb);
  }

  return {
    can,
    roleIn,

    /**
     * Throws unless the principal may. A namespace that one cannot read and one that does not exist look alike:
     * reading a named object is `NotFound`, in the words of a missing object, anything else is `Forbidden`.
     */
    async authorise(principal: Principal, wish: Wish): Promise<void> {
      const role = await roleIn(principal, wish.namespace);
      if (roleAllows(role, wish.right ?? wish.verb)) return;
      if (!roleAllows(role, 'get') && wish.name !== undefined && READS.has(wish.verb))
        throw notFound(wish.kind, wish.name);
      // Administrators see all namespaces in their lists, so they can be told that one is missing.
      if (principal.role === 'admin' && !(await store.namespaces.get(wish.namespace)))
        throw notFound('Namespace', wish.namespace);
      throw forbidden(principal, wish);
    },

    /** The namespaces whose objects the principal may read: their own, `public`, and those of their groups. */
    async readableNamespaces(principal: Principal): Promise<string[]> {
      const groups = (await rolesOf(principal.userId)).keys();
      return [...new Set([principal.namespace, PUBLIC_NAMESPACE, ...groups])];
    },
  };
}

const READS: ReadonlySet<Verb> = new Set(['get', 'list', 'watch', 'run']);
