import type { StatusCause } from '@wegent/api';

/** What happens to the objects that an object owns. */
export type PropagationPolicy = 'Orphan' | 'Background' | 'Foreground';

/** The metadata that decides when an object goes. */
export interface Deletable {
  uid?: string | undefined;
  deletionTimestamp?: string | null | undefined;
  finalizers?: readonly string[] | undefined;
  ownerReferences?: readonly OwnerLink[] | undefined;
}

/** A link to an owner. */
export interface OwnerLink {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean | undefined;
  blockOwnerDeletion?: boolean | undefined;
}

/** Holds an object until what it owns is deleted. */
export const FOREGROUND_FINALIZER = 'foregroundDeletion';
/** Holds an object until what it owns has been let go. */
export const ORPHAN_FINALIZER = 'orphan';

/** What a write must not do to the metadata of an object that is marked for deletion. */
export function deletionCauses(before: Deletable, after: Deletable): StatusCause[] {
  if (!isMarked(before)) return [];
  const added = (after.finalizers ?? []).filter((name) => !before.finalizers?.includes(name));
  if (added.length === 0) return [];
  return [
    {
      reason: 'FieldValueForbidden',
      field: 'metadata.finalizers',
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added.slice(0, 10))}`,
    },
  ];
}

/** Has the deletion of the object begun? */
export function isMarked(metadata: Deletable): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.deletionTimestamp !== null;
}
