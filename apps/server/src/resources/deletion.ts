import type { ResourceObject } from '@wegent/api';
import { FOREGROUND_FINALIZER } from '@wegent/kube';
import type { Store } from '@wegent/store';
import { principalOfUser } from '../auth/principal.ts';
import type { NamespaceResources } from '../users/namespace-resources.ts';
import type { DeleteOptions } from './resource.service.ts';
import type { ObjectKey } from './resource-reader.ts';
import type { TaskResources } from './task-resources.ts';

/** Carries out deletions, see `createDeletion`. */
export type Deletion = ReturnType<typeof createDeletion>;

/**
 * Deletion in the way of Kubernetes: an object with finalizers, one that waits for what it owns, and a Namespace stay,
 * marked, until controllers are done with them.
 */
export function createDeletion({
  store,
  taskResources,
  namespaces,
  onDeleted,
  now = Date.now,
}: {
  store: Store;
  taskResources: TaskResources;
  namespaces: Pick<NamespaceResources, 'refuseDeletion'>;
  /** Called after an object was deleted, for what is kept beside it. */
  onDeleted?: (object: ResourceObject) => Promise<void>;
  now?: () => number;
}) {
  /** Deletes, or marks as being deleted and answers what is kept. The caller has checked the rights. */
  async function begin(
    key: ObjectKey,
    stored: ResourceObject,
    { dryRun, propagationPolicy, preconditions }: DeleteOptions,
  ): Promise<ResourceObject | undefined> {
    const { principal, definition } = key;
    const isNamespace = definition.kind === 'Namespace';
    if (isNamespace) namespaces.refuseDeletion(principal, stored);
    // Also tells who may not delete a Task.
    if (definition.kind === 'Task') await taskResources.delete({ principal, object: stored, dryRun: true });
    if (stored.metadata.deletionTimestamp) return stored;
    const finalizers = [
      ...new Set([
        ...(stored.metadata.finalizers ?? []),
        ...(propagationPolicy === 'Foreground' && (await owns(stored)) ? [FOREGROUND_FINALIZER] : []),
      ]),
    ];
    if (!isNamespace && finalizers.length === 0) {
      if (dryRun) return undefined;
      if (propagationPolicy === 'Orphan') await orphan(stored);
      await finish(key, stored, preconditions?.resourceVersion);
      return undefined;
    }
    const marked: ResourceObject = {
      ...stored,
      metadata: {
        ...stored.metadata,
        deletionTimestamp: new Date(now()).toISOString(),
        ...(finalizers.length === 0 ? {} : { finalizers }),
      },
      ...(isNamespace ? { status: { ...stored.status, phase: 'Terminating' } } : {}),
    };
    if (dryRun) return marked;
    if (propagationPolicy === 'Orphan') await orphan(stored);
    return store.resources.update(marked, stored.metadata.resourceVersion ?? '');
  }

  /** Removes an object that nothing keeps any more. */
  async function finish(key: ObjectKey, stored: ResourceObject, expectedVersion?: string): Promise<void> {
    const { definition, namespace, name } = key;
    if (definition.kind === 'Task') {
      // Whoever takes the last finalizer away acts for the owner, who has asked for the deletion.
      const task = await store.tasks.get(stored.metadata.uid ?? '');
      const owner = task && (await store.users.get(task.ownerId));
      const principal = owner ? principalOfUser(owner) : key.principal;
      await taskResources.delete({ principal, object: stored, dryRun: false });
      return;
    }
    await store.resources.delete(definition.kind, namespace, name, expectedVersion);
    await onDeleted?.(stored);
  }

  /** Takes the owner out of what it owns, so that it stays. */
  async function orphan(owner: ResourceObject): Promise<void> {
    const { uid } = owner.metadata;
    for (const dependent of await ownedBy(owner)) {
      const ownerReferences = (dependent.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
      await store.resources.update(
        { ...dependent, metadata: { ...dependent.metadata, ownerReferences } },
        dependent.metadata.resourceVersion ?? '',
      );
    }
  }

  async function owns(owner: ResourceObject): Promise<boolean> {
    return (await ownedBy(owner)).length > 0;
  }

  /** Nobody owns across namespaces, whatever the objects of others say. */
  async function ownedBy({ metadata: { uid, namespace } }: ResourceObject): Promise<ResourceObject[]> {
    if (uid === undefined) return [];
    const dependents = await store.resources.dependents(uid);
    return dependents.filter((object) => namespace === '' || object.metadata.namespace === namespace);
  }

  return { begin, finish };
}
