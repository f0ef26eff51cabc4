import type { KindDefinition, ResourceObject } from '@wegent/api';
import { isMapping, trackUpdate } from '@wegent/kube';
import { typeOf } from './served-types.ts';
import { toWire } from './wire.ts';

/** A write other than apply. */
interface TrackedWrite {
  definition: KindDefinition;
  stored: ResourceObject | undefined;
  next: ResourceObject;
  manager: string | undefined;
  subresource?: 'status' | 'scale' | undefined;
}

/** The object with the owner of each field that a write changed noted in its managed fields. */
export function trackFields({
  definition,
  stored,
  next,
  manager,
  subresource,
}: TrackedWrite): ResourceObject {
  const tracked = trackUpdate({
    type: typeOf(definition),
    live: stored && toWire(definition, stored),
    next: toWire(definition, next),
    manager: manager ?? 'wegent',
    subresource,
    now: Date.now(),
  });
  return withManagedFields(next, tracked);
}

/** The object with the managed fields of the document that it was made of. */
export function withManagedFields(object: ResourceObject, document: unknown): ResourceObject {
  const { managedFields: _before, ...metadata } = object.metadata;
  const owners = isMapping(document) && isMapping(document.metadata) ? document.metadata.managedFields : [];
  if (!Array.isArray(owners) || owners.length === 0) return { ...object, metadata };
  return { ...object, metadata: { ...metadata, managedFields: owners.filter(isMapping) } };
}
