import {
  DEFAULT_NAMESPACE,
  type KindDefinition,
  type Reference,
  type ResourceObject,
  type StatusCause,
} from '@wegent/api';
import type { Store } from '@wegent/store';
import type { Access } from '../access/access.ts';
import type { Principal } from '../auth/principal.ts';
import { describeExisting, referenceNamespaces, usableNamespaces } from './references.ts';

/** The object that a reference leads to. */
export interface Target {
  kind: string;
  namespace: string;
  name: string;
}

/** How a batch names the documents that it will bring into being itself. */
export function targetKey({ kind, namespace, name }: Target): string {
  return `${kind}/${namespace}/${name}`;
}

/**
 * Resolves the references of an object that is about to be written: each target must exist, and the writer must
 * be allowed to use it. A reference into the namespace `default` by somebody who has no right there means their
 * own, as in the reference format, and loses its namespace. `assumed` holds targets that count as existing.
 */
export async function checkReferences({
  store,
  access,
  principal,
  definition,
  object,
  assumed,
}: {
  store: Store;
  access: Access;
  principal: Principal;
  definition: KindDefinition;
  object: ResourceObject;
  assumed?: ReadonlySet<string> | undefined;
}): Promise<{ object: ResourceObject; targets: Target[]; causes: StatusCause[] }> {
  const from = object.metadata.namespace;
  const causes: StatusCause[] = [];
  const targets: Target[] = [];
  let result = object;

  for (const given of definition.references(object.spec)) {
    const { namespace } = given;
    const foreign = namespace !== undefined && !(await access.can(principal, 'run', given.kind, namespace));
    const meansOwn = foreign && namespace === DEFAULT_NAMESPACE;
    if (meansOwn) result = withoutField(result, `${given.field}.namespace`);
    const reference: Reference = meansOwn ? { ...given, namespace: undefined } : given;
    const namespaces = referenceNamespaces(reference, from);
    const usable = await usableNamespaces(access, principal, reference.kind, namespaces);
    // Falling back from a namespace that the writer may not use would bind to it once they may.
    const target = foreign && !meansOwn ? undefined : await find(store, reference, usable, assumed);
    if (target) targets.push(target);
    else if (!reference.optional) {
      const existing = await describeExisting(store, access, principal, reference.kind, from);
      causes.push({
        reason: 'FieldValueNotFound',
        field: reference.field,
        message: `${reference.kind.toLowerCase()} "${reference.name}" not found in ${namespaces.join(' or ')}; ${existing}`,
      });
    }
  }
  return { object: result, targets, causes };
}

async function find(
  store: Store,
  { kind, name }: Reference,
  namespaces: readonly string[],
  assumed: ReadonlySet<string> | undefined,
): Promise<Target | undefined> {
  const found = await store.resources.getMany(
    kind,
    namespaces.map((namespace) => ({ namespace, name })),
  );
  const existing = new Set(found.map((object) => object.metadata.namespace));
  const namespace = namespaces.find(
    (candidate) => existing.has(candidate) || assumed?.has(targetKey({ kind, namespace: candidate, name })),
  );
  return namespace === undefined ? undefined : { kind, namespace, name };
}

function withoutField(object: ResourceObject, field: string): ResourceObject {
  const copy = structuredClone(object);
  const path = field.match(/[^.[\]]+/g) ?? [];
  const last = path.pop() ?? '';
  const parent = path.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
    copy,
  );
  if (typeof parent === 'object' && parent !== null) Reflect.deleteProperty(parent, last);
  return copy;
}
