import { expect, test } from 'vitest';
import { newId } from '../../src/index.ts';
import { resource, storeTask, task, user } from '../fixtures.ts';
import type { StoreUnderTest } from './open-store.ts';

/** Tasks, members, lists, unread marks. */
export function tasksContract({ shared, fresh }: StoreUnderTest): void {
  async function person(name: string = newId()) {
    const row = user(name);
    await shared().users.insert(row);
    return row;
  }

  test('stores, changes and deletes a task', async () => {
    const { tasks } = shared();
    const owner = await person();
    const row = task(owner.id, { title: 'Ünïcode 🚀', isGroup: true });
    await tasks.insert(row, []);
    expect(await tasks.get(row.id)).toEqual(row);
    expect(await tasks.lock(row.id)).toEqual(row);
    await expect(tasks.insert(row, [])).rejects.toMatchObject({ reason: 'AlreadyExists' });
    const patch = {
      phase: 'Running',
      progress: 40,
      startedAt: 5,
      errorMessage: 'x',
      activeLeafId: 'm1',
    } as const;
    await tasks.update(row.id, patch);
    await tasks.update(row.id, {});
    expect(await tasks.get(row.id)).toEqual({ ...row, ...patch });
    await tasks.update(row.id, { errorMessage: null });
    expect((await tasks.get(row.id))?.errorMessage).toBeNull();
    await tasks.delete(row.id, 77);
    expect(await tasks.get(row.id)).toBeUndefined();
    expect(await tasks.lock(row.id)).toBeUndefined();
    expect(await tasks.isMember(row.id, owner.id)).toBe(false);
  });

  test('keeps members: the owner always, participants as set', async () => {
    const { tasks } = shared();
    const [owner, anna, ben] = [await person(), await person(), await person()];
    const row = task(owner.id);
    await tasks.insert(row, [owner.id, anna.id]);
    expect(await tasks.members(row.id)).toEqual([
      { userId: owner.id, username: owner.username, role: 'owner' },
      { userId: anna.id, username: anna.username, role: 'participant' },
    ]);
    await tasks.setMembers(row.id, [ben.id]);
    expect((await tasks.members(row.id)).map((member) => member.userId)).toEqual([owner.id, ben.id]);
    expect(await tasks.isMember(row.id, anna.id)).toBe(false);
    expect(await tasks.isMember(row.id, ben.id)).toBe(true);
  });

  test('lists by newest activity in keyset pages, in one statement', async () => {
    const statements: string[] = [];
    const { store } = await fresh((sql) => statements.push(sql));
    const owner = user('owner', { displayName: 'Olga' });
    await store.users.insert(owner);
    const team = await store.resources.create(resource('team', { kind: 'Team' }));
    const rows = [];
    for (let index = 0; index < 7; index += 1) {
      // Several of one moment: the id decides.
      rows.push(
        await storeTask(store, owner, { activityAt: Math.floor(index / 2), title: `Title ${index}` }),
      );
    }
    const expected = rows.map((row) => row.id).reverse();
    const seen: string[] = [];
    for (;;) {
      const last = rows.find((row) => row.id === seen.at(-1));
      const before = last && { activityAt: last.activityAt, id: last.id };
      statements.length = 0;
      const page = await store.tasks.list({ userId: owner.id, limit: 3, ...(before ? { before } : {}) });
      expect(statements).toHaveLength(1);
      seen.push(...page.map((row) => row.id));
      if (page.length < 3) break;
      expect(page[0]).toMatchObject({ ownerName: 'Olga', unread: false, teamObject: team });
      expect(page[0]?.object.metadata.uid).toBe(page[0]?.id);
    }
    expect(seen).toEqual(expected);
    expect(await store.tasks.list({ userId: 'nobody', limit: 3 })).toEqual([]);
    await store.resources.delete('Team', 'default', 'team');
    const item = await store.tasks.getItem(rows[0]?.id ?? '', owner.id);
    expect(item?.title).toBe('Title 0');
    expect(item && 'teamObject' in item).toBe(false);
    expect(await store.tasks.getItem(rows[0]?.id ?? '', 'nobody')).toBeUndefined();
  });

  test('filters by text, type and phase', async () => {
    const store = shared();
    const owner = await person();
    await storeTask(store, owner, { title: 'Größe 100% ändern', type: 'code', phase: 'Running' });
    await storeTask(store, owner, { title: 'Something else', phase: 'Failed' });
    const titles = async (query: object) =>
      (await store.tasks.list({ userId: owner.id, limit: 10, ...query })).map((row) => row.title);
    expect(await titles({ search: 'GRÖSSE' })).toEqual([]);
    expect(await titles({ search: 'GRÖßE 100%' })).toEqual(['Größe 100% ändern']);
    expect(await titles({ search: '0%ä' })).toEqual([]);
    expect(await titles({ search: '_' })).toEqual([]);
    expect(await titles({ type: 'code' })).toEqual(['Größe 100% ändern']);
    expect(await titles({ phases: ['Failed', 'Cancelled'] })).toEqual(['Something else']);
    const [row] = await store.tasks.list({ userId: owner.id, limit: 1, search: 'else' });
    await store.tasks.update(row?.id ?? '', { title: 'Renamed' });
    expect(await titles({ search: 'renamed' })).toEqual(['Renamed']);
    await store.tasks.delete(row?.id ?? '', 1);
    expect(await titles({})).toEqual(['Größe 100% ändern']);
  });

  test('moves on activity and marks unread until read', async () => {
    const store = shared();
    const [owner, guest] = [await person(), await person()];
    const { id } = await storeTask(store, owner, { activityAt: 1 });
    const other = await storeTask(store, owner, { activityAt: 2 });
    await store.tasks.setMembers(id, [guest.id]);
    await store.tasks.touch(id, 50, { unreadFor: 'others', by: owner.id });
    const list = await store.tasks.list({ userId: owner.id, limit: 10 });
    expect(list.map((row) => [row.id, row.activityAt, row.unread])).toEqual([
      [id, 50, false],
      [other.id, 2, false],
    ]);
    expect((await store.tasks.getItem(id, guest.id))?.unread).toBe(true);
    await store.tasks.markRead(id, guest.id, 60);
    expect((await store.tasks.getItem(id, guest.id))?.unread).toBe(false);
    await store.tasks.touch(id, 70, { unreadFor: 'all' });
    expect((await store.tasks.getItem(id, owner.id))?.unread).toBe(true);
    await store.tasks.markRead(id, owner.id, 71);
    await store.tasks.touch(id, 80);
    expect(await store.tasks.getItem(id, owner.id)).toMatchObject({ unread: false, activityAt: 80 });
  });

  test('counts the live tasks of a team', async () => {
    const store = shared();
    const owner = await person();
    const teamName = newId();
    const { id } = await storeTask(store, owner, { teamName });
    await storeTask(store, owner, { teamName });
    expect(await store.tasks.usingTeam('default', teamName)).toBe(2);
    await store.tasks.delete(id, 1);
    expect(await store.tasks.usingTeam('default', teamName)).toBe(1);
  });
}
