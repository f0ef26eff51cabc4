import { CORE_KINDS, KINDS, type ResourceObject } from '@wegent/api';
import type { Store } from '@wegent/store';
import type { FastifyBaseLogger } from 'fastify';
import type { NamespaceResources } from '../users/namespace-resources.ts';
import type { Controller } from './controller-loop.ts';
import type { Remover } from './remover.ts';

const BATCH = 200;
/** Users come before what they refer to; Events last, since deletions can make some. */
const ORDER = [...[...KINDS].reverse(), ...CORE_KINDS]
  .map(({ kind }) => kind)
  .filter((kind) => kind !== 'Namespace');

/** Empties Namespaces that are being deleted, and removes them when nothing is left. */
export function createNamespaceController({
  store,
  namespaces,
  remover,
  onChange,
  logger,
}: {
  store: Store;
  namespaces: Pick<NamespaceResources, 'remove'>;
  remover: Remover;
  onChange: () => void;
  logger: Pick<FastifyBaseLogger, 'warn'>;
}): Controller {
  async function empty(name: string): Promise<void> {
    const space = await store.resources.get('Namespace', '', name);
    if (!space?.metadata.deletionTimestamp) return;
    for (const kind of ORDER) {
      for (;;) {
        const objects = await store.resources.inNamespace(name, { kinds: [kind], limit: BATCH });
        const removed = await Promise.all(objects.filter(isUntouched).map(tryRemove));
        if (!removed.some(Boolean)) break;
      }
    }
    const left = await store.resources.inNamespace(name, { kinds: ORDER, limit: 1 });
    if (left.length > 0 || (space.metadata.finalizers ?? []).length > 0) return;
    await namespaces.remove(name);
    onChange();
  }

  async function tryRemove(object: ResourceObject): Promise<boolean> {
    try {
      await remover.remove(object, { propagationPolicy: 'Background' });
      return true;
    } catch (error) {
      const { kind, metadata } = object;
      logger.warn(
        { err: error, kind, name: metadata.name },
        'an object of a Namespace that is deleted stays for now',
      );
      return false;
    }
  }

  return {
    async changed(changes) {
      const names = changes.flatMap(({ kind, type, object }) => {
        if (kind === 'Namespace')
          return object.metadata.deletionTimestamp && type !== 'DELETED' ? [object.metadata.name] : [];
        // Its last object may be gone.
        return type === 'DELETED' ? [object.metadata.namespace] : [];
      });
      for (const name of new Set(names)) await empty(name);
    },

    async resync() {
      const { items } = await store.resources.list({ kind: 'Namespace' });
      for (const { metadata } of items) if (metadata.deletionTimestamp) await empty(metadata.name);
    },
  };
}

/** Those with finalizers wait for others, once they are marked. */
function isUntouched({ metadata }: ResourceObject): boolean {
  return !metadata.deletionTimestamp;
}
