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

/** What a deletion does to an object. */
export type DeletionPlan =
  /** Nothing holds it. */
  | { action: 'remove' }
  /** It stays, marked, until its finalizers are gone. */
  | { action: 'mark'; deletionTimestamp: string; finalizers: string[] }
  /** It is marked already, and holds what it has to hold. */
  | { action: 'none' };

/** Decides what a deletion does. A second deletion may ask for another policy; finalizers of controllers stay. */
export function planDeletion(
  metadata: Deletable,
  {
    propagationPolicy = 'Background',
    now,
  }: { propagationPolicy?: PropagationPolicy | undefined; now: number },
): DeletionPlan {
  const others = (metadata.finalizers ?? []).filter(
    (name) => name !== FOREGROUND_FINALIZER && name !== ORPHAN_FINALIZER,
  );
  const finalizers = [...others, ...policyFinalizers(propagationPolicy)];
  if (finalizers.length === 0) return { action: 'remove' };
  const marked = metadata.deletionTimestamp ?? undefined;
  const same =
    marked !== undefined &&
    finalizers.length === (metadata.finalizers ?? []).length &&
    finalizers.every((name) => metadata.finalizers?.includes(name));
  if (same) return { action: 'none' };
  return {
    action: 'mark',
    deletionTimestamp: marked ?? `${new Date(now).toISOString().slice(0, 19)}Z`,
    finalizers,
  };
}

/** May the object be removed, now that it was written? It may when it is marked and nothing holds it any more. */
export function isFinished(metadata: Deletable): boolean {
  return isMarked(metadata) && (metadata.finalizers ?? []).length === 0;
}

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

function policyFinalizers(policy: PropagationPolicy): string[] {
  switch (policy) {
    case 'Foreground':
      return [FOREGROUND_FINALIZER];
    case 'Orphan':
      return [ORPHAN_FINALIZER];
    case 'Background':
      return [];
  }
}
