import {
  ApiError,
  apiVersionOf,
  causesOf,
  DISPLAY_NAME_ANNOTATION,
  fieldPath,
  type KindDefinition,
  ObjectMeta,
  type StatusCause,
} from '@wegent/api';
import { z } from 'zod';
import { invalidDocument } from './resource-errors.ts';
import { checkTree, isMapping, withoutNulls } from './tree.ts';

/** What happens to fields that a kind does not have: refused, dropped with a warning, or dropped. */
export const FieldValidation = z.enum(['Strict', 'Warn', 'Ignore']);
export type FieldValidation = z.infer<typeof FieldValidation>;

/** A document that fits its kind: defaults are filled in, `status` is left out. */
export interface ValidObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: Record<string, unknown>;
}

const ENVELOPE_FIELDS = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];
// Fields of older Kubernetes and of the reference format that carry nothing for this platform.
const IGNORED_METADATA = ['user_id', 'selfLink', 'clusterName', 'deletionGracePeriodSeconds'];

/**
 * Validates a document against its kind and fills in defaults. Older spellings are normalised first; a `status`
 * is accepted and left out; null counts as absent. All findings are reported at once as `Invalid` (422).
 * A wrong `apiVersion` or `kind`, or input that is no mapping, is `BadRequest` (400).
 */
export function validateObject(
  definition: KindDefinition,
  input: unknown,
  options: { fieldValidation: FieldValidation },
): { object: ValidObject; warnings: string[] } {
  if (!isMapping(input))
    throw new ApiError('BadRequest', `expected a ${definition.kind} document, got ${nameOfType(input)}`);
  requireEqual('API version', input.apiVersion, apiVersionOf(definition));
  requireEqual('kind', input.kind, definition.kind);
  const treeCauses = checkTree(input);
  if (treeCauses.length > 0) throw invalidObject(definition, nameIn(input), treeCauses);

  const metadata = check(ObjectMeta, normaliseMetadata(input.metadata), 'metadata');
  const spec = checkSpec(definition, input.spec);
  const unknown = [
    ...Object.keys(input).filter((key) => !ENVELOPE_FIELDS.includes(key)),
    ...metadata.unknown,
    ...spec.unknown,
  ].map((field) => ({ reason: 'FieldValueForbidden', field, message: `unknown field "${field}"` }));

  const causes = [
    ...metadata.causes,
    ...spec.causes,
    ...(options.fieldValidation === 'Strict' ? unknown : []),
  ];
  if (
    metadata.value !== undefined &&
    metadata.value.name === undefined &&
    metadata.value.generateName === undefined
  ) {
    causes.push({
      reason: 'FieldValueRequired',
      field: 'metadata.name',
      message: 'Required value: name or generateName is required',
    });
  }
  if (causes.length > 0 || metadata.value === undefined || spec.value === undefined) {
    throw invalidObject(definition, nameIn(input), causes);
  }
  return {
    object: {
      apiVersion: apiVersionOf(definition),
      kind: definition.kind,
      metadata: metadata.value,
      spec: spec.value as Record<string, unknown>,
    },
    warnings: options.fieldValidation === 'Warn' ? unknown.map(({ message }) => message) : [],
  };
}

/** The `Invalid` error of a document, worded as Kubernetes does. */
export function invalidObject(
  definition: Pick<KindDefinition, 'group' | 'kind'>,
  name: string,
  causes: StatusCause[],
): ApiError {
  return invalidDocument(definition, name, causes);
}

interface Checked<T> {
  value: T | undefined;
  causes: StatusCause[];
  unknown: string[];
}

function checkSpec(definition: KindDefinition, input: unknown): Checked<unknown> {
  if (input !== undefined && input !== null && !isMapping(input)) {
    const message = `Invalid value: expected a mapping, got ${nameOfType(input)}`;
    return {
      value: undefined,
      causes: [{ reason: 'FieldValueTypeInvalid', field: 'spec', message }],
      unknown: [],
    };
  }
  return check(definition.spec, withoutNulls(definition.normalise({ ...input })), 'spec');
}

/** Metadata in the normal spelling, without what this platform has no use for. */
export function normaliseMetadata(input: unknown): unknown {
  if (input === undefined || input === null) return {};
  if (!isMapping(input)) return input;
  const { displayName, ...rest } = input;
  const kept = Object.fromEntries(
    Object.entries(rest).filter(
      ([key, value]) => !IGNORED_METADATA.includes(key) && value !== null && value !== undefined,
    ),
  );
  if (displayName === undefined || displayName === null || displayName === '') return kept;
  const annotations = isMapping(kept.annotations) ? kept.annotations : {};
  return { ...kept, annotations: { ...annotations, [DISPLAY_NAME_ANNOTATION]: displayName } };
}

/**
 * Parses and says which fields the schema does not have, at whatever depth. Strict schemas report them; others
 * leave them out of the result, so input and result are compared.
 */
function check<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  prefix: string,
): Checked<z.infer<Schema>> {
  const unknown: string[] = [];
  let candidate = input;
  let result = schema.safeParse(candidate, { reportInput: true });
  const paths = result.success ? [] : unrecognisedPaths(result.error.issues);
  if (paths.length > 0) {
    unknown.push(...paths.map((path) => fieldPath(prefix, path)));
    candidate = withoutPaths(candidate, paths);
    result = schema.safeParse(candidate, { reportInput: true });
  }
  if (!result.success)
    return { value: undefined, causes: causesOf(withUnionsResolved(result.error), prefix), unknown };
  collectDropped(candidate, result.data, [], (path) => unknown.push(fieldPath(prefix, path)));
  return { value: result.data, causes: [], unknown };
}

function unrecognisedPaths(issues: readonly z.core.$ZodIssue[]): PropertyKey[][] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [],
  );
}

function withoutPaths(value: unknown, paths: readonly PropertyKey[][]): unknown {
  if (paths.length === 0 || typeof value !== 'object' || value === null) return value;
  const below = (key: PropertyKey) =>
    paths.filter((path) => path[0] === key && path.length > 1).map((path) => path.slice(1));
  if (Array.isArray(value)) return value.map((item, index) => withoutPaths(item, below(index)));
  const dropped = new Set(paths.filter((path) => path.length === 1).map((path) => path[0]));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !dropped.has(key))
      .map(([key, child]) => [key, withoutPaths(child, below(key))]),
  );
}

function collectDropped(
  input: unknown,
  output: unknown,
  path: PropertyKey[],
  report: (path: PropertyKey[]) => void,
): void {
  if (Array.isArray(input) && Array.isArray(output)) {
    for (const [index, item] of input.entries())
      collectDropped(item, output[index], [...path, index], report);
    return;
  }
  if (!isMapping(input) || !isMapping(output)) return;
  for (const [key, child] of Object.entries(input)) {
    if (Object.hasOwn(output, key)) collectDropped(child, output[key], [...path, key], report);
    else report([...path, key]);
  }
}

// "Invalid input" of a union helps nobody: show what is wrong with the alternative that fits best.
function withUnionsResolved(error: z.ZodError): z.ZodError {
  return new z.ZodError(error.issues.flatMap(resolveUnion));
}

function resolveUnion(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const [best] = [...issue.errors].sort((left, right) => left.length - right.length);
  return (best ?? []).flatMap((inner) => resolveUnion({ ...inner, path: [...issue.path, ...inner.path] }));
}

function requireEqual(what: string, given: unknown, expected: string): void {
  if (given === undefined || given === null || given === '' || given === expected) return;
  throw new ApiError(
    'BadRequest',
    `the ${what} in the data (${typeof given === 'string' ? given.slice(0, 100) : nameOfType(given)}) does not match the expected ${what} (${expected})`,
  );
}

function nameIn(input: Record<string, unknown>): string {
  const name = isMapping(input.metadata) ? (input.metadata.name ?? input.metadata.generateName) : undefined;
  return typeof name === 'string' ? name.slice(0, 100).replaceAll('\0', '\\0') : '';
}

function nameOfType(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a mapping' : `a ${typeof value}`;
}
