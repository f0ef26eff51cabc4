import {
  API_GROUP,
  ApiError,
  apiVersionOf,
  type KindDefinition,
  type ResourceList,
  type ResourceObject,
  type Selector,
} from '@wegent/api';
import {
  type ContinueKey,
  decideVersion,
  decodeContinue,
  encodeContinue,
  expired,
  matchFields,
  matchLabels,
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
import { viewOf } from './views.ts';
import { createVisibility } from './visibility.ts';
import { toWire } from './wire.ts';

/** Annotation of a Namespace that says which role the caller has in it. */
export const NAMESPACE_ROLE_ANNOTATION = `${API_GROUP}/role`;

/** Most objects of one page, and their number where none is asked for. */
export const MAX_PAGE = 500;
// SQLite refuses expressions that are deeper than 1,000.
const MAX_KEYS = 300;

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
  resourceVersion?: string | undefined;
  resourceVersionMatch?: string | undefined;
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
  const visibleOf = createVisibility({ access, taskResources });

  /** The stored object, secrets sealed. Throws NotFound for what the principal may not see. */
  async function load({ principal, definition, namespace, name }: ObjectKey): Promise<ResourceObject> {
    const { source } = viewOf(definition);
    const { kind } = definition;
    // Who takes part in a Task sees it and what is about it, whatever their role in its namespace is.
    if (!aboutTasks(definition))
      await access.authorise(principal, { verb: 'get', kind, namespace: namespace || name, name });
    const object = await store.resources.get(source.kind, namespace, name);
    const [visible] = object ? await visibleOf({ principal, definition }, [object]) : [];
    if (!visible) throw notFound(kind, name);
    return visible;
  }

  /** Objects as clients see them: with status, without secrets. All are of one kind. */
  async function present(objects: readonly ResourceObject[]): Promise<ResourceObject[]> {
    const ready = await withReadiness(store, objects);
    return ready.map((object) => secrets.mask(object));
  }

  /** One object as clients see it. */
  async function get(key: ObjectKey): Promise<ResourceObject> {
    const object = await presentOne(await load(key));
    return personal(key.principal, viewOf(key.definition).show?.(object) ?? object);
  }

  /** What an object says to one principal alone: a Namespace names the role in it. */
  async function personal(principal: Principal, object: ResourceObject): Promise<ResourceObject> {
    if (object.kind !== 'Namespace') return object;
    const role = await access.roleIn(principal, object.metadata.name);
    return role === undefined ? object : withRole(object, role);
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
    if (!definition.namespaced) return [''];
    const ofTasks = aboutTasks(definition);
    if (namespace === undefined) {
      const readable = await access.readableNamespaces(principal);
      if (!ofTasks) return readable;
      const tasks = await taskResources.namespaces(principal);
      return definition.kind === 'Event' ? [...new Set([...readable, ...tasks])] : tasks;
    }
    const takesPart = ofTasks && (await taskResources.namespaces(principal)).includes(namespace);
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
    const current = await store.changes.current();
    const version = start?.rv ?? current;
    if (start) await refuseExpired(start);
    else decideVersion(versionOf(query), { current, floor: 0 });

    if (definition.kind === 'Namespace') return listNamespaces(query, { labels, fields, version });
    const { source, show } = viewOf(definition);
    const filters = definition.kind !== source.kind || aboutTasks(definition) || fields.length > 0;
    const seen: ResourceObject[] = [];
    let after = start?.after;
    let remaining: number | undefined;
    do {
      const page = await store.resources.list({
        kind: source.kind,
        namespaces,
        // Labels of what is seen in another way are not those that are stored.
        labels: show ? [] : labels,
        fields: indexedFields(fields),
        limit: limit - seen.length,
        ...(after ? { after } : {}),
      });
      const visible = await visibleOf(query, page.items);
      seen.push(...visible.filter((object) => selects({ definition, labels, fields }, object)));
      after = page.next;
      remaining = page.remaining;
    } while (after && seen.length < limit);
    const presented = (await present(seen)).map((object) => show?.(object) ?? object);

    return {
      apiVersion: apiVersionOf(definition),
      kind: `${definition.kind}List`,
      metadata: {
        resourceVersion: String(version),
        ...(after ? { continue: encodeContinue({ rv: version, after }) } : {}),
        ...(after && remaining !== undefined && !filters ? { remainingItemCount: remaining } : {}),
      },
      items: await Promise.all(presented.map((object) => personal(query.principal, object))),
    };
  }

  /** A principal reads few of all Namespaces there are, so they are one page, found by their names. */
  async function listNamespaces(
    { principal, definition }: ListQuery,
    { labels, fields, version }: { labels: Selector; fields: Selector; version: number },
  ): Promise<ResourceList> {
    const names = (await access.readableNamespaces(principal)).sort();
    const found: ResourceObject[] = [];
    for (let start = 0; start < names.length; start += MAX_KEYS) {
      const keys = names.slice(start, start + MAX_KEYS).map((name) => ({ namespace: '', name }));
      found.push(...(await store.resources.getMany('Namespace', keys)));
    }
    const items = found
      .filter((object) => matchLabels(labels, object.metadata.labels) && matchFields(fields, object))
      .sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
    return {
      apiVersion: apiVersionOf(definition),
      kind: 'NamespaceList',
      metadata: { resourceVersion: String(version) },
      items: await Promise.all(items.map((object) => personal(principal, object))),
    };
  }

  async function refuseExpired({ rv }: ContinueKey): Promise<void> {
    const floor = await store.changes.compactedUpTo();
    if (rv < floor) throw expired(rv, floor);
  }

  return { load, present, presentOne, personal, get, list, namespacesOf, visibleOf };
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

/** Does an object, in its stored or in its presented form, belong to a selection? */
export function selects(
  { definition, labels, fields }: { definition: KindDefinition; labels: Selector; fields: Selector },
  object: ResourceObject,
): boolean {
  const { show } = viewOf(definition);
  const shown = show?.(object) ?? object;
  if (show && !matchLabels(labels, shown.metadata.labels)) return false;
  return fields.length === 0 || matchFields(fields, definition.flat ? toWire(definition, shown) : shown);
}

function versionOf({ resourceVersion = '', resourceVersionMatch }: ListQuery) {
  const exact = resourceVersionMatch === 'Exact';
  return {
    resourceVersion,
    ...(exact ? { resourceVersionMatch: 'Exact' as const } : {}),
    watch: false,
  };
}

/** Kinds of which one sees what is about the Tasks that one takes part in. */
export function aboutTasks({ kind }: KindDefinition): boolean {
  return kind === 'Task' || kind === 'Pod' || kind === 'Event';
}

function withRole(object: ResourceObject, role: string): ResourceObject {
  const annotations = { ...object.metadata.annotations, [NAMESPACE_ROLE_ANNOTATION]: role };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The part of a field selector that the store can answer with an index. */
function indexedFields(fields: Selector): { name?: string; namespace?: string } {
  const wanted = (key: string) =>
    fields.find((field) => field.key === key && field.operator === 'in')?.values[0];
  const name = wanted('metadata.name');
  const namespace = wanted('metadata.namespace');
  return { ...(name === undefined ? {} : { name }), ...(namespace === undefined ? {} : { namespace }) };
}
