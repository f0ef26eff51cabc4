import { ApiError, invalid, type Status, type StatusCause } from '@wegent/api';
import { groupResource, type ResourceType } from './resource-type.ts';

type Named = Pick<ResourceType, 'group' | 'plural'>;

/** There is no such object. */
export function notFound(type: Named, name: string): ApiError {
  return new ApiError('NotFound', `${groupResource(type)} "${name}" not found`, {
    details: details(type, name),
  });
}

/** There is nothing at this path: no such group, version, resource or subresource. */
export function unknownResource(): ApiError {
  return new ApiError('NotFound', 'the server could not find the requested resource', { details: {} });
}

/** An object of this name exists. */
export function objectExists(type: Named, name: string): ApiError {
  return new ApiError('AlreadyExists', `${groupResource(type)} "${name}" already exists`, {
    details: details(type, name),
  });
}

/** The stored object is not the one that the caller saw. */
export function objectConflict(type: Named, name: string, why?: string): ApiError {
  const reason =
    why ?? 'the object has been modified; please apply your changes to the latest version and try again';
  return new ApiError(
    'Conflict',
    `Operation cannot be fulfilled on ${groupResource(type)} "${name}": ${reason}`,
    { details: details(type, name) },
  );
}

/** The resource has no such verb. */
export function verbNotAllowed(type: Named, verb: string): ApiError {
  return new ApiError(
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind "${groupResource(type)}"`,
    {
      details: details(type, ''),
    },
  );
}

/** The document breaks rules of its kind; all causes at once. */
export function invalidDocument(
  type: Pick<ResourceType, 'group' | 'kind'>,
  name: string,
  causes: StatusCause[],
): ApiError {
  const kind = type.group === '' ? type.kind : `${type.kind}.${type.group}`;
  const texts = causes.slice(0, 20).map(({ field, message }) => (field ? `${field}: ${message}` : message));
  const more = causes.length > texts.length ? [`and ${causes.length - texts.length} more`] : [];
  const list = texts.length === 1 ? texts[0] : `[${[...texts, ...more].join(', ')}]`;
  return invalid(`${kind} "${name}" is invalid: ${list}`, causes, {
    name,
    ...(type.group === '' ? {} : { group: type.group }),
    kind: type.kind,
  });
}

/** The answer to a deletion that left no object behind. kubectl waits for `uid`. */
export function deletedStatus(type: Named, object: { name: string; uid?: string | undefined }): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      ...details(type, object.name),
      ...(object.uid === undefined ? {} : { uid: object.uid }),
    },
  };
}

function details({ group, plural }: Named, name: string) {
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural };
}
