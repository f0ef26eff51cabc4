import { ApiError, PUBLIC_NAMESPACE } from '@wegent/api';
import type { NamespaceMember, NamespaceRow, Store } from '@wegent/store';
import type { Access } from '../access/access.ts';
import { forbidden, notFound } from '../access/refusals.ts';
import { type Role, roleAllows } from '../access/roles.ts';
import type { Audit } from '../audit/audit.ts';
import type { Principal } from '../auth/principal.ts';
import type { Signals } from '../auth/signals.ts';

/** The spaces that people share, see {@link createNamespaceService}. */
export type NamespaceService = ReturnType<typeof createNamespaceService>;

/** Who is in which namespace. The namespaces themselves are resources, see `createNamespaceResources`. */
export function createNamespaceService(deps: {
  store: Store;
  access: Access;
  signals: Signals;
  audit: Audit;
}) {
  const { store, access, signals, audit } = deps;

  async function readable(principal: Principal, name: string): Promise<NamespaceRow> {
    const row = roleAllows(await access.roleIn(principal, name), 'get')
      ? await store.namespaces.get(name)
      : undefined;
    if (!row) throw notFound('Namespace', name);
    return row;
  }

  async function groupToManage(principal: Principal, name: string, given?: Role): Promise<NamespaceRow> {
    const row = await readable(principal, name);
    const role = await access.roleIn(principal, name);
    if (!roleAllows(role, 'members'))
      throw forbidden(principal, { verb: 'members', kind: 'Namespace', namespace: name, name });
    if (given === 'Owner' && role !== 'Owner')
      throw new ApiError('Forbidden', `only an Owner of "${name}" can deal with its Owners`);
    if (name === PUBLIC_NAMESPACE)
      throw new ApiError('Forbidden', 'everybody is in the namespace "public"; it has no members');
    return row;
  }

  async function member(namespace: string, username: string) {
    const user = await store.users.byUsername(username);
    if (!user) throw notFound('User', username);
    return { user, role: await store.namespaces.roleOf(namespace, user.id) };
  }

  return {
    /** Who is in a namespace that the caller may read. */
    async members(principal: Principal, name: string): Promise<{ items: NamespaceMember[] }> {
      await readable(principal, name);
      return { items: await store.namespaces.members(name) };
    },

    /** Takes a user into a namespace, or changes their role. Only Owners make and unmake Owners. */
    async setMember(
      principal: Principal,
      change: { namespace: string; username: string; role: Role },
    ): Promise<NamespaceMember> {
      const { namespace, role } = change;
      await groupToManage(principal, namespace, role);
      const { user, role: before } = await member(namespace, change.username);
      if (before === 'Owner') {
        await groupToManage(principal, namespace, before);
        if (role !== 'Owner') await keepAnOwner(namespace, user.id);
      }
      await store.namespaces.setMember(namespace, user.id, role);
      await signals.send({ type: 'memberships-changed', userId: user.id });
      audit.record({
        principal,
        action: 'member-set',
        target: { kind: 'Namespace', name: namespace },
        detail: { user: user.username, role },
      });
      return { userId: user.id, username: user.username, role };
    },

    /** Takes a user out of a namespace; everybody may leave by themselves. */
    async removeMember(principal: Principal, change: { namespace: string; username: string }): Promise<void> {
      const { namespace } = change;
      await readable(principal, namespace);
      const { user, role } = await member(namespace, change.username);
      if (user.id !== principal.userId) await groupToManage(principal, namespace, role);
      if (role === undefined)
        throw new ApiError('NotFound', `"${user.username}" is not a member of "${namespace}"`);
      if (role === 'Owner') await keepAnOwner(namespace, user.id);
      await store.namespaces.removeMember(namespace, user.id);
      await signals.send({ type: 'memberships-changed', userId: user.id });
      audit.record({
        principal,
        action: 'member-remove',
        target: { kind: 'Namespace', name: namespace },
        detail: { user: user.username },
      });
    },
  };

  async function keepAnOwner(namespace: string, leavingUserId: string): Promise<void> {
    const owners = (await store.namespaces.members(namespace)).filter(({ role }) => role === 'Owner');
    if (owners.some(({ userId }) => userId !== leavingUserId)) return;
    throw new ApiError('Conflict', `"${namespace}" needs an Owner: make somebody else Owner first`);
  }
}
