import { ApplyResult, apiVersionOf, type KindDefinition, ObjectMeta } from '@wegent/api';
import { FieldValidation } from '@wegent/kube';
import { z } from 'zod';

const Name = z.string().min(1).max(300);
// The rule of Kubernetes: a parameter that is there is true, unless it says false or 0.
const isTrue = (value: string) => value !== 'false' && value !== '0';
const Flag = z
  .string()
  .optional()
  .transform((value) => value !== undefined && isTrue(value));
const DryRun = z
  .union([z.literal('All'), z.literal('')])
  .optional()
  .transform((value) => value === 'All')
  .describe('All: check everything, write nothing.');

/** Path of a collection. */
export const CollectionParams = z.object({ namespace: Name });
/** Path of an object. */
export const ObjectParams = z.object({ namespace: Name, name: Name });

/** Parameters of a list or, with `watch`, of a watch. */
export const ListParameters = z.object({
  labelSelector: z.string().optional().describe('Such as app=web,tier in (a, b),!old.'),
  fieldSelector: z.string().optional().describe('Such as metadata.name=a.'),
  limit: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Objects of a page, 500 at most; without it all come at once, up to 10000.'),
  continue: z.string().max(2048).optional().describe('Token of the page before.'),
  watch: Flag.describe('Stream changes instead of listing.'),
  resourceVersion: z.string().max(32).optional().describe('Version after which a watch begins.'),
  resourceVersionMatch: z.string().max(32).optional(),
  includeObject: z.string().max(32).optional().describe('What rows of a table carry.'),
  timeoutSeconds: z.coerce.number().min(0).optional().describe('When a watch ends.'),
  allowWatchBookmarks: Flag.describe('Send bookmarks now and then.'),
  sendInitialEvents: z
    .string()
    .transform(isTrue)
    .optional()
    .describe('Begin a watch with what exists, and mark its end; when false, without.'),
});
export type ListParameters = z.output<typeof ListParameters>;

/** Parameters of a read. */
export const GetParameters = z.object({
  includeObject: z.string().max(32).optional().describe('What rows of a table carry.'),
});

/** Parameters of a write. */
export const WriteParameters = z.object({
  dryRun: DryRun,
  fieldValidation: FieldValidation.default('Strict').describe('What happens to unknown fields.'),
  fieldManager: z.string().max(128).optional().describe('Who owns the fields that are written.'),
  force: Flag.describe('Server-side apply takes fields from other managers.'),
});
export type WriteParameters = z.output<typeof WriteParameters>;

/** Parameters of a deletion. */
export const DeleteParameters = z.object({
  dryRun: DryRun,
  force: Flag.describe('Delete what is in use as well.'),
  propagationPolicy: z
    .enum(['Background', 'Foreground', 'Orphan'])
    .optional()
    .describe('Any of them deletes what is in use as well.'),
});
export type DeleteParameters = z.output<typeof DeleteParameters>;

/** Body of a deletion, as Kubernetes clients send it. */
export const DeleteBody = z
  .object({
    propagationPolicy: z.enum(['Background', 'Foreground', 'Orphan']).nullish(),
    dryRun: z.array(z.string()).nullish(),
    preconditions: z.object({ uid: z.string().nullish(), resourceVersion: z.string().nullish() }).nullish(),
  })
  .nullish();

const Fields = z.record(z.string(), z.unknown());
/** A document of any kind, as it is answered. */
export const AnyObject = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: Fields,
  spec: Fields.optional(),
  status: Fields.optional(),
});
/** A list of documents of any kind, as it is answered. */
export const AnyList = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({
    resourceVersion: z.string(),
    continue: z.string().optional(),
    remainingItemCount: z.number().int().optional(),
  }),
  items: z.array(z.unknown()),
});
/** Answer of a batch. */
export const BatchResult = z.object({ results: z.array(ApplyResult) });

/** The document of a kind, for the API description; `validateObject` is what checks it. */
export function documentSchema(definition: KindDefinition): z.ZodType<unknown> {
  const head = z.object({
    apiVersion: z.literal(apiVersionOf(definition)).optional(),
    kind: z.literal(definition.kind).optional(),
    metadata: ObjectMeta,
    status: z.unknown().optional(),
  });
  if (definition.flat && definition.spec instanceof z.ZodObject) return head.extend(definition.spec.shape);
  return head.extend({ spec: definition.spec });
}
