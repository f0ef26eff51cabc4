import { DISPLAY_NAME_ANNOTATION } from '@wegent/api';
import { type Definitions, type JsonSchema, referenceTo } from './json-schema.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Names of the components that the documents of all kinds share. */
export const OBJECT_META = `${META}.ObjectMeta`;
export const LIST_META = `${META}.ListMeta`;
export const DELETE_OPTIONS = `${META}.DeleteOptions`;
export const STATUS = `${META}.Status`;

const text = (description: string): JsonSchema => ({ type: 'string', description });
const time = (description: string): JsonSchema => ({
  type: 'string',
  format: 'date-time',
  nullable: true,
  description,
});
const texts = (description: string): JsonSchema => ({
  type: 'object',
  additionalProperties: { type: 'string' },
  description,
});

/** `apiVersion` and `kind`, as every document begins. */
export const TYPE_META: Readonly<Record<string, JsonSchema>> = {
  apiVersion: text(
    'APIVersion defines the versioned schema of this representation of an object, group/version.',
  ),
  kind: text('Kind is the type of the object, in CamelCase.'),
};

/** The components that the documents of all kinds share. */
export const META_DEFINITIONS: Definitions = {
  [OBJECT_META]: {
    type: 'object',
    description: 'ObjectMeta is what every object has.',
    properties: {
      name: text('Unique within kind and namespace. Cannot be changed.'),
      generateName: text('Prefix of a name that the server completes.'),
      namespace: text('The space that the object belongs to. Cannot be changed.'),
      uid: text('Unique in time and space; set by the server.'),
      resourceVersion: text('Opaque version for optimistic concurrency and watches; set by the server.'),
      generation: { type: 'integer', format: 'int64', description: 'Counts changes of the desired state.' },
      creationTimestamp: time('Set by the server.'),
      deletionTimestamp: time('Set by the server when deletion has begun.'),
      deletionGracePeriodSeconds: {
        type: 'integer',
        format: 'int64',
        description: 'Set when deletion has begun.',
      },
      selfLink: text('Not used.'),
      displayName: text(`Older spelling of the annotation ${DISPLAY_NAME_ANNOTATION}.`),
      user_id: { description: 'Accepted, without effect.' },
      labels: texts('Key/value pairs for selectors.'),
      annotations: texts('Free key/value pairs.'),
      ownerReferences: {
        type: 'array',
        description: 'Objects that this one depends on; it is deleted when all of them are gone.',
        items: referenceTo(`${META}.OwnerReference`),
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['uid'],
        'x-kubernetes-patch-merge-key': 'uid',
        'x-kubernetes-patch-strategy': 'merge',
      },
      finalizers: {
        type: 'array',
        description: 'What has to happen before the object is removed.',
        items: { type: 'string' },
        'x-kubernetes-list-type': 'set',
        'x-kubernetes-patch-strategy': 'merge',
      },
      managedFields: {
        type: 'array',
        description: 'Which manager owns which fields; kept by the server.',
        items: referenceTo(`${META}.ManagedFieldsEntry`),
        'x-kubernetes-list-type': 'atomic',
      },
    },
  },
  [`${META}.OwnerReference`]: {
    type: 'object',
    description: 'A link to an object that owns this one.',
    required: ['apiVersion', 'kind', 'name', 'uid'],
    properties: {
      apiVersion: text('API version of the owner.'),
      kind: text('Kind of the owner.'),
      name: text('Name of the owner.'),
      uid: text('UID of the owner.'),
      controller: { type: 'boolean', description: 'This owner is the managing controller.' },
      blockOwnerDeletion: {
        type: 'boolean',
        description: 'A foreground deletion of the owner waits for this object.',
      },
    },
    'x-kubernetes-map-type': 'atomic',
  },
  [`${META}.ManagedFieldsEntry`]: {
    type: 'object',
    description: 'Fields that one manager owns.',
    properties: {
      manager: text('Who manages these fields.'),
      operation: text('Apply or Update.'),
      apiVersion: text('Version of the fields.'),
      time: time('When the fields were last changed.'),
      fieldsType: text('Always FieldsV1.'),
      fieldsV1: { type: 'object', description: 'The fields.', 'x-kubernetes-preserve-unknown-fields': true },
      subresource: text('The subresource through which they were written.'),
    },
  },
  [LIST_META]: {
    type: 'object',
    description: 'ListMeta is what every list has.',
    properties: {
      resourceVersion: text('The version that a watch of what follows begins with.'),
      continue: text('Token of the next page.'),
      remainingItemCount: { type: 'integer', format: 'int64', description: 'Objects on later pages.' },
      selfLink: text('Not used.'),
    },
  },
  [DELETE_OPTIONS]: {
    type: 'object',
    description: 'How an object is deleted.',
    properties: {
      ...TYPE_META,
      dryRun: { type: 'array', items: { type: 'string' }, description: 'All: check, but do not delete.' },
      gracePeriodSeconds: { type: 'integer', format: 'int64', description: 'Not used.' },
      orphanDependents: { type: 'boolean', description: 'Old form of propagationPolicy.' },
      preconditions: {
        type: 'object',
        description: 'What has to hold.',
        properties: { uid: text('UID of the object.'), resourceVersion: text('Version of the object.') },
      },
      propagationPolicy: text('Orphan, Background or Foreground.'),
    },
  },
  [STATUS]: {
    type: 'object',
    description: 'The outcome of a request that answers no object.',
    properties: {
      ...TYPE_META,
      metadata: referenceTo(LIST_META),
      status: text('Success or Failure.'),
      message: text('For people.'),
      reason: text('For programs.'),
      code: { type: 'integer', format: 'int32', description: 'HTTP status code.' },
      details: {
        type: 'object',
        description: 'What the failure is about.',
        'x-kubernetes-preserve-unknown-fields': true,
      },
    },
  },
};
