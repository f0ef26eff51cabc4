import { ApiError } from '@wegent/api';
import { expect, test } from 'vitest';
import { type Change, newId, type Store } from '../../src/index.ts';
import { resource } from '../fixtures.ts';
import type { StoreUnderTest } from './open-store.ts';

/** Objects, selectors, references and the watch log. */
export function resourcesContract({ shared, fresh }: StoreUnderTest): void {
  test('stores an object with uid, version and creation time, and gives it back', async () => {
    const { resources } = shared();
    const namespace = newId();
    const created = await resources.create(resource('a', { namespace, spec: { text: '工程 🚀\u0000 ' } }));
    expect(created.metadata.uid).toBeTruthy();
    expect(created.metadata.creationTimestamp).toMatch(/Z$/);
    expect(Number(created.metadata.resourceVersion)).toBeGreaterThan(0);
    expect(await resources.get('Ghost', namespace, 'a')).toEqual(created);
    expect(await resources.getByUid(created.metadata.uid ?? '')).toEqual(created);
    expect(await resources.get('Ghost', namespace, 'A')).toBeUndefined();
    expect(await resources.get('Ghost', namespace, 'a ')).toBeUndefined();
    expect(await resources.get('Model', namespace, 'a')).toBeUndefined();
  });

  test('refuses a second live object of the name, and a failed transaction leaves nothing', async () => {
    const store = shared();
    const namespace = newId();
    await store.resources.create(resource('a', { namespace }));
    await expect(store.resources.create(resource('a', { namespace }))).rejects.toMatchObject({
      reason: 'AlreadyExists',
    });
    const failing = store.transaction(async (tx) => {
      await tx.resources.create(resource('b', { namespace }));
      await tx.resources.create(resource('a', { namespace }));
    });
    await expect(failing).rejects.toBeInstanceOf(ApiError);
    expect(await store.resources.get('Ghost', namespace, 'b')).toBeUndefined();
  });

  test('of racing updates of one version exactly one wins', async () => {
    const { resources } = shared();
    const namespace = newId();
    const created = await resources.create(resource('a', { namespace }));
    const version = created.metadata.resourceVersion ?? '';
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => resources.update({ ...created, spec: { index } }, version)),
    );
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ reason: 'Conflict' });
    }
    expect(await resources.get('Ghost', namespace, 'a')).toEqual(won[0]?.value);
    await expect(resources.update(resource('gone', { namespace }), '1')).rejects.toMatchObject({
      reason: 'NotFound',
    });
  });

  test('deletes softly and frees the name', async () => {
    const { resources } = shared();
    const namespace = newId();
    const first = await resources.create(resource('a', { namespace }));
    await expect(resources.delete('Ghost', namespace, 'a', '1')).rejects.toMatchObject({
      reason: 'Conflict',
    });
    const deleted = await resources.delete('Ghost', namespace, 'a', first.metadata.resourceVersion);
    expect(deleted?.metadata.deletionTimestamp).toBeTruthy();
    expect(Number(deleted?.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
    expect(await resources.delete('Ghost', namespace, 'a')).toBeUndefined();
    const second = await resources.create(resource('a', { namespace }));
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
    expect(await resources.getByUid(first.metadata.uid ?? '')).toBeUndefined();
    expect(await resources.getByUid(first.metadata.uid ?? '', { deleted: true })).toEqual(deleted);
    await resources.delete('Ghost', namespace, 'a');
    expect(await resources.count('Ghost', [namespace])).toBe(0);
  });

  test('pages by namespace and name', async () => {
    const { resources } = shared();
    const kind = `Kind${newId()}`;
    for (const namespace of ['n1', 'n2', 'n3']) {
      for (const name of ['b', 'a', 'c']) await resources.create(resource(name, { kind, namespace }));
    }
    const first = await resources.list({ kind, limit: 4 });
    expect(places(first.items)).toEqual(['n1/a', 'n1/b', 'n1/c', 'n2/a']);
    expect(first.remaining).toBe(5);
    const second = await resources.list({ kind, limit: 5, ...(first.next ? { after: first.next } : {}) });
    expect(places(second.items)).toEqual(['n2/b', 'n2/c', 'n3/a', 'n3/b', 'n3/c']);
    expect(second.next).toBeUndefined();
    expect(
      places((await resources.list({ kind, namespaces: ['n1', 'n3'], fields: { name: 'b' } })).items),
    ).toEqual(['n1/b', 'n3/b']);
    expect((await resources.list({ kind, namespaces: [] })).items).toEqual([]);
    expect(await resources.count(kind)).toBe(9);
    const keys = [
      { namespace: 'n2', name: 'c' },
      { namespace: 'n1', name: 'nobody' },
    ];
    expect(places(await resources.getMany(kind, keys))).toEqual(['n2/c']);
  });

  test('selects by labels', async () => {
    const { resources } = shared();
    const namespace = newId();
    await resources.create(resource('one', { namespace, labels: { app: 'x', tier: 'front' } }));
    await resources.create(resource('two', { namespace, labels: { app: 'y' } }));
    const three = await resources.create(resource('three', { namespace }));
    const select = async (...labels: Parameters<Store['resources']['list']>[0]['labels'] & object) =>
      (await resources.list({ kind: 'Ghost', namespaces: [namespace], labels })).items.map(
        (item) => item.metadata.name,
      );
    expect(await select({ key: 'app', operator: 'in', values: ['x', 'z'] })).toEqual(['one']);
    expect(await select({ key: 'app', operator: 'notin', values: ['x'] })).toEqual(['three', 'two']);
    expect(await select({ key: 'app', operator: 'exists', values: [] })).toEqual(['one', 'two']);
    expect(await select({ key: 'tier', operator: 'doesnotexist', values: [] })).toEqual(['three', 'two']);
    expect(
      await select(
        { key: 'app', operator: 'in', values: ['x', 'y'] },
        { key: 'tier', operator: 'doesnotexist', values: [] },
      ),
    ).toEqual(['two']);
    const labelled = { ...three, metadata: { ...three.metadata, labels: { app: 'z' } } };
    await resources.update(labelled, three.metadata.resourceVersion ?? '');
    expect(await select({ key: 'app', operator: 'in', values: ['z'] })).toEqual(['three']);
  });

  test('knows who uses what', async () => {
    const { resources } = shared();
    const namespace = newId();
    const target = { kind: 'Bot', namespace, name: 'bot' };
    const team = resource('team', { kind: 'Team', namespace });
    const created = await resources.create(team, { references: [target, target] });
    expect(await resources.referrers('Bot', namespace, 'bot')).toEqual([
      { kind: 'Team', namespace, name: 'team' },
    ]);
    const kept = await resources.update(created, created.metadata.resourceVersion ?? '');
    expect(await resources.referrers('Bot', namespace, 'bot')).toHaveLength(1);
    await resources.update(kept, kept.metadata.resourceVersion ?? '', { references: [] });
    expect(await resources.referrers('Bot', namespace, 'bot')).toEqual([]);
  });

  test('logs every change with the object before it', async () => {
    const { resources, changes } = shared();
    const namespace = newId();
    const start = await changes.current();
    const one = await resources.create(resource('a', { namespace }));
    const two = await resources.update({ ...one, spec: { n: 2 } }, one.metadata.resourceVersion ?? '');
    const three = await resources.delete('Ghost', namespace, 'a');
    const log = (await changes.after(start, 1000)).filter((change) => change.namespace === namespace);
    expect(log.map(({ type, object, previous }) => [type, object, previous])).toEqual([
      ['ADDED', one, undefined],
      ['MODIFIED', two, one],
      ['DELETED', three, two],
    ]);
  });

  test('a tailer misses nothing while 16 write at once', async () => {
    const { store } = await fresh();
    const seen: Change[] = [];
    let writing = true;
    const tail = async () => {
      for (;;) {
        const wasWriting = writing;
        const page = await store.changes.after(seen.at(-1)?.resourceVersion ?? 0, 50);
        seen.push(...page);
        if (page.length === 0 && !wasWriting) return;
        await new Promise(setImmediate);
      }
    };
    const write = async (writer: number) => {
      for (let index = 0; index < 10; index += 1) {
        const created = await store.resources.create(resource(`w${writer}-${index}`));
        await store.resources.update({ ...created, spec: { index } }, created.metadata.resourceVersion ?? '');
      }
    };
    const tailing = tail();
    await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
    writing = false;
    await tailing;
    expect(seen.map((change) => change.resourceVersion)).toEqual(
      Array.from({ length: 320 }, (_, index) => index + 1),
    );
    expect(await store.changes.current()).toBe(320);
  });

  test('compacts old changes but keeps the newest', async () => {
    const { store } = await fresh();
    for (let index = 0; index < 10; index += 1) await store.resources.create(resource(`r${index}`));
    const later = Date.now() + 1000;
    expect(await store.changes.compact({ keep: 3, olderThan: 0 })).toBe(0);
    expect(await store.changes.compact({ keep: 3, olderThan: later })).toBe(7);
    expect(await store.changes.compactedUpTo()).toBe(7);
    expect((await store.changes.after(0, 100)).map((change) => change.resourceVersion)).toEqual([8, 9, 10]);
    expect(await store.changes.compact({ keep: 100, olderThan: later })).toBe(7);
    expect(await store.changes.compact({ keep: 0, olderThan: later })).toBe(10);
    expect(await store.changes.current()).toBe(10);
  });

  test('knows who owns what, and what names an owner that is not there', async () => {
    const { resources } = shared();
    const namespace = newId();
    const owner = await resources.create(resource('owner', { namespace }));
    const owned = (uid: string) => [{ apiVersion: 'v1', kind: 'Ghost', name: 'owner', uid }];
    const uid = owner.metadata.uid ?? '';
    const made = resource('owned', { namespace });
    const first = await resources.create({
      ...made,
      metadata: { ...made.metadata, ownerReferences: owned(uid) },
    });
    expect(await resources.dependents(uid)).toEqual([first]);
    const orphans = async () =>
      (await resources.orphans(1000)).filter(({ metadata }) => metadata.namespace === namespace);
    expect(await orphans()).toEqual([]);
    await resources.delete('Ghost', namespace, 'owner');
    expect(await orphans()).toEqual([first]);
    const freed = await resources.update(
      { ...first, metadata: { ...first.metadata, ownerReferences: [] } },
      first.metadata.resourceVersion ?? '',
    );
    expect(await resources.dependents(uid)).toEqual([]);
    expect(await orphans()).toEqual([]);
    expect(await resources.inNamespace(namespace, { kinds: ['Ghost', 'Model'], limit: 5 })).toEqual([freed]);
    expect(await resources.inNamespace(namespace, { kinds: ['Model'], limit: 5 })).toEqual([]);
  });

  test('deletes what is old, rows and all, and tells watchers', async () => {
    const { store } = await fresh();
    const kind = `Old-${newId()}`;
    const made = await Promise.all(
      ['a', 'b', 'c'].map((name) => store.resources.create({ ...resource(name), kind })),
    );
    const before = await store.changes.current();
    expect(await store.resources.deleteOlder(kind, { before: 0, limit: 10 })).toBe(0);
    const future = Date.now() + 60_000;
    expect(await store.resources.deleteOlder(kind, { before: future, limit: 2 })).toBe(2);
    expect(await store.resources.deleteOlder(kind, { before: future, limit: 2 })).toBe(1);
    expect((await store.changes.after(before, 10)).map(({ type }) => type)).toEqual([
      'DELETED',
      'DELETED',
      'DELETED',
    ]);
    for (const { metadata } of made)
      expect(await store.resources.getByUid(metadata.uid ?? '', { deleted: true })).toBeUndefined();
  });
}

function places(items: { metadata: { namespace: string; name: string } }[]): string[] {
  return items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}
