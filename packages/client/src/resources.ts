import type { ApplyResult, ResourceList, ResourceObject } from '@wegent/api';
import type { HttpClient } from './http.ts';

/** Any kind of resource, by its plural (`teams`). */
export type ResourcesApi = ReturnType<typeof createResourcesApi>;

/** Where an object is. */
export interface ResourcePlace {
  plural: string;
  namespace: string;
  name: string;
}

/** What a list holds. Without a namespace: everything that the caller may see. */
export interface ResourceQuery {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Objects of a page at most. */
  limit?: number;
  /** `metadata.continue` of the page before. */
  continue?: string;
  signal?: AbortSignal;
}

/** A document that has no state of the server yet. */
export type ResourceDraft = Pick<ResourceObject, 'apiVersion' | 'kind' | 'spec'> & {
  metadata: Partial<ResourceObject['metadata']>;
};

/** Creates the calls of the resource API. */
export function createResourcesApi(http: HttpClient) {
  return {
    /** One page of a kind. */
    list: (plural: string, { namespace, signal, ...query }: ResourceQuery = {}) =>
      http.request<ResourceList>('GET', collectionPath(plural, namespace), { query, signal }),

    /** One object; `NotFound` also where the caller has no right to read it. */
    get: (place: ResourcePlace, options: { signal?: AbortSignal } = {}) =>
      http.request<ResourceObject>('GET', objectPath(place), options),

    /** Creates an object in a namespace; `AlreadyExists`, or `Invalid` with causes by field. */
    create: ({ plural, namespace, object }: { plural: string; namespace: string; object: ResourceDraft }) =>
      http.request<ResourceObject>('POST', collectionPath(plural, namespace), { body: object }),

    /** Replaces an object; `Conflict` when its `metadata.resourceVersion` is not the newest. */
    update: (plural: string, object: ResourceObject) =>
      http.request<ResourceObject>('PUT', objectPath({ plural, ...object.metadata }), { body: object }),

    /** Changes an object by a JSON merge patch: `null` takes a field away. */
    patch: (place: ResourcePlace, patch: Record<string, unknown>) =>
      http.request<ResourceObject>('PATCH', objectPath(place), {
        body: JSON.stringify(patch),
        headers: { 'content-type': 'application/merge-patch+json' },
      }),

    /** Deletes an object. One that is in use needs `Background` or `force`. */
    remove: (place: ResourcePlace, query: { propagationPolicy?: 'Background'; force?: boolean } = {}) =>
      http.request<unknown>('DELETE', objectPath(place), { query }),

    /** Applies documents, a list or YAML text; failures are in the results, not thrown. */
    apply: (namespace: string, documents: string | readonly unknown[], query: { dryRun?: 'All' } = {}) =>
      sendDocuments(http, { namespace, action: 'apply', documents, query }),

    /** Deletes the objects that documents name; failures are in the results, not thrown. */
    removeAll: (namespace: string, documents: string | readonly unknown[], query: { force?: boolean } = {}) =>
      sendDocuments(http, { namespace, action: 'delete', documents, query }),
  };
}

/** Path of a collection; of all namespaces when none is given. */
export function collectionPath(plural: string, namespace?: string): string {
  const kind = encodeURIComponent(plural);
  return namespace === undefined
    ? `/api/v1/${kind}`
    : `/api/v1/namespaces/${encodeURIComponent(namespace)}/${kind}`;
}

function objectPath({ plural, namespace, name }: ResourcePlace): string {
  return `${collectionPath(plural, namespace)}/${encodeURIComponent(name)}`;
}

function sendDocuments(
  http: HttpClient,
  request: {
    namespace: string;
    action: 'apply' | 'delete';
    documents: string | readonly unknown[];
    query: { dryRun?: 'All'; force?: boolean };
  },
): Promise<{ results: ApplyResult[] }> {
  const path = `/api/v1/namespaces/${encodeURIComponent(request.namespace)}/${request.action}`;
  const yaml = typeof request.documents === 'string';
  return http.request('POST', path, {
    body: request.documents,
    query: request.query,
    ...(yaml ? { headers: { 'content-type': 'application/yaml' } } : {}),
  });
}
