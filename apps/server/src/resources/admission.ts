import {
  ApiError,
  EventFields,
  type KindDefinition,
  type ResourceObject,
  type StatusCause,
} from '@wegent/api';
import {
  deletionCauses,
  type FieldValidation,
  isMapping,
  objectConflict,
  sameJson,
  type ValidObject,
} from '@wegent/kube';
import { newId, type Store } from '@wegent/store';
import type { Access } from '../access/access.ts';
import type { Principal } from '../auth/principal.ts';
import type { NamespaceResources } from '../users/namespace-resources.ts';
import { createOwnerRights } from './owner-rights.ts';
import { checkReferences, type Target } from './reference-check.ts';
import type { SecretBox } from './secret-box.ts';
import type { TaskResources } from './task-resources.ts';
import { invalidDocument, validateDocument } from './validate-document.ts';

/** A document on its way into the store. */
export interface AdmissionInput {
  principal: Principal;
  definition: KindDefinition;
  namespace: string;
  /** The document as the client sent it. */
  input: unknown;
  /** What is stored now; absent for a new object. */
  stored?: ResourceObject | undefined;
  fieldValidation: FieldValidation;
  /** Targets that count as existing, see `checkReferences`. */
  assumed?: ReadonlySet<string> | undefined;
}

/** A document that may be stored as it is: valid, complete, secrets sealed. */
export interface Admitted {
  object: ResourceObject;
  references: Target[];
  warnings: string[];
  /** False when storing it would change nothing. */
  changed: boolean;
}

const SERVER_OWNED = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'generateName',
];

/** Turns what clients send into what the store keeps. */
export function createAdmission({
  store,
  access,
  secrets,
  taskResources,
  namespaces,
  now,
}: {
  store: Store;
  access: Access;
  secrets: SecretBox;
  taskResources: Pick<TaskResources, 'delete'>;
  namespaces: Pick<NamespaceResources, 'refuseDeletion'>;
  now: () => number;
}) {
  const authoriseOwners = createOwnerRights({ access, taskResources, namespaces });

  async function admit({
    principal,
    definition,
    namespace,
    input,
    stored,
    fieldValidation,
    assumed,
  }: AdmissionInput): Promise<Admitted> {
    const { object: valid, warnings } = validateDocument(definition, input, fieldValidation);
    checkPlace(definition, valid, namespace, stored);
    const complete = stored ? replacing(valid, stored) : created(valid, namespace, now());
    if (stored) checkLifecycle(definition, complete, stored);
    await authoriseOwners({ principal, definition, object: complete, stored });
    const checked = await checkReferences({
      store,
      access,
      principal,
      definition,
      object: complete,
      assumed,
    });
    const sealed = secrets.seal(checked.object, stored);
    const causes = [...checked.causes, ...sealed.causes, ...eventCauses(complete)];
    if (stored && stored.spec.immutable === true && !sameJson(sealed.object.spec, stored.spec))
      causes.push({
        reason: 'FieldValueForbidden',
        field: 'spec',
        message: 'Forbidden: the object is immutable',
      });
    if (causes.length > 0) throw invalidDocument(definition, complete.metadata.name, causes);
    if (!stored) return { object: sealed.object, references: checked.targets, warnings, changed: true };

    const specChanged = !sameJson(sealed.object.spec, stored.spec);
    const object = specChanged ? withNextGeneration(sealed.object) : sealed.object;
    const changed =
      specChanged ||
      !sameJson(comparable(object), comparable(stored)) ||
      !sameJson(object.metadata.managedFields, stored.metadata.managedFields);
    return { object, references: checked.targets, warnings, changed };
  }

  return { admit };
}

function checkPlace(
  definition: KindDefinition,
  { metadata }: ValidObject,
  namespace: string,
  stored: ResourceObject | undefined,
): void {
  if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw new ApiError(
      'BadRequest',
      `the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${namespace})`,
    );
  }
  if (!stored) {
    if (!metadata.resourceVersion) return;
    throw new ApiError('BadRequest', 'resourceVersion should not be set on objects to be created');
  }
  const { name, uid, resourceVersion } = stored.metadata;
  if (metadata.name !== name) {
    throw new ApiError(
      'BadRequest',
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  if (metadata.uid !== undefined && metadata.uid !== '' && metadata.uid !== uid) {
    throw objectConflict(
      definition,
      name,
      `the uid in the precondition (${metadata.uid}) does not match that of the object (${uid})`,
    );
  }
  if (metadata.resourceVersion && metadata.resourceVersion !== resourceVersion)
    throw objectConflict(definition, name);
}

/** What Kubernetes asks of changes to an object whose deletion has begun. */
function checkLifecycle(definition: KindDefinition, object: ResourceObject, stored: ResourceObject): void {
  const causes = deletionCauses(stored.metadata, object.metadata);
  if (causes.length > 0) throw invalidDocument(definition, object.metadata.name, causes);
}

/** An Event lies where what it is about does: who reads the one reads the other. */
function eventCauses({ kind, metadata, spec }: ResourceObject): StatusCause[] {
  if (kind !== 'Event') return [];
  const about = EventFields.parse(spec).involvedObject.namespace ?? '';
  if (about === '' || about === metadata.namespace) return [];
  return [
    {
      reason: 'FieldValueInvalid',
      field: 'spec.involvedObject.namespace',
      message: `Invalid value: ${JSON.stringify(about)}: does not match the namespace of the Event`,
    },
  ];
}

function created(valid: ValidObject, namespace: string, time: number): ResourceObject {
  const { generateName } = valid.metadata;
  return {
    ...valid,
    metadata: {
      ...without(valid.metadata, [...SERVER_OWNED, 'managedFields']),
      ...(generateName === undefined ? {} : { generateName }),
      name: valid.metadata.name ?? `${generateName}${randomSuffix()}`,
      namespace,
      uid: newId(),
      generation: 1,
      creationTimestamp: new Date(time).toISOString(),
    },
  };
}

function replacing(valid: ValidObject, stored: ResourceObject): ResourceObject {
  const kept = Object.fromEntries(
    SERVER_OWNED.flatMap((key) => {
      const value = Reflect.get(stored.metadata, key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
  return {
    ...valid,
    metadata: {
      ...kept,
      ...without(valid.metadata, SERVER_OWNED),
      ...(valid.metadata.managedFields ? {} : managedFieldsOf(stored)),
      name: stored.metadata.name,
      namespace: stored.metadata.namespace,
    },
    ...(stored.status ? { status: stored.status } : {}),
  };
}

function managedFieldsOf({ metadata }: ResourceObject): Pick<ResourceObject['metadata'], 'managedFields'> {
  return metadata.managedFields ? { managedFields: metadata.managedFields } : {};
}

function withNextGeneration(object: ResourceObject): ResourceObject {
  return { ...object, metadata: { ...object.metadata, generation: (object.metadata.generation ?? 0) + 1 } };
}

/** What a write is compared by: an empty mapping of labels or annotations is as good as none. */
function comparable({ metadata, spec }: ResourceObject): unknown {
  const present = Object.entries(without(metadata, ['managedFields', 'resourceVersion'])).filter(
    ([, value]) => !(isMapping(value) && Object.keys(value).length === 0),
  );
  return { metadata: Object.fromEntries(present), spec };
}

function without<T extends object>(value: T, keys: readonly string[]): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key))) as Partial<T>;
}

function randomSuffix(): string {
  return newId().replaceAll('-', '').slice(-6);
}
