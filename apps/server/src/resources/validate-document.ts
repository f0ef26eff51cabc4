import {
  API_GROUP,
  ApiError,
  apiVersionOf,
  type KindDefinition,
  type StatusCause,
  type StatusDetails,
} from '@wegent/api';
import {
  type FieldValidation,
  invalidObject,
  isMapping,
  type ValidObject,
  validateObject,
} from '@wegent/kube';
import { NAMESPACE_ROLE_ANNOTATION } from './resource-reader.ts';
import { fromWire, wireField } from './wire.ts';

/** Validates a document as it came over the wire; faults name its fields as they stand there. */
export function validateDocument(
  definition: KindDefinition,
  input: unknown,
  fieldValidation: FieldValidation,
): { object: ValidObject; warnings: string[] } {
  if (definition.group === API_GROUP) return validateObject(definition, input, { fieldValidation });
  if (isMapping(input)) refuseOtherVersion(definition, input.apiVersion);
  // The version has been checked, and the rest of the rules is that of all kinds.
  const inside = withoutComputed(fromWire(definition, input));
  try {
    const { object, warnings } = validateObject(
      definition,
      isMapping(inside) ? { ...inside, apiVersion: undefined } : inside,
      { fieldValidation },
    );
    return {
      object: { ...object, apiVersion: apiVersionOf(definition) },
      warnings: warnings.map((text) => (definition.flat ? text.replace('"spec.', '"') : text)),
    };
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== 'Invalid') throw error;
    throw invalidDocument(definition, error.details?.name ?? '', error.details?.causes ?? []);
  }
}

/** The error for a document that breaks rules of its kind. */
export function invalidDocument(definition: KindDefinition, name: string, causes: StatusCause[]): ApiError {
  if (definition.group === API_GROUP) return invalidObject(definition, name, causes);
  const onWire = causes.map(({ field, message, reason }) => ({
    reason,
    message: definition.flat ? message.replace('"spec.', '"') : message,
    ...(field === undefined ? {} : { field: wireField(definition, field) }),
  }));
  const list = onWire.map(({ field, message }) => (field ? `${field}: ${message}` : message));
  const details: StatusDetails = { name, kind: definition.kind, causes: onWire };
  return new ApiError(
    'Invalid',
    `${definition.kind} "${name}" is invalid: ${list.length === 1 ? list[0] : `[${list.slice(0, 20).join(', ')}]`}`,
    { details },
  );
}

function refuseOtherVersion(definition: KindDefinition, given: unknown): void {
  const expected = apiVersionOf(definition);
  if (given === undefined || given === null || given === '' || given === expected) return;
  throw new ApiError(
    'BadRequest',
    `the API version in the data (${String(given).slice(0, 100)}) does not match the expected API version (${expected})`,
  );
}

/** What the platform puts on answers is no part of what is stored. */
function withoutComputed(input: unknown): unknown {
  if (!isMapping(input) || !isMapping(input.metadata) || !isMapping(input.metadata.annotations)) return input;
  if (!Object.hasOwn(input.metadata.annotations, NAMESPACE_ROLE_ANNOTATION)) return input;
  const { [NAMESPACE_ROLE_ANNOTATION]: _role, ...annotations } = input.metadata.annotations;
  return { ...input, metadata: { ...input.metadata, annotations } };
}
