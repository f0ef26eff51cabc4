import { ApiError, fieldPath } from '@wegent/api';
import { allowsUnknown, fieldScope, itemScope, resolveSchema, type SchemaScope } from './json-schema.ts';
import { isMapping } from './tree.ts';
import type { FieldValidation } from './validate.ts';

const MAX_FINDINGS = 100;
const MAX_PATH = 300;

/** A document without the fields that its schema does not have. */
export interface PrunedDocument {
  document: unknown;
  /** What was found, as `Warning` headers say it. */
  warnings: string[];
}

/**
 * Treats the fields that a schema does not have as `fieldValidation` wants it: `Strict` refuses the document with
 * `BadRequest`, `Warn` drops them and says so, `Ignore` drops them.
 */
export function validateFields(
  document: unknown,
  {
    kind,
    version,
    scope,
    fieldValidation,
  }: {
    kind: string;
    version: string;
    scope: SchemaScope;
    fieldValidation: FieldValidation;
  },
): PrunedDocument {
  const found: string[] = [];
  const pruned = prune(document, scope, [], found);
  const findings = found
    .slice(0, MAX_FINDINGS)
    .map((field) => `unknown field ${JSON.stringify(field.slice(0, MAX_PATH))}`);
  if (fieldValidation === 'Strict' && findings.length > 0)
    throw strictDecodingError({ kind, version, findings });
  return { document: pruned, warnings: fieldValidation === 'Warn' ? findings : [] };
}

/** The refusal of a document with fields that its kind does not have, worded as Kubernetes does. */
export function strictDecodingError({
  kind,
  version,
  findings,
}: {
  kind: string;
  version: string;
  findings: readonly string[];
}): ApiError {
  return new ApiError(
    'BadRequest',
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: strict decoding error: ${findings.join(', ')}`,
  );
}

/** Paths of the fields of a document that its schema does not have. */
export function unknownFields(document: unknown, scope: SchemaScope): string[] {
  const found: string[] = [];
  prune(document, scope, [], found);
  return found;
}

function prune(value: unknown, scope: SchemaScope, path: PropertyKey[], found: string[]): unknown {
  const schema = resolveSchema(scope);
  if (schema === undefined) return value;
  if (Array.isArray(value)) {
    const items = itemScope(scope);
    return value.map((item, index) => prune(item, items, [...path, index], found));
  }
  if (!isMapping(value)) return value;
  const open = allowsUnknown(scope);
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]) => {
      const field = fieldScope(scope, name);
      if (field.schema !== undefined) return [[name, prune(child, field, [...path, name], found)]];
      if (open) return [[name, child]];
      found.push(fieldPath('', [...path, name]));
      return [];
    }),
  );
}
