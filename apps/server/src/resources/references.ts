import { type ObjectReference, PUBLIC_NAMESPACE, type ResourceObject } from '@wegent/api';
import type { Store } from '@wegent/store';
import type { Access } from '../access/access.ts';
import type { Principal } from '../auth/principal.ts';

const MAX_SUGGESTIONS = 10;

/** The namespaces in which a reference is looked up, in order: the given one, the referrer's, `public`. */
export function referenceNamespaces(reference: Pick<ObjectReference, 'namespace'>, from: string): string[] {
  return [
    ...new Set([...(reference.namespace === undefined ? [] : [reference.namespace]), from, PUBLIC_NAMESPACE]),
  ];
}

/** The object that a reference of an object in namespace `from` means, or undefined. It asks for no rights. */
export async function resolveReference(
  store: Store,
  kind: string,
  reference: ObjectReference,
  from: string,
): Promise<ResourceObject | undefined> {
  const namespaces = referenceNamespaces(reference, from);
  const found = await store.resources.getMany(
    kind,
    namespaces.map((namespace) => ({ namespace, name: reference.name })),
  );
  return namespaces
    .map((namespace) => found.find((object) => object.metadata.namespace === namespace))
    .find((object) => object !== undefined);
}

/** What a person could refer to from namespace `from`, for error messages: `available: a, b, c`. */
export async function describeExisting(
  store: Store,
  access: Access,
  principal: Principal,
  kind: string,
  from: string,
): Promise<string> {
  const namespaces = await usableNamespaces(access, principal, kind, referenceNamespaces({}, from));
  const { items } = await store.resources.list({ kind, namespaces, limit: MAX_SUGGESTIONS });
  return items.length === 0
    ? 'none exists there'
    : `available: ${items.map(({ metadata }) => metadata.name).join(', ')}`;
}

/** Those of the namespaces in which a person may use objects of the kind, in order. */
export async function usableNamespaces(
  access: Access,
  principal: Principal,
  kind: string,
  namespaces: readonly string[],
): Promise<string[]> {
  const usable = await Promise.all(
    namespaces.map((namespace) => access.can(principal, 'run', kind, namespace)),
  );
  return namespaces.filter((_, index) => usable[index]);
}
