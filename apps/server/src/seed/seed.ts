import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { API_GROUP, ApiError, KINDS, kindByName, PUBLIC_NAMESPACE, type ResourceObject } from '@wegent/api';
import { isMapping, validateObject } from '@wegent/kube';
import { newId, type Store } from '@wegent/store';
import { toDocuments } from '../resources/documents.ts';
import { resolveReference } from '../resources/references.ts';
import type { SecretBox } from '../resources/secret-box.ts';

/** Tells a built-in object that nobody has changed since: a hash of what the seed wrote. */
const SEED_HASH_ANNOTATION = `${API_GROUP}/seed-hash`;

// Processes that start at once get into each other's way at most this often.
const MAX_ATTEMPTS = 5;

/**
 * Brings the built-in objects of a folder of YAML files into namespace `public`. What was never there is created;
 * what an earlier version of the files made is updated as long as nobody has changed it; what somebody deleted stays
 * deleted, but for Shells, without which nothing runs. Calling it again changes nothing, and two processes may call
 * it at once.
 */
export async function seedResources({
  store,
  secrets,
  folder,
}: {
  store: Store;
  secrets: SecretBox;
  folder: string;
}): Promise<void> {
  const objects = await readSeed(folder);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await store.transaction(async (tx) => {
        for (const object of objects) await seedOne(tx, secrets, object);
      });
      return;
    } catch (error) {
      const overtaken =
        error instanceof ApiError && (error.reason === 'AlreadyExists' || error.reason === 'Conflict');
      if (!overtaken || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

async function readSeed(folder: string): Promise<ResourceObject[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const objects: ResourceObject[] = [];
  for (const file of files) {
    for (const document of toDocuments(await readFile(path.join(folder, file), 'utf8')))
      objects.push(toObject(file, document));
  }
  const rank = new Map(KINDS.map(({ kind }, index) => [kind, index]));
  return objects.sort((left, right) => (rank.get(left.kind) ?? 0) - (rank.get(right.kind) ?? 0));
}

function toObject(file: string, document: unknown): ResourceObject {
  const kind = isMapping(document) && typeof document.kind === 'string' ? document.kind : '';
  const definition = kindByName(kind);
  if (!definition) throw new Error(`${file}: kind "${kind}" is not known`);
  const { object } = validateObject(definition, document, { fieldValidation: 'Strict' });
  const { name, labels, annotations } = object.metadata;
  if (name === undefined) throw new Error(`${file}: a ${kind} has no name`);
  const seeded = {
    ...object,
    metadata: {
      name,
      namespace: PUBLIC_NAMESPACE,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
    },
  };
  return withHash(seeded, hashOf(seeded));
}

async function seedOne(store: Store, secrets: SecretBox, wanted: ResourceObject): Promise<void> {
  const { name, namespace } = wanted.metadata;
  const stored = await store.resources.get(wanted.kind, namespace, name);
  const references = await resolveAll(store, wanted);
  if (!stored) {
    const isNew = await store.settings.setIfAbsent(`seed:${wanted.kind}/${name}`, true);
    if (!isNew && wanted.kind !== 'Shell') return;
    const metadata = { ...wanted.metadata, uid: newId(), generation: 1 };
    await store.resources.create(secrets.seal({ ...wanted, metadata }).object, { references });
    return;
  }
  const hash = stored.metadata.annotations?.[SEED_HASH_ANNOTATION];
  const untouched = hash !== undefined && hash === hashOf(secrets.unseal(stored));
  if (!untouched || hash === wanted.metadata.annotations?.[SEED_HASH_ANNOTATION]) return;
  const metadata = {
    ...stored.metadata,
    ...wanted.metadata,
    generation: (stored.metadata.generation ?? 0) + 1,
  };
  const { object } = secrets.seal({ ...stored, spec: wanted.spec, metadata }, stored);
  await store.resources.update(object, stored.metadata.resourceVersion ?? '', { references });
}

async function resolveAll(store: Store, object: ResourceObject) {
  const references = kindByName(object.kind)?.references(object.spec) ?? [];
  const targets = await Promise.all(
    references.map(({ kind, ...reference }) =>
      resolveReference(store, kind, { name: reference.name }, PUBLIC_NAMESPACE),
    ),
  );
  return targets
    .filter((target) => target !== undefined)
    .map(({ kind, metadata }) => ({ kind, namespace: metadata.namespace, name: metadata.name }));
}

function withHash(object: ResourceObject, hash: string): ResourceObject {
  const annotations = { ...object.metadata.annotations, [SEED_HASH_ANNOTATION]: hash };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function hashOf({ metadata, spec }: ResourceObject): string {
  const { [SEED_HASH_ANNOTATION]: _hash, ...annotations } = metadata.annotations ?? {};
  const text = JSON.stringify(sorted([spec, metadata.labels ?? {}, annotations]));
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  );
}
