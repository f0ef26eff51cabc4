import { isMapping } from './tree.ts';

/** A schema of OpenAPI 3.0 with the extensions of Kubernetes that this package reads. */
export interface JsonSchema {
  type?: string;
  format?: string;
  description?: string;
  properties?: Readonly<Record<string, JsonSchema>>;
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  required?: readonly string[];
  enum?: readonly unknown[];
  default?: unknown;
  allOf?: readonly JsonSchema[];
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  $ref?: string;
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: readonly string[];
  'x-kubernetes-map-type'?: 'atomic' | 'granular';
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  [key: string]: unknown;
}

/** Schemas that others refer to, by name. */
export type Definitions = Readonly<Record<string, JsonSchema>>;

/** A schema and what its references point to. */
export interface SchemaScope {
  schema: JsonSchema | undefined;
  definitions: Definitions;
}

/** How the items of a list are told apart; an atomic list is one value. */
export type ListTopology = { type: 'atomic' } | { type: 'set' } | { type: 'map'; keys: readonly string[] };

/** Where references to components point to in OpenAPI v3. */
export const COMPONENT_PREFIX = '#/components/schemas/';
const MAX_HOPS = 32;

/** A reference to a component, in the form in which a description may stand beside it. */
export function referenceTo(component: string, description?: string): JsonSchema {
  return {
    ...(description === undefined ? {} : { description }),
    allOf: [{ $ref: `${COMPONENT_PREFIX}${component}` }],
  };
}

/** Follows references (`$ref`, and `allOf` with a single part) until there is a schema to look into. */
export function resolveSchema({ schema, definitions }: SchemaScope): JsonSchema | undefined {
  let current = schema;
  for (let hops = 0; hops < MAX_HOPS && current !== undefined; hops += 1) {
    const target: JsonSchema | undefined =
      current.$ref === undefined && current.allOf?.length === 1 ? current.allOf[0] : current;
    if (target?.$ref === undefined) return target;
    const name = target.$ref.startsWith(COMPONENT_PREFIX)
      ? target.$ref.slice(COMPONENT_PREFIX.length)
      : undefined;
    current = name !== undefined && Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  }
  return undefined;
}

/** The schema of a field of a mapping, in whichever alternative it is declared; undefined when nothing is known. */
export function fieldScope(scope: SchemaScope, key: string): SchemaScope {
  return { schema: fieldSchema(scope, key, 0), definitions: scope.definitions };
}

/** The schema of the items of a list. */
export function itemScope(scope: SchemaScope): SchemaScope {
  const schema = resolveSchema(scope);
  const items =
    schema?.items ??
    alternatives(schema)
      .map((alternative) => resolveSchema({ ...scope, schema: alternative })?.items)
      .find((found) => found !== undefined);
  return { schema: items, definitions: scope.definitions };
}

/** Is the field declared by name, and not just one key of many? */
export function declaresField(scope: SchemaScope, key: string): boolean {
  const schema = resolveSchema(scope);
  if (schema === undefined) return false;
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, key)) return true;
  return alternatives(schema).some((alternative) => declaresField({ ...scope, schema: alternative }, key));
}

/** How the items of this list are told apart. */
export function listTopology(scope: SchemaScope): ListTopology {
  const schema = resolveSchema(scope);
  const keys = schema?.['x-kubernetes-list-map-keys'];
  switch (schema?.['x-kubernetes-list-type']) {
    case 'map':
      return keys !== undefined && keys.length > 0 ? { type: 'map', keys } : { type: 'atomic' };
    case 'set':
      return { type: 'set' };
    default:
      return { type: 'atomic' };
  }
}

/** Is this mapping one value, whose fields have no owners of their own? */
export function isAtomicMap(scope: SchemaScope): boolean {
  return resolveSchema(scope)?.['x-kubernetes-map-type'] === 'atomic';
}

function fieldSchema(scope: SchemaScope, key: string, depth: number): JsonSchema | undefined {
  const schema = resolveSchema(scope);
  if (schema === undefined || depth > MAX_HOPS) return undefined;
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  for (const alternative of alternatives(schema)) {
    const found = fieldSchema({ ...scope, schema: alternative }, key, depth + 1);
    if (found !== undefined) return found;
  }
  return isMapping(schema.additionalProperties) ? schema.additionalProperties : undefined;
}

function alternatives(schema: JsonSchema | undefined): readonly JsonSchema[] {
  return [...(schema?.anyOf ?? []), ...(schema?.oneOf ?? []), ...(schema?.allOf ?? [])];
}
