import { ApiError, type KindDefinition, type ResourceObject, type Status, withWireMasks } from '@wegent/api';
import {
  deletedStatus,
  type FieldValidation,
  isMapping,
  normalConfiguration,
  objectConflict,
  objectExists,
  type PatchType,
  spelledAsApplied,
  withPatchedSpelling,
} from '@wegent/kube';
import type { Store } from '@wegent/store';
import type { Access } from '../access/access.ts';
import type { Audit } from '../audit/audit.ts';
import type { Principal } from '../auth/principal.ts';
import type { NamespaceResources } from '../users/namespace-resources.ts';
import { type Admitted, createAdmission } from './admission.ts';
import { createDeletion } from './deletion.ts';
import { trackFields, withManagedFields } from './field-owners.ts';
import { createRetry } from './overtaken.ts';
import { applyObject, patchObject } from './patch-object.ts';
import { terminating } from './resource-errors.ts';
import { createResourceReader, type ListQuery, type ObjectKey } from './resource-reader.ts';
import type { SecretBox } from './secret-box.ts';
import type { TaskResources } from './task-resources.ts';
import { describeUse } from './usage-check.ts';
import { createVerbRights } from './verb-rights.ts';
import { fromWire, toWire, type WireObject } from './wire.ts';

/** How a write is carried out. */
export interface WriteOptions {
  dryRun: boolean;
  fieldValidation: FieldValidation;
  /** Targets of references that count as existing, see `checkReferences`. */
  assumed?: ReadonlySet<string> | undefined;
  /** Patches are for the object in the spelling in which it was applied, see `spelledAsApplied`. */
  asApplied?: boolean | undefined;
  /** Who owns the fields that are written, see `track`. */
  fieldManager?: string | undefined;
}

/** What a write led to; `object` is what a client may see. */
export interface WriteResult {
  object: ResourceObject;
  warnings: string[];
  operation: 'created' | 'configured' | 'unchanged';
}

/** A patch and how it is meant. */
export interface Patch {
  type: PatchType;
  body: unknown;
  /** Server-side apply takes fields away from other managers. */
  force?: boolean;
}

/** How a deletion is carried out. `force` deletes what is in use as well. */
export interface DeleteOptions {
  dryRun: boolean;
  force: boolean;
  /** What happens to the objects that it owns; `Background` when absent: they are deleted afterwards. */
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  preconditions?: { uid?: string | undefined; resourceVersion?: string | undefined } | undefined;
}

/** What a deletion left: the object, when something has to happen before it can go. */
export type Deleted = { object: ResourceObject; status?: never } | { status: Status; object?: never };

/** A document on its way in, in the form of the wire. */
export interface Write extends WriteOptions {
  principal: Principal;
  definition: KindDefinition;
  namespace: string;
  input: unknown;
}

// As often as Kubernetes tries a write again that was overtaken by another.

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
  namespaces: NamespaceResources;
  audit: Pick<Audit, 'record'>;
  onChange: () => void;
  /** Called after an object was deleted, for what is kept beside it. */
  onDeleted?: (object: ResourceObject) => Promise<void>;
  now?: () => number;
}) {
  const { store, access, taskResources, namespaces, audit, onChange } = deps;
  const reader = createResourceReader(deps);
  const { admit } = createAdmission({ ...deps, now: deps.now ?? Date.now });
  const deletion = createDeletion(deps);
  const authorise = createVerbRights({ access });

  async function create(write: Write): Promise<WriteResult> {
    const { principal, definition, namespace } = write;
    await authorise(principal, { verb: 'create', definition, namespace });
    return insertNew(write);
  }

  async function insertNew(write: Write, prepared?: Admitted): Promise<WriteResult> {
    const { principal, definition, namespace } = write;
    const admitted = prepared ?? (await admit(write));
    const { name } = admitted.object.metadata;
    await refuseTerminating(definition, namespace, name);
    if (await store.resources.get(definition.kind, namespace, name)) throw objectExists(definition, name);
    const tracked = prepared ?? {
      ...admitted,
      object: trackFields({
        definition,
        stored: undefined,
        next: admitted.object,
        manager: write.fieldManager,
      }),
    };
    const object = await reader.personal(principal, await reader.presentOne(await insert(write, tracked)));
    return { object, warnings: admitted.warnings, operation: 'created' };
  }

  async function refuseTerminating(
    definition: KindDefinition,
    namespace: string,
    name: string,
  ): Promise<void> {
    if (namespace === '') return;
    const space = await store.resources.get('Namespace', '', namespace);
    if (space?.metadata.deletionTimestamp) throw terminating(definition, namespace, name);
  }

  async function insert(
    { principal, definition, dryRun }: Write,
    { object, references }: Admitted,
  ): Promise<ResourceObject> {
    if (definition.kind === 'Task') return taskResources.create({ principal, object, references, dryRun });
    if (definition.kind === 'Namespace') {
      const made = await namespaces.create({ principal, object, dryRun });
      if (!dryRun) onChange();
      return made;
    }
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
    await authorise(write.principal, { ...write, verb: 'update' });
    return rewrite(write, () => withName(write.input, write.name));
  }

  async function patch({
    patch: change,
    ...write
  }: Omit<Write, 'input'> & { name: string; patch: Patch }): Promise<WriteResult> {
    const { principal, definition, namespace, name } = write;
    await authorise(principal, { ...write, verb: 'patch' });
    if (change.type !== 'apply') {
      return rewrite({ ...write, input: undefined }, (stored) => {
        const visible = visibleForm(stored, definition, write.asApplied);
        const patched = withPatchedSpelling(definition, visible, patchObject(definition, visible, change));
        return withoutVersion(patched, stored.metadata.resourceVersion);
      });
    }
    const { body, force } = change;
    const apply = { definition, force, manager: write.fieldManager };
    const exists = await store.resources.get(definition.kind, namespace, name);
    if (exists) {
      return rewrite({ ...write, input: undefined, tracked: true }, (stored) => {
        const live = visibleForm(stored, definition);
        const normal = normalConfiguration(definition, withName(body, name), live);
        const config = withKnownMasked(normal, stored, definition);
        const merged = applyObject({ ...apply, live, config });
        return withoutVersion(merged, stored.metadata.resourceVersion);
      });
    }
    await authorise(principal, { ...write, verb: 'create' });
    const config = normalConfiguration(definition, withName(body, name));
    const input = applyObject({ ...apply, live: undefined, config });
    const admitted = await admit({ ...write, input });
    return insertNew({ ...write, input }, { ...admitted, object: withManagedFields(admitted.object, input) });
  }

  /** A secret that is applied and stored already is no change, so it is written as it reads. */
  function withKnownMasked(config: unknown, stored: ResourceObject, definition: KindDefinition): unknown {
    const inside = fromWire(definition, config);
    if (!isMapping(inside)) return config;
    const { spec, ...head } = deps.secrets.maskKnown(inside, stored);
    if (!definition.flat) return { ...head, ...(spec === undefined ? {} : { spec }) };
    return { ...head, ...(isMapping(spec) ? withWireMasks(spec) : {}) };
  }

  /**
   * Changes what a path of its own, such as `scale`, is about: `change` gets the object as the client sees it and as
   * it is stored, and answers what it shall be, with `tracked` with its owners. The caller has asked for the right.
   */
  function changePart(
    write: Omit<Write, 'input'> & { name: string; subresource: 'scale'; tracked?: boolean },
    change: (visible: WireObject, stored: ResourceObject) => unknown,
  ): Promise<WriteResult> {
    return rewrite({ ...write, input: undefined }, (stored) =>
      change(visibleForm(stored, write.definition), stored),
    );
  }

  /** Patches apply to what the client sees, so that no operation can move a secret to where it is readable. */
  function visibleForm(stored: ResourceObject, definition: KindDefinition, asApplied = false): WireObject {
    const { status: _status, ...visible } = deps.secrets.mask(stored);
    return toWire(definition, asApplied ? spelledAsApplied(definition, visible) : visible);
  }

  /** Creates the object or replaces its spec; labels and annotations are added to those it has. */
  async function apply(write: Write & { name: string }): Promise<WriteResult> {
    const { definition, namespace, name } = write;
    const exists = await store.resources.get(definition.kind, namespace, name);
    if (!exists) return create(write);
    await authorise(write.principal, { ...write, verb: 'update' });
    return rewrite(write, (stored) => mergeMetadata(write.input, stored));
  }

  /** Replaces a stored object; a write that is overtaken and named no version is tried again. */
  async function rewrite(
    write: Write & { name: string; tracked?: boolean; subresource?: 'scale' },
    inputFor: (stored: ResourceObject) => unknown,
  ): Promise<WriteResult> {
    const { principal, definition } = write;
    const answer = async (object: ResourceObject) =>
      reader.personal(principal, await reader.presentOne(object));
    const retry = createRetry();
    for (;;) {
      const stored = await reader.load(write);
      const input = inputFor(stored);
      const admitted = await admit({ ...write, input, stored });
      const { warnings } = admitted;
      if (!admitted.changed) return { object: await answer(stored), warnings, operation: 'unchanged' };
      const object = write.tracked
        ? admitted.object
        : trackFields({
            definition,
            stored,
            next: admitted.object,
            manager: write.fieldManager,
            subresource: write.subresource,
          });
      try {
        const written = await replace(write, stored, { ...admitted, object });
        return { object: await answer(written), warnings, operation: 'configured' };
      } catch (error) {
        if (!(error instanceof ApiError) || error.reason !== 'Conflict') throw error;
        if (namesVersion(input) || !(await retry())) throw objectConflict(write.definition, write.name);
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
    const { name, namespace } = object.metadata;
    const key = { principal, definition, namespace, name };
    // The last finalizer was all that kept it.
    if (stored.metadata.deletionTimestamp && (object.metadata.finalizers ?? []).length === 0) {
      if (!dryRun) await changed(deletion.finish(key, stored, expectedVersion), 'delete', key);
      return object;
    }
    if (definition.kind === 'Task') {
      return taskResources.update({ principal, object, references, dryRun, stored, expectedVersion });
    }
    if (definition.kind === 'Namespace') {
      const updated = await namespaces.update({ principal, object, dryRun, stored, expectedVersion });
      if (!dryRun) onChange();
      return updated;
    }
    if (dryRun) return object;
    return changed(store.resources.update(object, expectedVersion, { references }), 'update', key);
  }

  async function remove(key: ObjectKey, options: DeleteOptions): Promise<Deleted> {
    const { principal, definition, name } = key;
    await authorise(principal, { ...key, verb: 'delete' });
    const stored = await reader.load(key);
    const { uid, resourceVersion } = options.preconditions ?? {};
    if (uid !== undefined && uid !== stored.metadata.uid) {
      throw objectConflict(
        definition,
        name,
        `the uid in the precondition (${uid}) does not match that of the object (${stored.metadata.uid})`,
      );
    }
    if (resourceVersion !== undefined && resourceVersion !== stored.metadata.resourceVersion)
      throw objectConflict(definition, name);
    const use = options.force ? undefined : await describeUse({ store, access, key });
    if (use !== undefined) {
      throw objectConflict(
        definition,
        name,
        `it is in use by ${use}; change or delete these first, or delete with propagationPolicy=Background or force=true`,
      );
    }
    const kept = await deletion.begin(key, stored, options);
    if (!options.dryRun) {
      audit.record({ principal, action: 'delete', target: targetOf(key) });
      onChange();
    }
    if (kept) return { object: await reader.personal(principal, await reader.presentOne(kept)) };
    return { status: deletedStatus(definition, { name, uid: stored.metadata.uid }) };
  }

  async function changed<T>(write: Promise<T>, action: string, key: ObjectKey): Promise<T> {
    const result = await write;
    audit.record({ principal: key.principal, action, target: targetOf(key) });
    onChange();
    return result;
  }

  const list = (query: ListQuery) => reader.list(query);
  return {
    get: reader.get,
    list,
    create,
    update,
    patch,
    changePart,
    apply,
    delete: remove,
    authorise,
    reader,
    deletion,
  };
}

function targetOf({ definition, namespace, name }: Pick<ObjectKey, 'definition' | 'namespace' | 'name'>) {
  return { kind: definition.kind, name, ...(namespace === '' ? {} : { namespace }) };
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
