import { ApiError, DISPLAY_NAME_ANNOTATION, parseOrThrow, type ResourceObject, Username } from '@wegent/api';
import { NAMESPACE_TYPE_LABEL, type NamespaceRow, type Store } from '@wegent/store';
import { forbidden } from '../access/refusals.ts';
import type { Audit } from '../audit/audit.ts';
import type { Principal } from '../auth/principal.ts';
import type { Signals } from '../auth/signals.ts';

/** A Namespace on its way into the store. */
export interface NamespaceWrite {
  principal: Principal;
  object: ResourceObject;
  dryRun: boolean;
}

/** What makes a Namespace more than its object, see `createNamespaceResources`. */
export type NamespaceResources = ReturnType<typeof createNamespaceResources>;

/**
 * A Namespace has members, and its object stands for it. Personal ones come with the account; groups are made here,
 * and whoever makes one is its Owner.
 */
export function createNamespaceResources({
  store,
  signals,
  audit,
  now = Date.now,
}: {
  store: Store;
  signals: Signals;
  audit: Pick<Audit, 'record'>;
  now?: () => number;
}) {
  async function refuseTaken(name: string): Promise<void> {
    const taken =
      (await store.namespaces.get(name)) ??
      (await store.namespaces.get(name.toLowerCase())) ??
      // A name that a user bears is theirs, in whatever case it is written.
      (await store.users.byUsername(name));
    if (!taken) return;
    throw new ApiError('AlreadyExists', `namespaces "${name}" already exists`, {
      details: { name, kind: 'namespaces' },
    });
  }

  return {
    /** Makes a group of the object. */
    async create({ principal, object, dryRun }: NamespaceWrite): Promise<ResourceObject> {
      const { name } = object.metadata;
      parseOrThrow(Username, name, 'metadata.name');
      await refuseTaken(name);
      const createdAt = now();
      const row: NamespaceRow = {
        name,
        type: 'group',
        ownerId: principal.userId,
        displayName: object.metadata.annotations?.[DISPLAY_NAME_ANNOTATION] ?? null,
        createdAt,
      };
      const complete: ResourceObject = {
        ...object,
        metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...fixedLabels(row) } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      };
      if (dryRun) return complete;
      const stored = await store.namespaces.insert(row, complete);
      await signals.send({ type: 'memberships-changed', userId: principal.userId });
      audit.record({ principal, action: 'namespace-create', target: { kind: 'Namespace', name } });
      return stored;
    },

    /** Changes labels and annotations; what the platform writes on a Namespace stays. */
    async update({
      principal,
      object,
      dryRun,
      stored,
      expectedVersion,
    }: NamespaceWrite & { stored: ResourceObject; expectedVersion: string }): Promise<ResourceObject> {
      const { name, labels } = object.metadata;
      const type = stored.metadata.labels?.[NAMESPACE_TYPE_LABEL] ?? 'group';
      const complete: ResourceObject = {
        ...object,
        metadata: { ...object.metadata, labels: { ...labels, ...fixedLabels({ name, type }) } },
        spec: stored.spec,
      };
      if (dryRun) return complete;
      const updated = await store.transaction(async (tx) => {
        await tx.namespaces.rename(name, object.metadata.annotations?.[DISPLAY_NAME_ANNOTATION] ?? null);
        return tx.resources.update(complete, expectedVersion);
      });
      audit.record({ principal, action: 'namespace-update', target: { kind: 'Namespace', name } });
      return updated;
    },

    /** Only groups can be deleted: the others belong to an account, or to everybody. */
    refuseDeletion(principal: Principal, { metadata }: ResourceObject): void {
      if (metadata.labels?.[NAMESPACE_TYPE_LABEL] === 'group') return;
      const { message } = forbidden(principal, {
        verb: 'delete',
        kind: 'Namespace',
        namespace: metadata.name,
        name: metadata.name,
      });
      throw new ApiError(
        'Forbidden',
        `${message}: it is no group, and stays as long as the account it belongs to`,
      );
    },

    /** Removes a Namespace that is empty, with its members. */
    async remove(name: string): Promise<void> {
      const members = await store.namespaces.members(name);
      await store.namespaces.remove(name);
      for (const { userId } of members) await signals.send({ type: 'memberships-changed', userId });
    },
  };
}

function fixedLabels({ name, type }: { name: string; type: string }): Record<string, string> {
  return { 'kubernetes.io/metadata.name': name, [NAMESPACE_TYPE_LABEL]: type };
}
