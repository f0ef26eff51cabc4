import { type Definitions, type JsonSchema, referenceTo } from '../json-schema.ts';
import { LIST_META, META_DEFINITIONS, TYPE_META } from '../meta-schemas.ts';
import { componentName, type ResourceType } from '../resource-type.ts';

/** What an OpenAPI document needs of a type. */
export type DescribedType = Pick<
  ResourceType,
  | 'group'
  | 'version'
  | 'kind'
  | 'plural'
  | 'description'
  | 'namespaced'
  | 'verbs'
  | 'subresources'
  | 'schema'
  | 'definitions'
  | 'strategicMerge'
>;

/** Group, version and kind as OpenAPI documents of Kubernetes name them. */
export function groupVersionKind({ group, version, kind }: Pick<ResourceType, 'group' | 'version' | 'kind'>) {
  return { group, version, kind };
}

/** The name of the list of a type among the components. */
export function listComponentName(type: Pick<ResourceType, 'group' | 'version' | 'kind'>): string {
  return `${componentName(type)}List`;
}

/** The schemas of types, of their lists and of metadata, by component name. */
export function componentsOf(types: readonly DescribedType[]): Definitions {
  const answered = new Set(
    types.flatMap(({ subresources }) => subresources.flatMap(({ type }) => type ?? [])),
  );
  return Object.fromEntries([
    ...Object.entries(META_DEFINITIONS),
    ...[...types, ...answered].flatMap((type): [string, JsonSchema][] => [
      ...Object.entries(type.definitions),
      [componentName(type), { ...type.schema, 'x-kubernetes-group-version-kind': [groupVersionKind(type)] }],
      ...(type.verbs.includes('list')
        ? [[listComponentName(type), listSchema(type)] as [string, JsonSchema]]
        : []),
    ]),
  ]);
}

/** The path of a collection (`/apis/agent.wecode.io/v1/namespaces/{namespace}/bots`). */
export function collectionPath(type: DescribedType, allNamespaces = false): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  return type.namespaced && !allNamespaces
    ? `${root}/namespaces/{namespace}/${type.plural}`
    : `${root}/${type.plural}`;
}

function listSchema(type: DescribedType): JsonSchema {
  return {
    type: 'object',
    description: `A list of ${type.kind} objects.`,
    required: ['items'],
    properties: {
      ...TYPE_META,
      metadata: referenceTo(LIST_META, 'Version of the list and token of its next page.'),
      items: { type: 'array', items: referenceTo(componentName(type)) },
    },
    'x-kubernetes-group-version-kind': [
      { group: type.group, version: type.version, kind: `${type.kind}List` },
    ],
  };
}
