import { isMapping } from '../tree.ts';
import { type FieldSet, fromFieldsV1, isEmptySet, sameFields, toFieldsV1, union } from './field-set.ts';

/** What one manager owns of an object. */
export interface Manager {
  name: string;
  operation: 'Apply' | 'Update';
  subresource: string;
  apiVersion: string;
  /** RFC 3339, or empty when it is not known. */
  time: string;
  fields: FieldSet;
}

/** Managers whose fields came by other writes than apply; the oldest beyond these are put together. */
export const MAX_UPDATE_MANAGERS = 10;
/** Clients may write owners, so their number is bounded. */
const MAX_ENTRIES = 256;
/** Who owns what the oldest managers owned. */
export const ANCIENT_CHANGES = 'ancient-changes';

/** Reads `metadata.managedFields`; undefined when it is not well-formed. */
export function readManagers(managedFields: unknown): Manager[] | undefined {
  if (managedFields === undefined || managedFields === null) return [];
  if (!Array.isArray(managedFields) || managedFields.length > MAX_ENTRIES) return undefined;
  const managers: Manager[] = [];
  for (const entry of managedFields as unknown[]) {
    const manager = readManager(entry);
    if (manager === undefined) return undefined;
    const twin = managers.find((other) => sameManager(other, manager));
    if (twin) twin.fields = union(twin.fields, manager.fields);
    else managers.push(manager);
  }
  return managers;
}

/** Writes `metadata.managedFields`; an entry that is as it was stays as it was, its time included. */
export function writeManagers(
  managers: readonly Manager[],
  before: readonly Manager[],
): Record<string, unknown>[] {
  return [...managers]
    .filter(({ fields }) => !isEmptySet(fields))
    .map((manager) => {
      const former = before.find((other) => sameManager(other, manager));
      return former !== undefined && sameFields(former.fields, manager.fields) ? former : manager;
    })
    .sort(compareManagers)
    .map((manager) => ({
      manager: manager.name,
      operation: manager.operation,
      apiVersion: manager.apiVersion,
      ...(manager.time === '' ? {} : { time: manager.time }),
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(manager.fields),
      ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
    }));
}

/** Are these the same manager? Whoever applies stays the same whichever version they apply. */
export function sameManager(left: Manager, right: Manager): boolean {
  return (
    left.name === right.name &&
    left.operation === right.operation &&
    left.subresource === right.subresource &&
    (left.operation === 'Apply' || left.apiVersion === right.apiVersion)
  );
}

/** Puts the oldest updates together when there are too many of them. */
export function capManagers(managers: readonly Manager[]): Manager[] {
  const updates = managers
    .filter(({ operation, fields }) => operation === 'Update' && !isEmptySet(fields))
    .sort(compareManagers);
  const excess = updates.length - MAX_UPDATE_MANAGERS;
  if (excess <= 0) return [...managers];
  // One place is needed for the oldest taken together.
  const oldest = updates.slice(0, excess + 1);
  const [first] = oldest;
  if (first === undefined) return [...managers];
  const ancient: Manager = {
    ...first,
    name: ANCIENT_CHANGES,
    subresource: '',
    time: oldest.at(-1)?.time ?? '',
    fields: oldest.reduce((fields, manager) => union(fields, manager.fields), first.fields),
  };
  return [...managers.filter((manager) => !oldest.includes(manager)), ancient];
}

/** Does the client ask to forget all owners? It does so with one empty entry. */
export function isReset(managedFields: unknown): boolean {
  if (!Array.isArray(managedFields) || managedFields.length !== 1) return false;
  const [entry] = managedFields as unknown[];
  return isMapping(entry) && Object.keys(entry).length === 0;
}

function readManager(entry: unknown): Manager | undefined {
  if (!isMapping(entry)) return undefined;
  const { manager, operation, apiVersion, time, subresource, fieldsType } = entry;
  const fields = fromFieldsV1(entry.fieldsV1 ?? {});
  if (fields === undefined || (operation !== 'Apply' && operation !== 'Update')) return undefined;
  if (typeof apiVersion !== 'string' || (fieldsType !== undefined && fieldsType !== 'FieldsV1'))
    return undefined;
  return {
    name: typeof manager === 'string' ? manager : '',
    operation,
    subresource: typeof subresource === 'string' ? subresource : '',
    apiVersion,
    time: typeof time === 'string' ? time : '',
    fields,
  };
}

function compareManagers(left: Manager, right: Manager): number {
  const key = ({ operation, time, name, apiVersion, subresource }: Manager) =>
    [operation, time, name, apiVersion, subresource].join('\0');
  const [a, b] = [key(left), key(right)];
  return a === b ? 0 : a < b ? -1 : 1;
}
