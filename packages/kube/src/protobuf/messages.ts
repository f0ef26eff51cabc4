/** How the content of a field is read. */
export type FieldType = 'string' | 'int' | 'bool' | 'time' | 'texts' | 'byte-texts' | 'json' | Message;

/** A field: its name in JSON, its type, and whether it may come more than once. */
export type FieldRule = readonly [name: string, type: FieldType, repeated?: 'list'];

/** The fields of a message by their numbers. Fields that are not named are passed over. */
export interface Message {
  readonly [number: number]: FieldRule;
}

const OwnerReference: Message = {
  1: ['kind', 'string'],
  3: ['name', 'string'],
  4: ['uid', 'string'],
  5: ['apiVersion', 'string'],
  6: ['controller', 'bool'],
  7: ['blockOwnerDeletion', 'bool'],
};

const ManagedFieldsEntry: Message = {
  1: ['manager', 'string'],
  2: ['operation', 'string'],
  3: ['apiVersion', 'string'],
  4: ['time', 'time'],
  6: ['fieldsType', 'string'],
  7: ['fieldsV1', { 1: ['', 'json'] }],
  8: ['subresource', 'string'],
};

const ObjectMeta: Message = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  7: ['generation', 'int'],
  8: ['creationTimestamp', 'time'],
  9: ['deletionTimestamp', 'time'],
  10: ['deletionGracePeriodSeconds', 'int'],
  11: ['labels', 'texts'],
  12: ['annotations', 'texts'],
  13: ['ownerReferences', OwnerReference, 'list'],
  14: ['finalizers', 'string', 'list'],
  17: ['managedFields', ManagedFieldsEntry, 'list'],
};

const ObjectReference: Message = {
  1: ['kind', 'string'],
  2: ['namespace', 'string'],
  3: ['name', 'string'],
  4: ['uid', 'string'],
  5: ['apiVersion', 'string'],
  6: ['resourceVersion', 'string'],
  7: ['fieldPath', 'string'],
};

const metadata: FieldRule = ['metadata', ObjectMeta];

const DeleteOptions: Message = {
  1: ['gracePeriodSeconds', 'int'],
  2: ['preconditions', { 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] }],
  3: ['orphanDependents', 'bool'],
  4: ['propagationPolicy', 'string'],
  5: ['dryRun', 'string', 'list'],
};

/** `DeleteOptions` comes with the version of whatever is deleted. */
export const DELETE_OPTIONS_MESSAGE = DeleteOptions;

/** The messages that clients send, by `apiVersion/kind`. */
export const MESSAGES: Readonly<Record<string, Message>> = {
  'v1/Namespace': {
    1: metadata,
    2: ['spec', { 1: ['finalizers', 'string', 'list'] }],
    3: ['status', { 1: ['phase', 'string'] }],
  },
  'v1/ConfigMap': {
    1: metadata,
    2: ['data', 'texts'],
    3: ['binaryData', 'byte-texts'],
    4: ['immutable', 'bool'],
  },
  'v1/Secret': {
    1: metadata,
    2: ['data', 'byte-texts'],
    3: ['type', 'string'],
    4: ['stringData', 'texts'],
    5: ['immutable', 'bool'],
  },
  'v1/Event': {
    1: metadata,
    2: ['involvedObject', ObjectReference],
    3: ['reason', 'string'],
    4: ['message', 'string'],
    5: ['source', { 1: ['component', 'string'], 2: ['host', 'string'] }],
    6: ['firstTimestamp', 'time'],
    7: ['lastTimestamp', 'time'],
    8: ['count', 'int'],
    9: ['type', 'string'],
    10: ['eventTime', 'time'],
    11: ['series', { 1: ['count', 'int'], 2: ['lastObservedTime', 'time'] }],
    12: ['action', 'string'],
    13: ['related', ObjectReference],
    14: ['reportingComponent', 'string'],
    15: ['reportingInstance', 'string'],
  },
  'autoscaling/v1/Scale': {
    1: metadata,
    2: ['spec', { 1: ['replicas', 'int'] }],
    3: ['status', { 1: ['replicas', 'int'], 2: ['selector', 'string'] }],
  },
  'authentication.k8s.io/v1/SelfSubjectReview': { 1: metadata },
  'authorization.k8s.io/v1/SelfSubjectAccessReview': {
    1: metadata,
    2: [
      'spec',
      {
        1: [
          'resourceAttributes',
          {
            1: ['namespace', 'string'],
            2: ['verb', 'string'],
            3: ['group', 'string'],
            4: ['version', 'string'],
            5: ['resource', 'string'],
            6: ['subresource', 'string'],
            7: ['name', 'string'],
          },
        ],
        2: ['nonResourceAttributes', { 1: ['path', 'string'], 2: ['verb', 'string'] }],
      },
    ],
  },
  'authorization.k8s.io/v1/SelfSubjectRulesReview': {
    1: metadata,
    2: ['spec', { 1: ['namespace', 'string'] }],
  },
};
