import { API_GROUP, ApiError, type KindDefinition, type ResourceObject, type Status } from '@wegent/api';
import { type FieldValidation, isMapping, jsonPatch, mergePatch } from '@wegent/kube';
import type { Store } from '@wegent/store';
import type { Access } from '../access/access.ts';
import type { Audit } from '../audit/audit.ts';
import type { Principal } from '../auth/principal.ts';
import { type Admitted, createAdmission } from './admission.ts';
import { alreadyExists, conflict } from './resource-errors.ts';
import { createResourceReader, type ListQuery, type ObjectKey } from './resource-reader.ts';
import type { SecretBox } from './secret-box.ts';
import type { TaskResources } from './task-resources.ts';
import { describeUse } from './usage-check.ts';

/** How a write is carried out. */
export interface WriteOptions {
  dryRun: boolean;
  fieldValidation: FieldValidation;
  /** Targets of references that count as existing, see `checkReferences`. */
  assumed?: ReadonlySet<string> | undefined;
}

/** What a write led to; `object` is what a client may see. */
export interface WriteResult {
  object: ResourceObject;
  warnings: string[];
  operation: 'created' | 'configured' | 'unchanged';
}

/** A patch and how it is meant. */
export interface Patch {
  type: 'merge' | 'json';
  body: unknown;
}

/** How a deletion is carried out. `force` deletes what is in use as well. */
export interface DeleteOptions {
  dryRun: boolean;
  force: boolean;
  preconditions?: { uid?: string | undefined; resourceVersion?: string | undefined } | undefined;
}

/** A document on its way in. */
export interface Write extends WriteOptions {
  principal: Principal;
  definition: KindDefinition;
  namespace: string;
  input: unknown;
}

// As often as Kubernetes tries a write again that was overtaken by another.
const MAX_ATTEMPTS = 5;

/** The verbs of the resource API, see `createResourceService`. */
export type ResourceService = ReturnType<typeof createResourceService>;

/**
 * The verbs of the resource API over all kinds. Every verb asks for the right first, and answers objects with
 * status and without secrets. Each commit is audited, and `onChange` is called after it.
 */
export function createResourceService(deps: {
  store: Store;
  access: Access;
  secrets: SecretBox;
  taskResources: TaskResources;
  audit: Pick<Audit, 'record'>;
  onChange: () => void;
  /** Called after an object was deleted, for what is kept beside it. */
  onDeleted?: (object: ResourceObject) => Promise<void>;
  now?: () => number;
}) {
  const { store, access, taskResources, audit, onChange, onDeleted } = deps;
  const reader = createResourceReader(deps);
  const { admit } = createAdmission({ ...deps, now: deps.now ?? Date.now });

  async function create(write: Write): Promise<WriteResult> {
    const { principal, definition, namespace } = write;
    await access.authorise(principal, { verb: 'create', kind: definition.kind, namespace });
    const admitted = await admit(write);
    const { name } = admitted.object.metadata;
    if (await store.resources.get(definition.kind, namespace, name)) throw alreadyExists(definition, name);
    const object = await insert(write, admitted);
    return { object: await reader.presentOne(object), warnings: admitted.warnings, operation: 'created' };
  }

  async function insert(
    { principal, definition, dryRun }: Write,
    { object, references }: Admitted,
  ): Promise<ResourceObject> {
    if (definition.kind === 'Task') return taskResources.create({ principal, object, references, dryRun });
    if (dryRun) return object;
    const { name, namespace } = object.metadata;
    return changed(store.resources.create(object, { references }), 'create', {
      principal,
      definition,
      namespace,
      name,
    });
  }

  async function update(write: Write & { name: string }): Promise<WriteResult> {
    await access.authorise(write.principal, wish('update', write));
    return rewrite(write, () => withName(write.input, write.name));
  }

  async function patch({
    patch: change,
    ...write
  }: Omit<Write, 'input'> & { name: string; patch: Patch }): Promise<WriteResult> {
    await access.authorise(write.principal, wish('patch', write));
    return rewrite({ ...write, input: undefined }, (stored) => {
      // Patches apply to what the client sees, so that no operation can move a secret to where it is readable.
      const { status: _status, ...visible } = deps.secrets.mask(stored);
      const patched =
        change.type === 'merge' ? mergePatch(visible, change.body) : jsonPatch(visible, change.body);
      return withoutVersion(patched, stored.metadata.resourceVersion);
    });
  }

  /** Creates the object or replaces its spec; labels and annotations are added to those it has. */
  async function apply(write: Write & { name: string }): Promise<WriteResult> {
    const { definition, namespace, name } = write;
    const exists = await store.resources.get(definition.kind, namespace, name);
    if (!exists) return create(write);
    await access.authorise(write.principal, wish('update', write));
    return rewrite(write, (stored) => mergeMetadata(write.input, stored));
  }

  /** Replaces a stored object; a write that is overtaken and named no version is tried again. */
  async function rewrite(
    write: Write & { name: string },
    inputFor: (stored: ResourceObject) => unknown,
  ): Promise<WriteResult> {
    for (let attempt = 1; ; attempt += 1) {
      const stored = await reader.load(write);
      const input = inputFor(stored);
      const admitted = await admit({ ...write, input, stored });
      const { warnings } = admitted;
      if (!admitted.changed)
        return { object: await reader.presentOne(stored), warnings, operation: 'unchanged' };
      try {
        const object = await replace(write, stored, admitted);
        return { object: await reader.presentOne(object), warnings, operation: 'configured' };
      } catch (error) {
        if (!(error instanceof ApiError) || error.reason !== 'Conflict') throw error;
        if (attempt === MAX_ATTEMPTS || namesVersion(input)) throw conflict(write.definition, write.name);
      }
    }
  }

  async function replace(
    { principal, definition, dryRun }: Write,
    stored: ResourceObject,
    admitted: Admitted,
  ): Promise<ResourceObject> {
    const { object, references } = admitted;
    const expectedVersion = stored.metadata.resourceVersion ?? '';
    if (definition.kind === 'Task') {
      return taskResources.update({ principal, object, references, dryRun, stored, expectedVersion });
    }
    if (dryRun) return object;
    const { name, namespace } = object.metadata;
    return changed(store.resources.update(object, expectedVersion, { references }), 'update', {
      principal,
      definition,
      namespace,
      name,
    });
  }

  async function remove(key: ObjectKey, options: DeleteOptions): Promise<Status> {
    const { principal, definition, namespace, name } = key;
    await access.authorise(principal, wish('delete', key));
    const stored = await reader.load(key);
    const { uid, resourceVersion } = options.preconditions ?? {};
    if (uid !== undefined && uid !== stored.metadata.uid) {
      throw conflict(
        definition,
        name,
        `the uid in the precondition (${uid}) does not match that of the object (${stored.metadata.uid})`,
      );
    }
    if (resourceVersion !== undefined && resourceVersion !== stored.metadata.resourceVersion)
      throw conflict(definition, name);
    const use = options.force ? undefined : await describeUse({ store, access, key });
    if (use !== undefined) {
      throw conflict(
        definition,
        name,
        `it is in use by ${use}; change or delete these first, or delete with propagationPolicy=Background or force=true`,
      );
    }
    if (definition.kind === 'Task')
      await taskResources.delete({ principal, object: stored, dryRun: options.dryRun });
    else if (!options.dryRun) {
      await changed(store.resources.delete(definition.kind, namespace, name, resourceVersion), 'delete', key);
      await onDeleted?.(stored);
    }
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: {
        name,
        group: API_GROUP,
        kind: definition.plural,
        ...(stored.metadata.uid ? { uid: stored.metadata.uid } : {}),
      },
    };
  }

  async function changed<T>(write: Promise<T>, action: string, key: ObjectKey): Promise<T> {
    const result = await write;
    const { principal, definition, namespace, name } = key;
    audit.record({ principal, action, target: { kind: definition.kind, namespace, name } });
    onChange();
    return result;
  }

  const list = (query: ListQuery) => reader.list(query);
  return { get: reader.get, list, create, update, patch, apply, delete: remove, reader };
}

function wish(
  verb: 'update' | 'patch' | 'delete',
  { definition, namespace, name }: Pick<ObjectKey, 'definition' | 'namespace' | 'name'>,
) {
  return { verb, kind: definition.kind, namespace, name };
}

/** The name of a replacement may be left to the URL. */
function withName(input: unknown, name: string): unknown {
  if (!isMapping(input) || (input.metadata !== undefined && !isMapping(input.metadata))) return input;
  return { ...input, metadata: { name, ...input.metadata } };
}

function mergeMetadata(input: unknown, stored: ResourceObject): unknown {
  if (!isMapping(input) || !isMapping(input.metadata)) return input;
  const { labels, annotations } = input.metadata;
  return {
    ...input,
    metadata: {
      ...input.metadata,
      ...(labels === undefined || isMapping(labels)
        ? { labels: { ...stored.metadata.labels, ...labels } }
        : {}),
      ...(annotations === undefined || isMapping(annotations)
        ? { annotations: { ...stored.metadata.annotations, ...annotations } }
        : {}),
    },
  };
}

/** A patch that leaves the version alone does not insist on it: overtaken, it is applied again. */
function withoutVersion(patched: unknown, version: string | undefined): unknown {
  if (!isMapping(patched) || !isMapping(patched.metadata) || patched.metadata.resourceVersion !== version)
    return patched;
  return { ...patched, metadata: { ...patched.metadata, resourceVersion: undefined } };
}

function namesVersion(input: unknown): boolean {
  return isMapping(input) && isMapping(input.metadata) && Boolean(input.metadata.resourceVersion);
}
