import { expect, test } from 'vitest';
import { newId } from '../../src/index.ts';
import { user } from '../fixtures.ts';
import type { StoreUnderTest } from './open-store.ts';

/** People, sessions, API keys, namespaces. */
export function accountsContract({ shared, fresh }: StoreUnderTest): void {
  test('tells user names apart without case', async () => {
    const { users } = shared();
    const name = `Ännä-${newId()}`;
    const row = user(name, { preferences: { theme: 'dark' }, passwordHash: 'hash' });
    await users.insert(row);
    expect(await users.get(row.id)).toEqual(row);
    expect(await users.byUsername(name.toUpperCase())).toEqual(row);
    expect(await users.byUsernames([name.toLowerCase(), 'nobody'])).toEqual([row]);
    await expect(users.insert(user(name.toLowerCase()))).rejects.toMatchObject({ reason: 'AlreadyExists' });
    const patch = { displayName: 'Änne', disabled: true, sessionEpoch: 4, lastLoginAt: 9, preferences: {} };
    await users.update(row.id, patch);
    await users.update('nobody', patch);
    expect(await users.get(row.id)).toEqual({ ...row, ...patch });
  });

  test('lists, searches and counts people', async () => {
    const { store } = await fresh();
    await store.users.insert(user('Carl', { role: 'admin' }));
    await store.users.insert(user('anna', { displayName: 'Anna Größe' }));
    await store.users.insert(user('Ben', { email: 'ben@example.org', disabled: true }));
    const names = async (query: { after?: string; search?: string; limit?: number }) =>
      (await store.users.list({ limit: 10, ...query })).map((row) => row.username);
    expect(await names({})).toEqual(['anna', 'Ben', 'Carl']);
    expect(await names({ limit: 1, after: 'ANNA' })).toEqual(['Ben']);
    expect(await names({ search: 'größe' })).toEqual(['anna']);
    expect(await names({ search: 'EXAMPLE.org' })).toEqual(['Ben']);
    expect(await store.users.count()).toBe(3);
    expect(await store.users.count({ role: 'admin', disabled: false })).toBe(1);
    expect(await store.users.count({ role: 'admin', disabled: true })).toBe(0);
  });

  test('a refresh token is used once', async () => {
    const { sessions } = shared();
    const [familyId, userId] = [newId(), newId()];
    const session = (fields: object = {}) => ({
      id: newId(),
      familyId,
      userId,
      tokenHash: newId(),
      createdAt: 1,
      expiresAt: 1_000_000,
      usedAt: null,
      revokedAt: null,
      userAgent: 'Mozilla',
      ...fields,
    });
    const [one, two] = [session(), session()];
    await sessions.insert(one);
    await sessions.insert(two);
    const uses = await Promise.all(Array.from({ length: 6 }, () => sessions.markUsed(one.id, 5)));
    expect(uses.filter(Boolean)).toHaveLength(1);
    expect(await sessions.byTokenHash(one.tokenHash)).toEqual({ ...one, usedAt: 5 });
    await sessions.revokeFamily(familyId, 6);
    await sessions.revokeOfUser(userId, 7);
    expect((await sessions.byTokenHash(two.tokenHash))?.revokedAt).toBe(6);
    expect(await sessions.markUsed(two.id, 8)).toBe(false);
    await sessions.insert(session({ expiresAt: 10 }));
    expect(await sessions.deleteExpired(11)).toBe(1);
    expect(await sessions.byTokenHash('nothing')).toBeUndefined();
  });

  test('keeps API keys', async () => {
    const { apiKeys } = shared();
    const userId = newId();
    const row = {
      id: newId(),
      userId,
      name: 'laptop',
      prefix: 'wg_ab',
      keyHash: newId(),
      createdAt: 1,
      expiresAt: null,
      lastUsedAt: null,
    };
    await apiKeys.insert(row);
    await apiKeys.touch(row.id, 9);
    expect(await apiKeys.byHash(row.keyHash)).toEqual({ ...row, lastUsedAt: 9 });
    expect(await apiKeys.ofUser(userId)).toHaveLength(1);
    expect(await apiKeys.delete(row.id, 'somebody else')).toBe(false);
    expect(await apiKeys.delete(row.id, userId)).toBe(true);
    expect(await apiKeys.byHash(row.keyHash)).toBeUndefined();
  });

  test('keeps namespaces and roles', async () => {
    const { users, namespaces } = shared();
    const [owner, guest] = [user(`a-${newId()}`), user(`b-${newId()}`)];
    await users.insert(owner);
    await users.insert(guest);
    const row = { name: newId(), type: 'group', ownerId: owner.id, displayName: null, createdAt: 1 } as const;
    await namespaces.insert(row);
    await expect(namespaces.insert(row)).rejects.toMatchObject({ reason: 'AlreadyExists' });
    expect(await namespaces.get(row.name)).toEqual(row);
    expect(await namespaces.list([row.name, 'nothing'])).toEqual([row]);
    expect(await namespaces.list([])).toEqual([]);
    expect(await namespaces.list()).toContainEqual(row);
    await namespaces.setMember(row.name, guest.id, 'Reporter');
    await namespaces.setMember(row.name, guest.id, 'Developer');
    expect(await namespaces.roleOf(row.name, guest.id)).toBe('Developer');
    expect(await namespaces.members(row.name)).toEqual([
      { userId: owner.id, username: owner.username, role: 'Owner' },
      { userId: guest.id, username: guest.username, role: 'Developer' },
    ]);
    expect(await namespaces.ofUser(guest.id)).toEqual([{ name: row.name, role: 'Developer' }]);
    await namespaces.removeMember(row.name, guest.id);
    expect(await namespaces.roleOf(row.name, guest.id)).toBeUndefined();
  });

  test('a namespace has an object that stands for it, and goes with it', async () => {
    const { namespaces, resources, users } = shared();
    const owner = user(`owner-${newId()}`);
    await users.insert(owner);
    const name = `space-${newId()}`;
    const row = { name, type: 'group' as const, ownerId: owner.id, displayName: 'Space', createdAt: 1_000 };
    const made = await namespaces.insert(row);
    expect(made).toMatchObject({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, namespace: '', labels: { 'agent.wecode.io/namespace-type': 'group' } },
      status: { phase: 'Active' },
    });
    expect(await resources.get('Namespace', '', name)).toEqual(made);
    await expect(namespaces.insert(row)).rejects.toMatchObject({ reason: 'AlreadyExists' });
    await namespaces.rename(name, null);
    expect(await namespaces.get(name)).toEqual({ ...row, displayName: null });
    await namespaces.remove(name);
    expect(await namespaces.get(name)).toBeUndefined();
    expect(await namespaces.ofUser(owner.id)).toEqual([]);
    expect(await resources.get('Namespace', '', name)).toBeUndefined();
  });
}
