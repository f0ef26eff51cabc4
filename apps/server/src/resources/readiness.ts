import {
  type Condition,
  type KindDefinition,
  kindByName,
  type Reference,
  type ResourceObject,
} from '@wegent/api';
import type { Store } from '@wegent/store';
import { referenceNamespaces } from './references.ts';

// SQLite refuses expressions that are deeper than 1,000.
const MAX_KEYS = 300;

/**
 * Fills in `state`, `observedGeneration` and the condition `Ready` of objects: does every reference lead somewhere?
 * One statement for each kind that is referred to, however many objects there are.
 */
export async function withReadiness(
  store: Store,
  objects: readonly ResourceObject[],
): Promise<ResourceObject[]> {
  // Kinds of Kubernetes' core group have no readiness of their own.
  if (objects.every(({ kind }) => kindByName(kind)?.group === '')) return [...objects];
  const references = objects.map(referencesOf);
  const existing = await findTargets(store, objects, references);
  return objects.map((object, index) => {
    const missing = (references[index] ?? []).filter(
      (reference) =>
        !referenceNamespaces(reference, object.metadata.namespace).some((namespace) =>
          existing.has(keyOf(reference.kind, namespace, reference.name)),
        ),
    );
    return withReady(object, missing);
  });
}

function referencesOf(object: ResourceObject): Reference[] {
  const definition: KindDefinition | undefined = kindByName(object.kind);
  return definition?.references(object.spec) ?? [];
}

async function findTargets(
  store: Store,
  objects: readonly ResourceObject[],
  references: readonly (readonly Reference[])[],
): Promise<Set<string>> {
  const wanted = new Map<string, Map<string, { namespace: string; name: string }>>();
  for (const [index, object] of objects.entries()) {
    for (const reference of references[index] ?? []) {
      const keys = wanted.get(reference.kind) ?? new Map<string, { namespace: string; name: string }>();
      wanted.set(reference.kind, keys);
      for (const namespace of referenceNamespaces(reference, object.metadata.namespace)) {
        keys.set(keyOf(reference.kind, namespace, reference.name), { namespace, name: reference.name });
      }
    }
  }
  const lookups = [...wanted].flatMap(([kind, keys]) =>
    chunks([...keys.values()], MAX_KEYS).map((chunk) => store.resources.getMany(kind, chunk)),
  );
  const found = await Promise.all(lookups);
  return new Set(
    found.flat().map((object) => keyOf(object.kind, object.metadata.namespace, object.metadata.name)),
  );
}

function withReady(object: ResourceObject, missing: readonly Reference[]): ResourceObject {
  const ready = missing.length === 0;
  const known = Array.isArray(object.status?.conditions) ? (object.status.conditions as Condition[]) : [];
  const noted = known.find(({ type }) => type === 'Ready');
  const condition: Condition = {
    type: 'Ready',
    status: ready ? 'True' : 'False',
    reason: ready ? 'AllReferencesFound' : 'MissingReferences',
    message: missing.map(({ kind, name, field }) => `${kind} "${name}" (${field}) does not exist`).join('; '),
    // Readiness is found when it is read. What was noted about it tells since when, else it has been so from the start.
    lastTransitionTime:
      noted?.lastTransitionTime ?? object.metadata.creationTimestamp ?? new Date(0).toISOString(),
    observedGeneration: object.metadata.generation ?? 1,
  };
  const others = known.filter(({ type }) => type !== 'Ready');
  // A missing optional target is worth a condition, and no reason to call the object unavailable.
  const available = missing.every(({ optional }) => optional === true);
  return {
    ...object,
    status: {
      ...object.status,
      state: available ? 'Available' : 'Unavailable',
      observedGeneration: object.metadata.generation ?? 1,
      conditions: [condition, ...others],
    },
  };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}
