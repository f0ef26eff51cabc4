import { z } from 'zod';

/** The API group of all kinds of this platform. */
export const API_GROUP = 'agent.wecode.io';
/** `apiVersion` of every document. */
export const API_VERSION = `${API_GROUP}/v1`;
/** Annotation that carries the human name (`metadata.displayName` of the reference format). */
export const DISPLAY_NAME_ANNOTATION = `${API_GROUP}/display-name`;
/** Annotation that `kubectl apply` writes; secrets are scrubbed from it. */
export const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';
/** The namespace everybody reads and administrators write. */
export const PUBLIC_NAMESPACE = 'public';
/** The first administrator's own namespace. */
export const DEFAULT_NAMESPACE = 'default';

const NAME_PATTERN = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const LABEL_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const LABEL_PREFIX = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const MAX_LABELS = 64;
const MAX_ANNOTATION_BYTES = 256 * 1024;

/** Name of an object: 1–100 letters, digits, `-`, `_`, `.`; starts and ends with a letter or digit. */
export const ObjectName = z
  .string()
  .min(1)
  .max(100, 'must be at most 100 characters')
  .regex(
    NAME_PATTERN,
    'must consist of letters, digits, "-", "_" or ".", and start and end with a letter or digit',
  )
  .refine((name) => !name.includes('..'), 'must not contain ".."');

/** Is this a valid label (or annotation) key: an optional DNS prefix, a slash, a name of at most 63 characters? */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash === -1) return LABEL_NAME.test(key);
  return LABEL_PREFIX.test(key.slice(0, slash)) && LABEL_NAME.test(key.slice(slash + 1));
}

/** Is this a valid label value: empty, or at most 63 characters of the name alphabet? */
export function isLabelValue(value: string): boolean {
  return value === '' || LABEL_NAME.test(value);
}

const Labels = z.record(z.string(), z.string()).superRefine((labels, context) => {
  const entries = Object.entries(labels);
  if (entries.length > MAX_LABELS) {
    context.addIssue({
      code: 'custom',
      message: `at most ${MAX_LABELS} labels are allowed, ${entries.length} were given`,
    });
    return;
  }
  for (const [key, value] of entries) {
    if (!isLabelKey(key))
      context.addIssue({ code: 'custom', path: [key], message: 'is not a valid label key' });
    if (!isLabelValue(value)) {
      context.addIssue({
        code: 'custom',
        path: [key],
        message: 'label values are at most 63 letters, digits, "-", "_" or "."',
      });
    }
  }
});

const Annotations = z.record(z.string(), z.string()).superRefine((annotations, context) => {
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    size += key.length + value.length;
    if (!isLabelKey(key))
      context.addIssue({ code: 'custom', path: [key], message: 'is not a valid annotation key' });
  }
  if (size > MAX_ANNOTATION_BYTES) {
    context.addIssue({
      code: 'custom',
      message: `annotations hold at most ${MAX_ANNOTATION_BYTES} bytes together`,
    });
  }
});

/** A link to the object that owns this one. */
export const OwnerReference = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
  controller: z.boolean().optional(),
  blockOwnerDeletion: z.boolean().optional(),
});

/** Kubernetes ObjectMeta, as far as this platform keeps it. Times are RFC 3339 strings in UTC. */
export const ObjectMeta = z.object({
  name: ObjectName.optional().describe('Unique within kind and namespace.'),
  generateName: z.string().max(90).optional().describe('Prefix of a name that the server completes.'),
  namespace: ObjectName.optional().describe('The space that the object belongs to.'),
  uid: z.string().optional().describe('Unique in time and space; set by the server.'),
  resourceVersion: z.string().optional().describe('Opaque version for optimistic concurrency and watches.'),
  generation: z.number().int().optional().describe('Counts changes of spec; set by the server.'),
  creationTimestamp: z.string().nullish().describe('Set by the server.'),
  deletionTimestamp: z.string().nullish().describe('Set by the server when deletion has begun.'),
  labels: Labels.optional().describe('Indexed key/value pairs for selectors.'),
  annotations: Annotations.optional().describe('Free key/value pairs.'),
  ownerReferences: z.array(OwnerReference).max(64).optional(),
  finalizers: z.array(z.string().max(253)).max(64).optional(),
  managedFields: z.array(z.record(z.string(), z.unknown())).max(128).optional(),
});
export type ObjectMeta = z.infer<typeof ObjectMeta>;

/** A condition of an object, Kubernetes style. */
export const Condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: z.string(),
  observedGeneration: z.number().int().optional(),
});
export type Condition = z.infer<typeof Condition>;

/** The part of `status` that every kind has. */
export const CommonStatus = z.object({
  state: z
    .enum(['Available', 'Unavailable'])
    .optional()
    .describe('Kept for readers of the reference format.'),
  observedGeneration: z.number().int().optional(),
  conditions: z
    .array(Condition)
    .optional()
    // Each condition has an owner of its own.
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] }),
});
export type CommonStatus = z.infer<typeof CommonStatus>;

/** A complete document as it is stored and served: metadata is filled in. */
export interface ResourceObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta & { name: string; namespace: string };
  spec: Record<string, unknown>;
  status?: Record<string, unknown> | undefined;
}

/** A list of documents of one kind. */
export interface ResourceList {
  apiVersion: string;
  kind: string;
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  items: ResourceObject[];
}

/** The name shown to people: the display-name annotation, else the name. */
export function displayName(object: { metadata: Pick<ObjectMeta, 'name' | 'annotations'> }): string {
  return object.metadata.annotations?.[DISPLAY_NAME_ANNOTATION] ?? object.metadata.name ?? '';
}
