import { COMPONENT_PREFIX, type JsonSchema } from '../json-schema.ts';
import { isMapping } from '../tree.ts';
import { collectionPath, componentsOf, type DescribedType, groupVersionKind } from './components.ts';
import type { ApiInfo } from './openapi-v3.ts';

/** An OpenAPI v2 document of all groups. */
export interface OpenapiV2Document {
  swagger: '2.0';
  info: ApiInfo;
  paths: Record<string, unknown>;
  definitions: Record<string, JsonSchema>;
}

const V2_PREFIX = '#/definitions/';
// What schemas of version 2 cannot say.
const LEFT_OUT = ['nullable', 'anyOf', 'oneOf', 'not', 'propertyNames'];

/** The OpenAPI v2 document of all types, for older clients and for tools that build their types from it. */
export function openapiV2Document(types: readonly DescribedType[], info: ApiInfo): OpenapiV2Document {
  return {
    swagger: '2.0',
    info,
    paths: Object.fromEntries(types.flatMap(pathsOfType)),
    definitions: Object.fromEntries(
      Object.entries(componentsOf(types)).map(([name, schema]) => [name, schemaV2(schema)]),
    ),
  };
}

/** A schema of version 3 as one of version 2. */
export function schemaV2(schema: JsonSchema): JsonSchema {
  const [only] = schema.allOf ?? [];
  // A reference may have a description beside it here, and readers know no other form.
  if (schema.allOf?.length === 1 && only?.$ref !== undefined) {
    return {
      ...(schema.description ? { description: schema.description } : {}),
      $ref: referenceV2(only.$ref),
    };
  }
  const result: JsonSchema = {};
  for (const [key, value] of Object.entries(schema)) {
    if (LEFT_OUT.includes(key)) continue;
    // Readers would refuse all but the fields that have a name, and of values they know one type only.
    if (key === 'properties' && isOpen(schema)) continue;
    if (key === 'additionalProperties' && isOpen(schema)) {
      result[key] = {};
      continue;
    }
    if (key === '$ref' && typeof value === 'string') result.$ref = referenceV2(value);
    else if (key === 'properties' && isMapping(value))
      result.properties = Object.fromEntries(
        Object.entries(value).map(([name, child]) => [name, isMapping(child) ? schemaV2(child) : {}]),
      );
    else if ((key === 'items' || key === 'additionalProperties') && isMapping(value))
      result[key] = schemaV2(value);
    else if (key === 'allOf' && Array.isArray(value))
      result.allOf = value.map((child: unknown) => (isMapping(child) ? schemaV2(child) : {}));
    else result[key] = value;
  }
  return result;
}

/** Has it fields with names, and others besides? */
function isOpen({ properties, additionalProperties }: JsonSchema): boolean {
  return properties !== undefined && additionalProperties !== undefined && additionalProperties !== false;
}

function referenceV2(reference: string): string {
  return reference.startsWith(COMPONENT_PREFIX)
    ? `${V2_PREFIX}${reference.slice(COMPONENT_PREFIX.length)}`
    : reference;
}

/** Clients read from here which kinds a path is about, and whether dry runs are possible. */
function pathsOfType(type: DescribedType): [string, unknown][] {
  const item = `${collectionPath(type)}/{name}`;
  const about = { 'x-kubernetes-group-version-kind': groupVersionKind(type) };
  const responses = { 200: { description: 'OK' } };
  const query = (name: string) => ({ name, in: 'query', type: 'string', uniqueItems: true });
  const writes = ['dryRun', 'fieldManager', 'fieldValidation'].map(query);
  return [
    [
      collectionPath(type),
      {
        ...(type.verbs.includes('list')
          ? { get: { ...about, 'x-kubernetes-action': 'list', responses } }
          : {}),
        ...(type.verbs.includes('create')
          ? { post: { ...about, 'x-kubernetes-action': 'post', parameters: writes, responses } }
          : {}),
      },
    ],
    [
      item,
      {
        ...(type.verbs.includes('get') ? { get: { ...about, 'x-kubernetes-action': 'get', responses } } : {}),
        ...(type.verbs.includes('patch')
          ? { patch: { ...about, 'x-kubernetes-action': 'patch', parameters: writes, responses } }
          : {}),
      },
    ],
  ];
}
