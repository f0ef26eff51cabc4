import { ApiError, type ObjectReference, type ResourceObject } from '@wegent/api';
import type { Store } from '@wegent/store';
import type { z } from 'zod';
import { resolveReference } from '../resources/references.ts';
import type { Typed } from './compile.ts';

/** An object that a run is made of; NotFound, saying what to do, when it is gone. */
export async function requireObject(
  store: Store,
  kind: string,
  reference: ObjectReference,
  from: string,
): Promise<ResourceObject> {
  const object = await resolveReference(store, kind, reference, from);
  if (object) return object;
  throw new ApiError(
    'NotFound',
    `${kind} "${reference.name}" is not there any more. Choose another one in the agent, or make it again.`,
  );
}

/** The object with its spec read. */
export function typed<Schema extends z.ZodType>(
  schema: Schema,
  object: ResourceObject,
): Typed<z.infer<Schema>> {
  return { ...object, spec: schema.parse(object.spec) };
}
