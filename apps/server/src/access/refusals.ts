import { ApiError, kindByName } from '@wegent/api';
import type { Principal } from '../auth/principal.ts';
import type { Wish } from './wish.ts';

/** The error for an object that is not there, or that the asker may not know of, in the words of Kubernetes. */
export function notFound(kind: string, name: string): ApiError {
  const { group, plural } = resourceOf(kind);
  return new ApiError('NotFound', `${qualified(group, plural)} "${name}" not found`, {
    details: { name, ...(group === '' ? {} : { group }), kind: plural },
  });
}

/** The error for what a role does not allow, in the words of Kubernetes. */
export function forbidden(principal: Pick<Principal, 'username'>, wish: Wish): ApiError {
  const { group, plural } = resourceOf(wish.kind);
  const subject =
    wish.name === undefined ? qualified(group, plural) : `${qualified(group, plural)} "${wish.name}"`;
  const action = `User "${principal.username}" cannot ${wish.verb} resource "${plural}" in API group "${group}"`;
  return new ApiError(
    'Forbidden',
    `${subject} is forbidden: ${action} in the namespace "${wish.namespace}"`,
    {
      details: {
        ...(wish.name === undefined ? {} : { name: wish.name }),
        ...(group === '' ? {} : { group }),
        kind: plural,
      },
    },
  );
}

// What is no kind is said the same way, as `users`.
function resourceOf(kind: string): { group: string; plural: string } {
  const definition = kindByName(kind);
  return definition
    ? { group: definition.group, plural: definition.plural }
    : { group: '', plural: `${kind.toLowerCase()}s` };
}

function qualified(group: string, plural: string): string {
  return group === '' ? plural : `${plural}.${group}`;
}
