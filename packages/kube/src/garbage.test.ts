import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FOREGROUND_FINALIZER,
  isMarked,
  ORPHAN_FINALIZER,
  type OwnerLink,
  type PropagationPolicy,
} from './deletion.ts';
import { collectGarbage, type GraphObject } from './garbage.ts';

const link = (uid: string, blockOwnerDeletion = true): OwnerLink => ({
  apiVersion: 'v1',
  kind: 'Thing',
  name: uid,
  uid,
  blockOwnerDeletion,
});
const thing = (uid: string, ownerReferences: OwnerLink[] = [], namespace = 'n'): GraphObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { uid, name: uid, namespace, ownerReferences },
});
const knows = () => true;
const POLICY_FINALIZERS: Record<PropagationPolicy, string[]> = {
  Background: [],
  Foreground: [FOREGROUND_FINALIZER],
  Orphan: [ORPHAN_FINALIZER],
};

/** A store in small: it does what a server would do with each step. */
function createWorld(objects: readonly GraphObject[]) {
  const world = new Map(objects.map((object) => [object.metadata.uid, structuredClone(object)]));
  const settle = (object: GraphObject) => {
    if (isMarked(object.metadata) && !object.metadata.finalizers?.length) world.delete(object.metadata.uid);
  };
  function remove(uid: string, propagationPolicy: PropagationPolicy) {
    const object = world.get(uid);
    if (!object) return;
    const { deletionTimestamp, finalizers = [] } = object.metadata;
    const others = finalizers.filter((name) => name !== FOREGROUND_FINALIZER && name !== ORPHAN_FINALIZER);
    const held = [...others, ...POLICY_FINALIZERS[propagationPolicy]];
    if (held.length === 0) world.delete(uid);
    else
      Object.assign(object.metadata, {
        deletionTimestamp: deletionTimestamp ?? '2026-01-01T00:00:00Z',
        finalizers: held,
      });
  }
  function collect(): number {
    const steps = collectGarbage([...world.values()], { knows });
    for (const step of steps) {
      const object = world.get(step.uid);
      if (!object) continue;
      if (step.do === 'delete') remove(step.uid, step.propagationPolicy);
      if (step.do === 'drop-owners')
        object.metadata.ownerReferences = object.metadata.ownerReferences?.filter(
          ({ uid }) => !step.owners.includes(uid),
        );
      if (step.do === 'drop-finalizer') {
        object.metadata.finalizers = object.metadata.finalizers?.filter((name) => name !== step.finalizer);
        settle(object);
      }
    }
    return steps.length;
  }
  function settleAll() {
    for (let round = 0; round < 100; round += 1) if (collect() === 0) return;
    throw new Error('the collector does not come to an end');
  }
  return {
    remove,
    settleAll,
    collect,
    uids: () => [...world.keys()].sort(),
    get: (uid: string) => world.get(uid)?.metadata,
  };
}

describe('collectGarbage', () => {
  it('deletes what a deleted owner leaves behind, over any depth', () => {
    const world = createWorld([thing('a'), thing('b', [link('a')]), thing('c', [link('b')]), thing('free')]);
    world.remove('a', 'Background');
    expect(world.uids()).toEqual(['b', 'c', 'free']);
    world.settleAll();
    expect(world.uids()).toEqual(['free']);
  });

  it('keeps what has another owner, and forgets the one that is gone', () => {
    const world = createWorld([thing('a'), thing('b'), thing('c', [link('a'), link('b')])]);
    world.remove('a', 'Background');
    world.settleAll();
    expect(world.uids()).toEqual(['b', 'c']);
    expect(world.get('c')?.ownerReferences?.map(({ uid }) => uid)).toEqual(['b']);
  });

  it('deletes an owner in the foreground after what it owns', () => {
    const world = createWorld([thing('a'), thing('b', [link('a')]), thing('c', [link('b')])]);
    world.remove('a', 'Foreground');
    world.collect();
    expect(world.uids()).toEqual(['a', 'b', 'c']);
    world.collect();
    expect(world.uids()).toEqual(['a', 'b']);
    world.settleAll();
    expect(world.uids()).toEqual([]);
  });

  it('does not wait for what does not block', () => {
    const held = { ...thing('b', [link('a', false)]) };
    held.metadata.finalizers = ['controller'];
    const world = createWorld([thing('a'), held]);
    world.remove('a', 'Foreground');
    world.settleAll();
    expect(world.uids()).toEqual(['b']);
    expect(world.get('b')?.deletionTimestamp).toBeDefined();
  });

  it('lets go of what is orphaned', () => {
    const world = createWorld([thing('a'), thing('b', [link('a')])]);
    world.remove('a', 'Orphan');
    world.settleAll();
    expect(world.uids()).toEqual(['b']);
    expect(world.get('b')?.ownerReferences).toEqual([]);
  });

  it('breaks circles', () => {
    const world = createWorld([thing('a', [link('c')]), thing('b', [link('a')]), thing('c', [link('b')])]);
    world.settleAll();
    expect(world.uids()).toEqual(['a', 'b', 'c']);
    world.remove('a', 'Foreground');
    world.settleAll();
    expect(world.uids()).toEqual([]);
  });

  it('never deletes for an owner that it cannot know', () => {
    const owned = thing('b', [{ ...link('elsewhere'), kind: 'Other' }]);
    expect(collectGarbage([owned], { knows: ({ kind }) => kind === 'Thing' })).toEqual([]);
    expect(collectGarbage([owned], { knows })).toEqual([
      { do: 'delete', uid: 'b', propagationPolicy: 'Background' },
    ]);
  });

  it('does not accept owners of other namespaces or under a wrong kind', () => {
    expect(collectGarbage([thing('a', [], 'm'), thing('b', [link('a')], 'n')], { knows })).toMatchObject([
      { do: 'delete', uid: 'b' },
    ]);
    expect(
      collectGarbage([thing('a'), thing('b', [{ ...link('a'), kind: 'Other' }])], { knows }),
    ).toMatchObject([{ do: 'delete', uid: 'b' }]);
  });

  it('comes to an end, and to the same end as counting owners', () => {
    const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
    const edges = fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...NAMES), fc.boolean()), {
      maxLength: 10,
    });
    const deletions = fc.array(
      fc.tuple(
        fc.constantFrom(...NAMES),
        fc.constantFrom<PropagationPolicy>('Background', 'Foreground', 'Orphan'),
      ),
      { minLength: 1, maxLength: 3 },
    );
    const graphOf = (links: readonly (readonly [string, string, boolean])[]) =>
      NAMES.map((name) =>
        thing(
          name,
          links
            .filter(([from, to]) => from === name && to !== name)
            .map(([, to, blocks]) => link(to, blocks)),
        ),
      );
    fc.assert(
      fc.property(edges, deletions, (links, deleted) => {
        const world = createWorld(graphOf(links));
        for (const [uid, policy] of deleted) world.remove(uid, policy);
        world.settleAll();
        // Nothing stays half deleted, and whatever was deleted is gone.
        for (const uid of world.uids()) expect(world.get(uid)?.deletionTimestamp).toBeUndefined();
        for (const [uid] of deleted) expect(world.uids()).not.toContain(uid);
      }),
      { numRuns: 300, seed: 7 },
    );
    fc.assert(
      fc.property(
        edges,
        fc.constantFrom(...NAMES),
        fc.constantFrom<PropagationPolicy>('Background', 'Foreground'),
        (links, first, policy) => {
          const objects = graphOf(links);
          const world = createWorld(objects);
          world.remove(first, policy);
          world.settleAll();
          const alive = new Set(NAMES.filter((name) => name !== first));
          for (let size = -1; size !== alive.size; ) {
            size = alive.size;
            for (const { metadata } of objects) {
              const owners = metadata.ownerReferences ?? [];
              if (owners.length > 0 && !owners.some(({ uid }) => alive.has(uid))) alive.delete(metadata.uid);
            }
          }
          // In the foreground circles go as a whole; otherwise they hold each other.
          if (policy === 'Background') expect(world.uids()).toEqual([...alive].sort());
          else for (const uid of world.uids()) expect(alive).toContain(uid);
        },
      ),
      { numRuns: 300, seed: 8 },
    );
  }, 60_000);
});
