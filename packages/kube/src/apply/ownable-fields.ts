import { type FieldSet, fieldNode } from './field-set.ts';

/** Metadata that the server keeps; nobody owns it. */
export const SERVER_METADATA: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'generateName',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]);

/** The fields of a set that a writer may own: none that the server keeps, and `status` through `status` only. */
export function ownable(fields: FieldSet, subresource: string | undefined): FieldSet {
  return fieldNode(
    false,
    [...fields.children].flatMap(([step, child]): [string, FieldSet][] => {
      if (step === 'f:apiVersion' || step === 'f:kind') return [];
      if (subresource === 'status' ? step !== 'f:status' : step === 'f:status') return [];
      if (step !== 'f:metadata') return [[step, child]];
      const kept = [...child.children].filter(([name]) => !SERVER_METADATA.has(name.slice(2)));
      return [[step, fieldNode(false, kept)]];
    }),
  );
}
