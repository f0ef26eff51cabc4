import {
  ApiError,
  defineKind,
  type KindDefinition,
  type ResourceObject,
  type StatusCause,
} from '@wegent/api';
import { z } from 'zod';
import { invalidDocument } from './resource-errors.ts';
import { type ResourceType, resourceTypeOf, type Subresource } from './resource-type.ts';
import { isMapping } from './tree.ts';

const MAX_INT32 = 2_147_483_647;
const REPLICAS = 'spec.replicas';
const replicas = z.number().int().min(0).max(MAX_INT32).optional();

/** What stands at the path `scale` of an object: how many of something are wanted, and how many there are. */
export const Scale = defineKind({
  kind: 'Scale',
  group: 'autoscaling',
  plural: 'scales',
  description: 'How many of something an object wants, and how many there are.',
  categories: [],
  verbs: ['get', 'patch', 'update'],
  spec: z.strictObject({
    replicas: replicas.describe('How many are wanted. In a replacement 0 may be left out.'),
  }),
  status: z.strictObject({ replicas: replicas.describe('How many there are.') }),
  columns: [
    {
      name: 'Desired',
      type: 'integer',
      description: 'How many are wanted.',
      value: ({ spec }) => spec.replicas as number | undefined,
    },
    {
      name: 'Available',
      type: 'integer',
      description: 'How many there are.',
      value: ({ status }) => status?.replicas as number | undefined,
    },
  ],
});

/** The conventions of Scale. */
export const SCALE_TYPE: ResourceType = resourceTypeOf(Scale, { strategicMerge: true });

/** `scale` as discovery and OpenAPI describe it. */
export const SCALE_SUBRESOURCE: Subresource = {
  name: 'scale',
  verbs: Scale.verbs,
  group: Scale.group,
  version: Scale.version,
  kind: Scale.kind,
  type: SCALE_TYPE,
};

/** Where an object keeps what is wanted. */
export type Scalable = NonNullable<KindDefinition['scale']>;

/** The Scale of an object. Without a wanted number there is no bound. */
export function scaleOf(
  { metadata, spec }: ResourceObject,
  { replicas: path }: Scalable,
  running: number,
): ResourceObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const wanted = valueAt({ spec }, path.split('.'));
  return {
    apiVersion: `${Scale.group}/${Scale.version}`,
    kind: Scale.kind,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: typeof wanted === 'number' ? { replicas: wanted } : {},
    status: { replicas: running },
  };
}

/** The object, or a configuration of it, with the number that a Scale wants. */
export function withReplicas<T extends object>(object: T, { replicas: path }: Scalable, wanted: number): T {
  return { ...object, ...setAt(object, path.split('.'), wanted) };
}

/** The error of a write in the words of the Scale that was sent: the number stands in `spec.replicas` there. */
export function asScaleError(error: unknown, { replicas: path }: Scalable, name: string): unknown {
  if (!(error instanceof ApiError) || error.reason !== 'Invalid') return error;
  const causes: StatusCause[] = error.details?.causes ?? [];
  if (!causes.some(({ field }) => field === path)) return error;
  const renamed = causes.map((cause) => (cause.field === path ? { ...cause, field: REPLICAS } : cause));
  return invalidDocument(Scale, name, renamed);
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isMapping(at) ? at[key] : undefined), value);
}

function setAt(value: unknown, [key, ...rest]: readonly string[], wanted: unknown): Record<string, unknown> {
  const others = isMapping(value) ? value : {};
  if (key === undefined) return others;
  return { ...others, [key]: rest.length === 0 ? wanted : setAt(others[key], rest, wanted) };
}
