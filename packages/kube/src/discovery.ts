import { type MediaRange, parseAccept } from './negotiate.ts';
import { unknownResource } from './resource-errors.ts';
import type { ResourceType } from './resource-type.ts';

/** What discovery tells of a type. */
export type Discoverable = Pick<
  ResourceType,
  | 'group'
  | 'version'
  | 'kind'
  | 'plural'
  | 'singular'
  | 'shortNames'
  | 'categories'
  | 'namespaced'
  | 'verbs'
  | 'subresources'
>;

/** The two roots of discovery: `/api` has the core group, `/apis` all others. */
export type DiscoveryRoot = 'api' | 'apis';

/**
 * The answer to `GET /api` or `GET /apis`. Clients that ask for the aggregated form get everything at once, and the
 * content type has to say so, or they read it as the older form.
 */
export function discoveryRoot(
  types: readonly Discoverable[],
  root: DiscoveryRoot,
  accept: string | undefined,
): { contentType: string; body: object } {
  for (const range of parseAccept(accept)) {
    const version = aggregatedVersion(range);
    if (version !== undefined) {
      return {
        contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
        body: aggregatedDiscovery(types, root, version),
      };
    }
    if (range.parameters.has('as')) continue;
    if (['application/json', 'application/*', '*/*'].includes(range.type)) break;
  }
  return {
    contentType: 'application/json',
    body: root === 'api' ? apiVersions(types) : apiGroupList(types),
  };
}

/** All groups of a root with all their resources (`APIGroupDiscoveryList`). */
export function aggregatedDiscovery(
  types: readonly Discoverable[],
  root: DiscoveryRoot,
  version: 'v2' | 'v2beta1' = 'v2',
) {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groupsOf(types, root).map((group) => ({
      metadata: { name: group },
      versions: versionsOf(types, group).map((groupVersion) => ({
        version: groupVersion,
        resources: typesOf(types, group, groupVersion).map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
  };
}

/** The answer to `GET /api` (`APIVersions`). */
export function apiVersions(types: readonly Discoverable[]) {
  return { kind: 'APIVersions', versions: versionsOf(types, ''), serverAddressByClientCIDRs: [] };
}

/** The answer to `GET /apis` (`APIGroupList`). */
export function apiGroupList(types: readonly Discoverable[]) {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groupsOf(types, 'apis').map((group) => groupEntry(types, group)),
  };
}

/** The answer to `GET /apis/{group}` (`APIGroup`). Throws `NotFound` for a group that does not exist. */
export function apiGroup(types: readonly Discoverable[], group: string) {
  if (group === '' || versionsOf(types, group).length === 0) throw unknownResource();
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(types, group) };
}

/** The answer to `GET /api/{version}` and `GET /apis/{group}/{version}` (`APIResourceList`). */
export function apiResourceList(types: readonly Discoverable[], group: string, version: string) {
  const found = typesOf(types, group, version);
  if (found.length === 0) throw unknownResource();
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: found.flatMap((type) => [
      {
        name: type.plural,
        singularName: type.singular,
        namespaced: type.namespaced,
        kind: type.kind,
        verbs: type.verbs,
        ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
        ...(type.categories.length > 0 ? { categories: type.categories } : {}),
      },
      ...type.subresources.map((subresource) => ({
        name: `${type.plural}/${subresource.name}`,
        singularName: '',
        namespaced: type.namespaced,
        ...(subresource.group === undefined ? {} : { group: subresource.group }),
        ...(subresource.version === undefined ? {} : { version: subresource.version }),
        kind: subresource.kind ?? type.kind,
        verbs: subresource.verbs,
      })),
    ]),
  };
}

function aggregatedResource(type: Discoverable) {
  const own = { group: type.group, version: type.version, kind: type.kind };
  return {
    resource: type.plural,
    responseKind: own,
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: type.verbs,
    ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
    ...(type.categories.length > 0 ? { categories: type.categories } : {}),
    ...(type.subresources.length === 0
      ? {}
      : {
          subresources: type.subresources.map(({ name, verbs, group, version, kind }) => ({
            subresource: name,
            responseKind: {
              group: group ?? own.group,
              version: version ?? own.version,
              kind: kind ?? own.kind,
            },
            verbs,
          })),
        }),
  };
}

function aggregatedVersion({ parameters }: MediaRange): 'v2' | 'v2beta1' | undefined {
  if (parameters.get('g') !== 'apidiscovery.k8s.io' || parameters.get('as') !== 'APIGroupDiscoveryList')
    return undefined;
  const version = parameters.get('v');
  return version === 'v2' || version === 'v2beta1' ? version : undefined;
}

function groupEntry(types: readonly Discoverable[], group: string) {
  const versions = versionsOf(types, group).map((version) => ({
    groupVersion: `${group}/${version}`,
    version,
  }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function groupsOf(types: readonly Discoverable[], root: DiscoveryRoot): string[] {
  const groups = new Set(types.map(({ group }) => group));
  return [...groups].filter((group) => (root === 'api') === (group === ''));
}

function versionsOf(types: readonly Discoverable[], group: string): string[] {
  return [...new Set(types.filter((type) => type.group === group).map(({ version }) => version))];
}

function typesOf(types: readonly Discoverable[], group: string, version: string): Discoverable[] {
  return types.filter((type) => type.group === group && type.version === version);
}
