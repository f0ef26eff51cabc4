import { API_GROUP, ApiError, type KindDefinition } from '@wegent/api';

/** The stored object is not the one that the caller saw. */
export function conflict(definition: KindDefinition, name: string, why?: string): ApiError {
  const reason =
    why ?? 'the object has been modified; please apply your changes to the latest version and try again';
  return new ApiError(
    'Conflict',
    `Operation cannot be fulfilled on ${definition.plural}.${API_GROUP} "${name}": ${reason}`,
    {
      details: detailsOf(definition, name),
    },
  );
}

/** A live object of this name exists. */
export function alreadyExists(definition: KindDefinition, name: string): ApiError {
  return new ApiError('AlreadyExists', `${definition.plural}.${API_GROUP} "${name}" already exists`, {
    details: detailsOf(definition, name),
  });
}

function detailsOf(definition: KindDefinition, name: string) {
  return { name, group: API_GROUP, kind: definition.plural };
}
