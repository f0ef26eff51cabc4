import { ApiError, kindByName, type ResourceObject } from '@wegent/api';
import type { Store } from '@wegent/store';
import { type Principal, principalOfUser } from '../auth/principal.ts';
import type { Deletion } from '../resources/deletion.ts';
import type { DeleteOptions } from '../resources/resource.service.ts';

/** Deletes in the platform's own name, see `createRemover`. */
export type Remover = ReturnType<typeof createRemover>;

/** Deletions that follow from others: what somebody owned, what lay in a Namespace. Rights were asked for with those. */
export function createRemover({
  store,
  deletion,
  onChange,
}: {
  store: Store;
  deletion: Deletion;
  onChange: () => void;
}) {
  return {
    /** Deletes an object, or marks it when something has to happen first. */
    async remove(
      object: ResourceObject,
      { propagationPolicy }: Pick<DeleteOptions, 'propagationPolicy'>,
    ): Promise<void> {
      const options = { dryRun: false, force: true, propagationPolicy };
      await deletion.begin(await keyOf(object), object, options);
      onChange();
    },

    /** Takes a finalizer away; an object that is being deleted and has none left goes. */
    async dropFinalizer(object: ResourceObject, finalizer: string): Promise<void> {
      const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
      const version = object.metadata.resourceVersion ?? '';
      if (finalizers.length === 0 && object.metadata.deletionTimestamp)
        await deletion.finish(await keyOf(object), object, version);
      else await store.resources.update({ ...object, metadata: { ...object.metadata, finalizers } }, version);
      onChange();
    },
  };

  async function keyOf(object: ResourceObject) {
    const { kind, metadata } = object;
    const definition = kindByName(kind);
    if (!definition) throw new ApiError('InternalError', `kind "${kind}" is not known`);
    const { namespace, name } = metadata;
    return { principal: await actorFor(object), definition, namespace, name };
  }

  /** A Task is removed in the name of its owner; nothing else asks who it is. */
  async function actorFor({ kind, metadata }: ResourceObject): Promise<Principal> {
    const task = kind === 'Task' ? await store.tasks.get(metadata.uid ?? '') : undefined;
    const owner = task && (await store.users.get(task.ownerId));
    return owner ? principalOfUser(owner) : PLATFORM;
  }
}

const PLATFORM: Principal = { userId: '', username: 'wegent', role: 'user', namespace: '', via: 'session' };
