import {
  type Deletable,
  FOREGROUND_FINALIZER,
  isMarked,
  ORPHAN_FINALIZER,
  type OwnerLink,
  type PropagationPolicy,
} from './deletion.ts';

/** An object as the collector sees it. */
export interface GraphObject {
  apiVersion: string;
  kind: string;
  metadata: Deletable & { name: string; namespace?: string | undefined; uid: string };
}

/** One thing to do next. Each is safe to repeat, and safe to skip until the next round. */
export type GarbageStep =
  /** Delete an object, with the given policy for what it owns. */
  | { do: 'delete'; uid: string; propagationPolicy: PropagationPolicy }
  /** Take links to owners away from an object. */
  | { do: 'drop-owners'; uid: string; owners: string[] }
  /** Take a finalizer away; an object without any goes. */
  | { do: 'drop-finalizer'; uid: string; finalizer: string };

/**
 * What to do next to a set of objects: delete those whose owners are all gone, let go of what is orphaned, and end
 * foreground deletions that nothing blocks any more. Call it again with the new state until it answers nothing.
 *
 * `objects` has to hold all objects of the kinds that `knows` says yes to; owners of other kinds count as there.
 */
export function collectGarbage(
  objects: readonly GraphObject[],
  { knows }: { knows: (owner: Pick<OwnerLink, 'apiVersion' | 'kind'>) => boolean },
): GarbageStep[] {
  const byUid = new Map(objects.map((object) => [object.metadata.uid, object]));
  const dependents = dependentsOf(objects, byUid);
  return objects.flatMap((object) => {
    if (holds(object, ORPHAN_FINALIZER)) return orphanSteps(object, dependents);
    if (holds(object, FOREGROUND_FINALIZER)) return foregroundSteps(object, dependents);
    if (isMarked(object.metadata)) return [];
    return ownerSteps(object, { byUid, dependents, knows });
  });
}

type ByUid = ReadonlyMap<string, GraphObject>;
type Dependents = ReadonlyMap<string, readonly GraphObject[]>;

function orphanSteps({ metadata: { uid } }: GraphObject, dependents: Dependents): GarbageStep[] {
  const owned = dependents.get(uid) ?? [];
  if (owned.length === 0) return [{ do: 'drop-finalizer', uid, finalizer: ORPHAN_FINALIZER }];
  return owned.map((dependent) => ({ do: 'drop-owners', uid: dependent.metadata.uid, owners: [uid] }));
}

function foregroundSteps({ metadata: { uid } }: GraphObject, dependents: Dependents): GarbageStep[] {
  const blocking = blockingDependents(uid, dependents);
  // Those that are not being deleted yet are told so by their own links to this owner.
  return blocking.every((dependent) => waitsFor(dependent, uid, dependents))
    ? [{ do: 'drop-finalizer', uid, finalizer: FOREGROUND_FINALIZER }]
    : [];
}

function ownerSteps(
  object: GraphObject,
  {
    byUid,
    dependents,
    knows,
  }: { byUid: ByUid; dependents: Dependents; knows: (owner: OwnerLink) => boolean },
): GarbageStep[] {
  const links = linksOf(object);
  if (links.length === 0) return [];
  const { uid } = object.metadata;
  const owners = links.map((link) => ({ link, owner: ownerOf(object, link, byUid) }));
  const dangling = owners.filter(({ link, owner }) => owner === undefined && knows(link));
  const waiting = owners.filter(({ owner }) => owner !== undefined && holds(owner, FOREGROUND_FINALIZER));
  const solid = owners.length - dangling.length - waiting.length;
  if (solid > 0) {
    const gone = [...dangling, ...waiting].map(({ link }) => link.uid);
    return gone.length === 0 ? [] : [{ do: 'drop-owners', uid, owners: [...new Set(gone)] }];
  }
  if (waiting.length > 0 && (dependents.get(uid) ?? []).length > 0)
    return [{ do: 'delete', uid, propagationPolicy: 'Foreground' }];
  return [{ do: 'delete', uid, propagationPolicy: 'Background' }];
}

function blockingDependents(uid: string, dependents: Dependents): GraphObject[] {
  return (dependents.get(uid) ?? []).filter((dependent) =>
    linksOf(dependent).some((link) => link.uid === uid && link.blockOwnerDeletion === true),
  );
}

/** Does the object wait, over however many others, for the one with this uid? In a circle all would wait forever. */
function waitsFor(object: GraphObject, uid: string, dependents: Dependents): boolean {
  const seen = new Set<string>();
  const pending = [object];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.metadata.uid === uid) return true;
    if (seen.has(next.metadata.uid) || !holds(next, FOREGROUND_FINALIZER)) continue;
    seen.add(next.metadata.uid);
    pending.push(...blockingDependents(next.metadata.uid, dependents));
  }
  return false;
}

function dependentsOf(objects: readonly GraphObject[], byUid: ByUid): Dependents {
  const dependents = new Map<string, GraphObject[]>();
  for (const object of objects) {
    for (const link of linksOf(object)) {
      if (ownerOf(object, link, byUid) === undefined) continue;
      const known = dependents.get(link.uid);
      if (known) known.push(object);
      else dependents.set(link.uid, [object]);
    }
  }
  return dependents;
}

/**
 * The owner that a link names, with all that it says of it. One in another namespace is none: nobody may own across
 * namespaces.
 */
function ownerOf(object: GraphObject, link: OwnerLink, byUid: ByUid): GraphObject | undefined {
  const owner = byUid.get(link.uid);
  if (owner === undefined || owner.kind !== link.kind || owner.metadata.name !== link.name) return undefined;
  const { namespace } = owner.metadata;
  return namespace === undefined || namespace === object.metadata.namespace ? owner : undefined;
}

function linksOf({ metadata }: GraphObject): readonly OwnerLink[] {
  return metadata.ownerReferences ?? [];
}

function holds({ metadata }: GraphObject, finalizer: string): boolean {
  return isMarked(metadata) && (metadata.finalizers ?? []).includes(finalizer);
}
