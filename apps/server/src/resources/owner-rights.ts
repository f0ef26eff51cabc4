import { ApiError, type KindDefinition, type ResourceObject } from '@wegent/api';
import { sameJson } from '@wegent/kube';
import type { Access } from '../access/access.ts';
import { rightFor } from '../access/kind-rights.ts';
import type { Principal } from '../auth/principal.ts';
import type { NamespaceResources } from '../users/namespace-resources.ts';
import type { TaskResources } from './task-resources.ts';

/** An object that is to be written with other owners. */
interface OwnedWrite {
  principal: Principal;
  definition: KindDefinition;
  object: ResourceObject;
  /** What is stored now; absent for a new object. */
  stored: ResourceObject | undefined;
}

/**
 * Links to owners delete: an object goes with its owners, and an owner may wait for it. So to give an object that is
 * there other owners takes what deleting it takes, and to hold up an owner takes the right to change it.
 */
export function createOwnerRights({
  access,
  taskResources,
  namespaces,
}: {
  access: Access;
  taskResources: Pick<TaskResources, 'delete'>;
  namespaces: Pick<NamespaceResources, 'refuseDeletion'>;
}) {
  /** Refuses whoever could not delete the object either. */
  async function authoriseEnd({ principal, definition, stored }: OwnedWrite): Promise<void> {
    if (!stored) return;
    const { kind } = definition;
    const { namespace, name } = stored.metadata;
    const right = rightFor(kind, 'delete');
    await access.authorise(principal, {
      verb: 'delete',
      kind,
      namespace: namespace || name,
      name,
      ...(right === 'everyone' || right === 'nobody' ? {} : { right }),
    });
    if (kind === 'Namespace') namespaces.refuseDeletion(principal, stored);
    if (kind === 'Task') await taskResources.delete({ principal, object: stored, dryRun: true });
  }

  return async function authoriseOwners(write: OwnedWrite): Promise<void> {
    const { principal, object, stored } = write;
    const before = stored?.metadata.ownerReferences ?? [];
    const links = object.metadata.ownerReferences ?? [];
    if (sameJson(links, before)) return;
    await authoriseEnd(write);
    // Owners are of the own namespace, where the right was asked for, or are Namespaces.
    for (const link of links) {
      if (link.kind !== 'Namespace' || link.blockOwnerDeletion !== true) continue;
      const right = rightFor(link.kind, 'update');
      if (right === 'everyone' || right === 'nobody') continue;
      if (await access.can(principal, right, link.kind, link.name)) continue;
      throw new ApiError(
        'Forbidden',
        `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: namespaces "${link.name}"`,
      );
    }
  };
}
