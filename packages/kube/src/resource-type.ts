import type { Column, KindDefinition } from '@wegent/api';
import { type Definitions, type JsonSchema, referenceTo, type SchemaScope } from './json-schema.ts';
import { META_DEFINITIONS, OBJECT_META, TYPE_META } from './meta-schemas.ts';
import { schemaFromZod } from './zod-schema.ts';

/** A part of an object, or an action on it, with a path of its own (`status`, `scale`, `log`). */
export interface Subresource {
  name: string;
  verbs: readonly string[];
  /** What it answers, where that is not the object itself. */
  group?: string;
  version?: string;
  kind?: string;
  /** How that looks, where it is documents that are read and written. */
  type?: ResourceType;
}

/** All that the conventions need to know of a kind of objects. */
export interface ResourceType {
  /** Empty for the core group. */
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  description: string;
  namespaced: boolean;
  verbs: readonly string[];
  subresources: readonly Subresource[];
  /** The whole document. */
  schema: JsonSchema;
  /** What `schema` refers to besides the definitions of metadata. */
  definitions: Definitions;
  columns: readonly Column[];
  /** False where `columns` are all columns there are, without Name in front and Age at the end. */
  standardColumns?: boolean;
  selectableFields: readonly string[];
  /** Clients may send strategic merge patches by default, as they do for built-in kinds. */
  strategicMerge: boolean;
}

/** What of a kind is needed to describe it. */
export type KindLike = Pick<
  KindDefinition,
  | 'kind'
  | 'group'
  | 'version'
  | 'plural'
  | 'singular'
  | 'shortNames'
  | 'categories'
  | 'description'
  | 'namespaced'
  | 'flat'
  | 'verbs'
  | 'spec'
  | 'status'
  | 'columns'
  | 'selectableFields'
> &
  Partial<Pick<KindDefinition, 'olderSpellings'>>;

/** Describes a kind that is declared with zod schemas. `extras` adds what the declaration does not say. */
export function resourceTypeOf(
  definition: KindLike,
  extras: Partial<Pick<ResourceType, 'subresources' | 'standardColumns' | 'strategicMerge' | 'verbs'>> = {},
): ResourceType {
  const component = componentName(definition);
  const published = schemaFromZod(definition.spec, `${component}Spec`);
  const spec = { ...published, schema: withOlderSpellings(published.schema, definition.olderSpellings) };
  const status = schemaFromZod(definition.status, `${component}Status`);
  const { group, version, kind, plural, singular, shortNames, categories, description, namespaced } =
    definition;
  const required = definition.flat ? (spec.schema.required ?? []) : spec.schema.required ? ['spec'] : [];
  return {
    ...{ group, version, kind, plural, singular, shortNames, categories, description, namespaced },
    verbs: definition.verbs,
    columns: definition.columns,
    selectableFields: definition.selectableFields,
    subresources: [],
    strategicMerge: group === '',
    schema: {
      type: 'object',
      description,
      ...(required.length > 0 ? { required } : {}),
      properties: {
        ...TYPE_META,
        metadata: referenceTo(OBJECT_META, 'Name, namespace, labels and the like.'),
        ...(definition.flat
          ? spec.schema.properties
          : { spec: described(spec.schema, `What is wanted of the ${kind}.`) }),
        ...(Object.keys(status.schema.properties ?? {}).length > 0
          ? { status: described(status.schema, `What is known of the ${kind}; written by the platform.`) }
          : {}),
      },
    },
    definitions: { ...spec.definitions, ...status.definitions },
    ...extras,
  };
}

/** The schema of a type's documents together with all that it refers to. */
export function scopeOf({ schema, definitions }: Pick<ResourceType, 'schema' | 'definitions'>): SchemaScope {
  return { schema, definitions: { ...META_DEFINITIONS, ...definitions } };
}

/** The name of a kind among the components of an OpenAPI document: `io.wecode.agent.v1.Bot`. */
export function componentName({
  group,
  version,
  kind,
}: Pick<ResourceType, 'group' | 'version' | 'kind'>): string {
  if (group === '') return `io.k8s.api.core.${version}.${kind}`;
  if (!group.includes('.')) return `io.k8s.api.${group}.${version}.${kind}`;
  if (group.endsWith('.k8s.io')) return `io.k8s.api.${group.split('.')[0]}.${version}.${kind}`;
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

/** The resource of a group as messages name it: `bots.agent.wecode.io`, `configmaps`. */
export function groupResource({ group, plural }: Pick<ResourceType, 'group' | 'plural'>): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** What is written in an older spelling is known, and is not missing in the normal one. */
function withOlderSpellings(schema: JsonSchema, older: KindDefinition['olderSpellings'] = {}): JsonSchema {
  if (Object.keys(older).length === 0) return schema;
  const { required, properties, ...rest } = schema;
  const needed = required?.filter((field) => !Object.values(older).includes(field)) ?? [];
  const added = Object.entries(older).map(([field, normal]): [string, JsonSchema] => [
    field,
    { description: normal === null ? 'Accepted, without effect.' : `Older spelling of ${normal}.` },
  ]);
  return {
    ...rest,
    ...(needed.length > 0 ? { required: needed } : {}),
    properties: { ...properties, ...Object.fromEntries(added) },
  };
}

function described(schema: JsonSchema, description: string): JsonSchema {
  return { description, ...schema };
}
