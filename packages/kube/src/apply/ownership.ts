import { apiVersionOf } from '@wegent/api';
import { type ResourceType, scopeOf } from '../resource-type.ts';
import { isMapping, sameJson } from '../tree.ts';
import { applyConflict, type FieldConflict } from './conflicts.ts';
import { difference, type FieldSet, intersection, isEmptySet, NO_FIELDS, union } from './field-set.ts';
import {
  capManagers,
  isReset,
  type Manager,
  readManagers,
  sameManager,
  writeManagers,
} from './managed-fields.ts';
import { ownable } from './ownable-fields.ts';
import { type Comparison, compareValues, fieldsOf } from './typed-value.ts';

/** What ownership needs to know of a type. */
export type OwnedType = Pick<
  ResourceType,
  'group' | 'version' | 'kind' | 'plural' | 'schema' | 'definitions'
>;

/** Who writes, how and when. */
export interface Writer {
  /** The field manager. */
  manager: string;
  /** The subresource through which is written; absent for the object itself. */
  subresource?: string | undefined;
  /** Milliseconds. */
  now: number;
}

/** Who owned the fields of an object before anybody applied to it. */
const BEFORE_FIRST_APPLY = 'before-first-apply';
/**
 * Notes in `metadata.managedFields` what a write other than apply changed, and returns the object to store. The writer
 * takes over what it changed; when it changed nothing, the owners stay as they are. An object whose owners nobody
 * knows stays without them until it is applied for the first time.
 */
export function trackUpdate<T extends { metadata: object }>({
  type,
  live,
  next,
  ...writer
}: Writer & { type: OwnedType; live?: { metadata: object } | undefined; next: T }): T {
  const given = managedFieldsOf(next);
  if (isReset(given)) return withManagedFields(next, []);
  const before = startingManagers(live, given, writer);
  if (live !== undefined && before.length === 0) return withManagedFields(next, []);
  const comparison = compareObjects(type, live, next, writer.subresource);
  const me = managerOf(type, writer, 'Update');
  const { others, mine } = partition(before, me);
  const changed = union(comparison.added, comparison.modified);
  const managers = [
    ...others.map((other) => ({
      ...other,
      fields: difference(difference(other.fields, changed), comparison.removed),
    })),
    { ...me, fields: union(difference(mine, comparison.removed), changed) },
  ];
  return withManagedFields(next, writeManagers(capManagers(managers), before));
}

/**
 * Notes who owns what after an apply. Throws the conflicts with other owners, unless it is forced; then the applier
 * takes over what it changes.
 */
export function trackApply<T extends { metadata: object }>({
  type,
  live,
  next,
  owners,
  applied,
  force,
  name,
  ...writer
}: Writer & {
  type: OwnedType;
  live: { metadata: object } | undefined;
  next: T;
  /** Who owned what before, see `ownersOf`. */
  owners: readonly Manager[];
  applied: FieldSet;
  force: boolean;
  name: string;
}): T {
  const me = managerOf(type, writer, 'Apply');
  const { others } = partition(owners, me);
  const comparison = compareObjects(type, live, next, writer.subresource);
  const changed = union(comparison.added, comparison.modified);
  const conflicts = others
    .map((manager): FieldConflict => ({ manager, fields: intersection(manager.fields, changed) }))
    .filter(({ fields }) => !isEmptySet(fields));
  if (conflicts.length > 0 && !force)
    throw applyConflict(conflicts, { name, group: type.group, kind: type.plural });
  const managers = [
    ...others.map((other) => ({
      ...other,
      fields: difference(difference(other.fields, changed), comparison.removed),
    })),
    { ...me, fields: applied },
  ];
  return withManagedFields(next, writeManagers(capManagers(managers), owners));
}

/** Who owns the fields of an object that is about to be applied to. */
export function ownersOf(
  type: OwnedType,
  live: { metadata: object } | undefined,
  { now }: Pick<Writer, 'now'>,
): Manager[] {
  if (live === undefined) return [];
  const known = readManagers(managedFieldsOf(live)) ?? [];
  if (known.length > 0) return known;
  return [
    {
      name: BEFORE_FIRST_APPLY,
      operation: 'Update',
      subresource: '',
      apiVersion: apiVersionOf(type),
      time: timeText(now),
      fields: ownable(fieldsOf(live, scopeOf(type)), undefined),
    },
  ];
}

/** The applier's entry, and what it owned so far. */
export function managerOf(type: OwnedType, writer: Writer, operation: Manager['operation']): Manager {
  return {
    name: writer.manager,
    operation,
    subresource: writer.subresource ?? '',
    apiVersion: apiVersionOf(type),
    time: timeText(writer.now),
    fields: NO_FIELDS,
  };
}

/** Splits the managers into one and the others. */
export function partition(managers: readonly Manager[], me: Manager): { others: Manager[]; mine: FieldSet } {
  return {
    others: managers.filter((manager) => !sameManager(manager, me)),
    mine: managers.find((manager) => sameManager(manager, me))?.fields ?? NO_FIELDS,
  };
}

function compareObjects(
  type: OwnedType,
  live: object | undefined,
  next: object,
  subresource: string | undefined,
): Comparison {
  const { added, modified, removed } = compareValues(live ?? {}, next, scopeOf(type));
  return {
    added: ownable(added, subresource),
    modified: ownable(modified, subresource),
    removed: ownable(removed, subresource),
  };
}

/** Clients may write the owners themselves, as kubectl does when it moves to server-side apply. */
function startingManagers(
  live: { metadata: object } | undefined,
  given: unknown,
  { subresource }: Writer,
): Manager[] {
  const current = live === undefined ? undefined : managedFieldsOf(live);
  const written = subresource === undefined && !sameJson(given, current) ? readManagers(given) : undefined;
  if (written !== undefined && written.length > 0) return written;
  return readManagers(current) ?? [];
}

function managedFieldsOf(object: { metadata: object }): unknown {
  return isMapping(object.metadata) ? object.metadata.managedFields : undefined;
}

function withManagedFields<T extends { metadata: object }>(
  object: T,
  managedFields: Record<string, unknown>[],
): T {
  const { managedFields: _before, ...metadata } = object.metadata as Record<string, unknown>;
  return {
    ...object,
    metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields },
  };
}

function timeText(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}
