import {
  API_VERSION,
  ApiError,
  type KindDefinition,
  type ResourceList,
  type ResourceObject,
  type Selector,
} from '@wegent/api';
import {
  type ContinueKey,
  decodeContinue,
  encodeContinue,
  expired,
  matchFields,
  parseFieldSelector,
  parseLabelSelector,
} from '@wegent/kube';
import type { Store } from '@wegent/store';
import type { Access } from '../access/access.ts';
import { notFound } from '../access/refusals.ts';
import type { Principal } from '../auth/principal.ts';
import { withReadiness } from './readiness.ts';
import type { SecretBox } from './secret-box.ts';
import type { TaskResources } from './task-resources.ts';

/** Most objects of one page, and their number where none is asked for. */
export const MAX_PAGE = 500;

/** Names one object. */
export interface ObjectKey {
  principal: Principal;
  definition: KindDefinition;
  namespace: string;
  name: string;
}

/** Which objects are listed or watched; without `namespace`, those of all namespaces that the principal may read. */
export interface Selection {
  principal: Principal;
  definition: KindDefinition;
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

/** A list as it is asked for. */
export interface ListQuery extends Selection {
  limit?: number | undefined;
  continue?: string | undefined;
}

/** Reads objects: rights first, then selection, then the form in which clients see them. */
export function createResourceReader({
  store,
  access,
  secrets,
  taskResources,
}: {
  store: Store;
  access: Access;
  secrets: SecretBox;
  taskResources: TaskResources;
}) {
  /** The stored object, secrets sealed. Throws NotFound for what the principal may not see. */
  async function load({ principal, definition, namespace, name }: ObjectKey): Promise<ResourceObject> {
    if (definition.kind !== 'Task')
      await access.authorise(principal, { verb: 'get', kind: definition.kind, namespace, name });
    const object = await store.resources.get(definition.kind, namespace, name);
    const visible =
      object && definition.kind === 'Task' ? (await taskResources.readable(principal, [object]))[0] : object;
    if (!visible) throw notFound(definition.kind, name);
    return visible;
  }

  /** Objects as clients see them: with status, without secrets. All are of one kind. */
  async function present(objects: readonly ResourceObject[]): Promise<ResourceObject[]> {
    const ready = await withReadiness(store, objects);
    return ready.map((object) => secrets.mask(object));
  }

  /** One object as clients see it. */
  async function get(key: ObjectKey): Promise<ResourceObject> {
    return presentOne(await load(key));
  }

  /** One object as clients see it, from its stored form. */
  async function presentOne(object: ResourceObject): Promise<ResourceObject> {
    const [presented] = await present([object]);
    if (!presented) throw new ApiError('InternalError', 'an object was lost while it was presented');
    return presented;
  }

  /** The namespaces of a selection; throws where the principal may not list. */
  async function namespacesOf(
    { principal, definition, namespace }: Selection,
    verb: 'list' | 'watch',
  ): Promise<string[]> {
    const isTask = definition.kind === 'Task';
    if (namespace === undefined)
      return isTask ? taskResources.namespaces(principal) : access.readableNamespaces(principal);
    const takesPart = isTask && (await taskResources.namespaces(principal)).includes(namespace);
    if (!takesPart) await access.authorise(principal, { verb, kind: definition.kind, namespace });
    return [namespace];
  }

  /** A page of objects, in the order of namespace and name. */
  async function list(query: ListQuery): Promise<ResourceList> {
    const { definition } = query;
    const { labels, fields } = parseSelectors(query);
    const limit = query.limit === undefined || query.limit <= 0 ? MAX_PAGE : Math.min(query.limit, MAX_PAGE);
    const start = query.continue ? decodeContinue(query.continue) : undefined;
    const namespaces = await namespacesOf(query, 'list');
    // Read before the rows: replaying a change that is listed already is harmless, missing one is not.
    const version = start?.rv ?? (await store.changes.current());
    if (start) await refuseExpired(start);

    const filters = definition.kind === 'Task' || fields.length > 0;
    const items: ResourceObject[] = [];
    let after = start?.after;
    let remaining: number | undefined;
    do {
      const page = await store.resources.list({
        kind: definition.kind,
        namespaces,
        labels,
        fields: indexedFields(fields),
        limit: limit - items.length,
        ...(after ? { after } : {}),
      });
      const visible = await visibleOf(query, page.items);
      items.push(...visible.filter((object) => matchFields(fields, object)));
      after = page.next;
      remaining = page.remaining;
    } while (after && items.length < limit);

    return {
      apiVersion: API_VERSION,
      kind: `${definition.kind}List`,
      metadata: {
        resourceVersion: String(version),
        ...(after ? { continue: encodeContinue({ rv: version, after }) } : {}),
        ...(after && remaining !== undefined && !filters ? { remainingItemCount: remaining } : {}),
      },
      items: await present(items),
    };
  }

  /** The stored objects that the principal may see. */
  async function visibleOf(
    { principal, definition }: Selection,
    objects: readonly ResourceObject[],
  ): Promise<readonly ResourceObject[]> {
    if (definition.kind !== 'Task') return objects;
    return taskResources.readable(principal, objects);
  }

  async function refuseExpired({ rv }: ContinueKey): Promise<void> {
    const floor = await store.changes.compactedUpTo();
    if (rv < floor) throw expired(rv, floor);
  }

  return { load, present, presentOne, get, list, namespacesOf };
}

/** Parses the selectors of a request. */
export function parseSelectors({ definition, labelSelector, fieldSelector }: Selection): {
  labels: Selector;
  fields: Selector;
} {
  return {
    labels: parseLabelSelector(labelSelector ?? ''),
    fields: parseFieldSelector(fieldSelector ?? '', definition.selectableFields),
  };
}

/** The part of a field selector that the store can answer with an index. */
function indexedFields(fields: Selector): { name?: string; namespace?: string } {
  const wanted = (key: string) =>
    fields.find((field) => field.key === key && field.operator === 'in')?.values[0];
  const name = wanted('metadata.name');
  const namespace = wanted('metadata.namespace');
  return { ...(name === undefined ? {} : { name }), ...(namespace === undefined ? {} : { namespace }) };
}
