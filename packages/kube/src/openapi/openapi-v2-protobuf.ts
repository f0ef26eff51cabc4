import type { JsonSchema } from '../json-schema.ts';
import { concatBytes, lengthDelimited } from '../protobuf/wire.ts';
import { isMapping } from '../tree.ts';
import type { OpenapiV2Document } from './openapi-v2.ts';

/**
 * The content type of the protobuf form. kubectl asks for it with `v2@v1.0`, but refuses an answer that says so: `@`
 * has no place in a content type.
 */
export const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

// Numbers of the fields of gnostic's openapi.v2 messages.
const DOCUMENT = { swagger: 1, info: 2, paths: 8, definitions: 9 };
const INFO = { title: 1, version: 2 };
const NAMED = { name: 1, value: 2 };
const SCHEMA = {
  $ref: 1,
  format: 2,
  description: 4,
  required: 19,
  enum: 20,
  additionalProperties: 21,
  type: 22,
  items: 23,
  allOf: 24,
  properties: 25,
  extension: 31,
};
const FIRST = 1;
const YAML = 2;
const PATHS = { path: 2 };
const PATH_ITEM = { get: 2, post: 4, patch: 8 };
const OPERATION = { parameters: 8, responses: 9, extension: 13 };
const RESPONSES = { responseCode: 1 };
const BODY_OR_QUERY = { nonBody: 2, query: 3 };
const QUERY = { in: 2, name: 4, type: 6 };

/** The document in the protobuf form of gnostic, the only one that kubectl reads of version 2. */
export function encodeOpenapiV2({ info, paths, definitions }: OpenapiV2Document): Uint8Array {
  return concatBytes([
    lengthDelimited(DOCUMENT.swagger, '2.0'),
    lengthDelimited(
      DOCUMENT.info,
      concatBytes([lengthDelimited(INFO.title, info.title), lengthDelimited(INFO.version, info.version)]),
    ),
    lengthDelimited(
      DOCUMENT.paths,
      concatBytes(Object.entries(paths).map(([path, item]) => named(PATHS.path, path, pathItem(item)))),
    ),
    lengthDelimited(
      DOCUMENT.definitions,
      concatBytes(
        Object.entries(definitions).map(([name, schema]) => named(FIRST, name, encodeSchema(schema))),
      ),
    ),
  ]);
}

function encodeSchema(schema: JsonSchema): Uint8Array {
  const pieces: Uint8Array[] = [];
  const put = (number: number, content: string | Uint8Array | undefined) => {
    if (content !== undefined) pieces.push(lengthDelimited(number, content));
  };
  put(SCHEMA.$ref, schema.$ref);
  put(SCHEMA.format, schema.format);
  put(SCHEMA.description, schema.description);
  for (const name of schema.required ?? []) put(SCHEMA.required, name);
  for (const value of schema.enum ?? []) put(SCHEMA.enum, anyValue(value));
  if (isMapping(schema.additionalProperties))
    put(SCHEMA.additionalProperties, lengthDelimited(FIRST, encodeSchema(schema.additionalProperties)));
  if (schema.type !== undefined) put(SCHEMA.type, lengthDelimited(FIRST, schema.type));
  if (schema.items !== undefined) put(SCHEMA.items, lengthDelimited(FIRST, encodeSchema(schema.items)));
  for (const part of schema.allOf ?? []) put(SCHEMA.allOf, encodeSchema(part));
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length > 0)
    put(
      SCHEMA.properties,
      concatBytes(properties.map(([name, child]) => named(FIRST, name, encodeSchema(child)))),
    );
  for (const extension of extensions(schema, SCHEMA.extension)) pieces.push(extension);
  return concatBytes(pieces);
}

function pathItem(item: unknown): Uint8Array {
  if (!isMapping(item)) return new Uint8Array();
  return concatBytes(
    (['get', 'post', 'patch'] as const).flatMap((method) => {
      const operation = item[method];
      return isMapping(operation) ? [lengthDelimited(PATH_ITEM[method], encodeOperation(operation))] : [];
    }),
  );
}

function encodeOperation(operation: Record<string, unknown>): Uint8Array {
  const parameters = Array.isArray(operation.parameters) ? (operation.parameters as unknown[]) : [];
  const response = named(RESPONSES.responseCode, '200', lengthDelimited(FIRST, lengthDelimited(FIRST, 'OK')));
  return concatBytes([
    ...parameters
      .filter(isMapping)
      .map((parameter) =>
        lengthDelimited(
          OPERATION.parameters,
          lengthDelimited(
            FIRST,
            lengthDelimited(
              BODY_OR_QUERY.nonBody,
              lengthDelimited(BODY_OR_QUERY.query, queryParameter(parameter)),
            ),
          ),
        ),
      ),
    lengthDelimited(OPERATION.responses, response),
    ...extensions(operation, OPERATION.extension),
  ]);
}

function queryParameter({ name }: Record<string, unknown>): Uint8Array {
  return concatBytes([
    lengthDelimited(QUERY.in, 'query'),
    lengthDelimited(QUERY.name, String(name)),
    lengthDelimited(QUERY.type, 'string'),
  ]);
}

function extensions(value: Record<string, unknown>, number: number): Uint8Array[] {
  return Object.entries(value)
    .filter(([key]) => key.startsWith('x-'))
    .map(([key, content]) => named(number, key, anyValue(content)));
}

function named(number: number, name: string, value: Uint8Array): Uint8Array {
  return lengthDelimited(
    number,
    concatBytes([lengthDelimited(NAMED.name, name), lengthDelimited(NAMED.value, value)]),
  );
}

// JSON is YAML.
function anyValue(value: unknown): Uint8Array {
  return lengthDelimited(YAML, JSON.stringify(value));
}
