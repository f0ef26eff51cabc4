import { ApiError, kindByName, type ResourceObject } from '@wegent/api';
import { collectGarbage, FOREGROUND_FINALIZER, type GarbageStep, type GraphObject } from '@wegent/kube';
import type { Change, Store } from '@wegent/store';
import type { Controller } from './controller-loop.ts';
import type { Remover } from './remover.ts';

const ORPHANS = 200;
const REFUSALS: ReadonlySet<ApiError['reason']> = new Set(['Conflict', 'NotFound', 'Forbidden']);

/** Deletes what nobody owns any more, and ends deletions that waited for it. */
export function createGarbageController({ store, remover }: { store: Store; remover: Remover }): Controller {
  /** Decides and acts on some objects, with all that is linked to them in view. */
  async function collect(candidates: readonly ResourceObject[]): Promise<void> {
    if (candidates.length === 0) return;
    const view = new Map(candidates.map((object) => [object.metadata.uid ?? '', object]));
    for (const candidate of candidates) {
      const linked = [
        ...(await Promise.all(ownersOf(candidate).map((uid) => store.resources.getByUid(uid)))),
        ...(await store.resources.dependents(candidate.metadata.uid ?? '')),
      ];
      for (const object of linked) if (object?.metadata.uid) view.set(object.metadata.uid, object);
    }
    const wanted = new Set(candidates.map(({ metadata }) => metadata.uid ?? ''));
    const steps = collectGarbage([...view.values()].map(toGraph), {
      knows: ({ apiVersion, kind }) => {
        const definition = kindByName(kind);
        return definition !== undefined && apiVersion.startsWith(definition.group) && kind !== 'Pod';
      },
    });
    // What is in view only as a neighbour does not have all of its own neighbours there.
    for (const step of steps.filter(({ uid }) => wanted.has(uid))) {
      const object = view.get(step.uid);
      if (object) await act(step, object).catch(ignoreRefusals);
    }
  }

  async function act(step: GarbageStep, object: ResourceObject): Promise<void> {
    switch (step.do) {
      case 'delete':
        return remover.remove(object, { propagationPolicy: step.propagationPolicy });
      case 'drop-finalizer':
        return remover.dropFinalizer(object, step.finalizer);
      case 'drop-owners': {
        const ownerReferences = (object.metadata.ownerReferences ?? []).filter(
          ({ uid }) => !step.owners.includes(uid),
        );
        await store.resources.update(
          { ...object, metadata: { ...object.metadata, ownerReferences } },
          object.metadata.resourceVersion ?? '',
        );
      }
    }
  }

  /** The live objects that a change may be the end of. */
  async function touchedBy({ type, object, uid }: Change): Promise<ResourceObject[]> {
    if (type !== 'DELETED') return concerned(object) ? [object] : [];
    const owners = await Promise.all(ownersOf(object).map((owner) => store.resources.getByUid(owner)));
    return [...(await store.resources.dependents(uid)), ...owners.filter((owner) => owner !== undefined)];
  }

  return {
    async changed(changes) {
      for (const change of changes) {
        const touched = await touchedBy(change);
        for (const { metadata } of touched) {
          // The newest state counts, not that of the change.
          const object =
            metadata.uid === undefined ? undefined : await store.resources.getByUid(metadata.uid);
          if (object) await collect([object, ...(await waitingDependents(object))]);
        }
      }
    },

    async resync() {
      await collect(await store.resources.orphans(ORPHANS));
    },
  };

  /** What an object waits for in a foreground deletion is to be deleted. */
  async function waitingDependents({ metadata }: ResourceObject): Promise<ResourceObject[]> {
    if (!metadata.deletionTimestamp || !metadata.finalizers?.includes(FOREGROUND_FINALIZER)) return [];
    return store.resources.dependents(metadata.uid ?? '');
  }
}

function concerned({ metadata }: ResourceObject): boolean {
  return (
    (metadata.ownerReferences ?? []).length > 0 ||
    (Boolean(metadata.deletionTimestamp) && (metadata.finalizers ?? []).length > 0)
  );
}

function ownersOf({ metadata }: ResourceObject): string[] {
  return (metadata.ownerReferences ?? []).map(({ uid }) => uid);
}

function toGraph({ apiVersion, kind, metadata }: ResourceObject): GraphObject {
  const { namespace, uid = '', ...rest } = metadata;
  return { apiVersion, kind, metadata: { ...rest, uid, ...(namespace === '' ? {} : { namespace }) } };
}

/**
 * Somebody was faster: the change that they made brings the object here again. And what nobody may delete stays,
 * without holding up everything else.
 */
function ignoreRefusals(error: unknown): void {
  if (error instanceof ApiError && REFUSALS.has(error.reason)) return;
  throw error;
}
