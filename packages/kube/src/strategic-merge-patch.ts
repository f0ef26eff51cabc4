import { invalid } from '@wegent/api';
import { inElementOrder } from './element-order.ts';
import { fieldScope, itemScope, listTopology, type SchemaScope } from './json-schema.ts';
import { refusePatchKey, refuseUnfitPatch } from './patch-guards.ts';
import { isMapping } from './tree.ts';

const ORDER = '$setElementOrder/';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const DELETED = Symbol('deleted');

/**
 * Applies a strategic merge patch and returns a new value; neither argument is changed. Lists are merged by the keys
 * that the schema names and replaced where it names none. Directives that do not fit are `Invalid`.
 */
export function strategicMergePatch(target: unknown, patch: unknown, scope: SchemaScope): unknown {
  refuseUnfitPatch(patch);
  const result = mergeValue(target, patch, scope, '');
  return result === DELETED ? {} : result;
}

function mergeValue(target: unknown, patch: unknown, scope: SchemaScope, path: string): unknown {
  if (!isMapping(patch)) return patch;
  switch (patch.$patch) {
    case undefined:
    case 'merge':
      return mergeMapping(isMapping(target) ? target : {}, patch, scope, path);
    case 'replace':
      return withoutDirectives(patch);
    case 'delete':
      return DELETED;
    default:
      throw unfit(path, `$patch is one of merge, replace and delete, got ${JSON.stringify(patch.$patch)}`);
  }
}

function mergeMapping(
  target: Record<string, unknown>,
  patch: Record<string, unknown>,
  scope: SchemaScope,
  path: string,
): Record<string, unknown> {
  const result = new Map(Object.entries(retained(target, patch, path)));
  const lists = new Set<string>();
  for (const [key, value] of Object.entries(patch)) {
    refusePatchKey(key);
    if (key === '$patch' || key === '$retainKeys') continue;
    const list = listOfDirective(key);
    if (list !== undefined) {
      lists.add(list);
      continue;
    }
    const at = path === '' ? key : `${path}.${key}`;
    if (Array.isArray(value)) lists.add(key);
    else if (value === null) result.delete(key);
    else {
      const merged = mergeValue(result.get(key), value, fieldScope(scope, key), at);
      if (merged === DELETED) result.delete(key);
      else result.set(key, merged);
    }
  }
  for (const key of lists) {
    refusePatchKey(key);
    const at = path === '' ? key : `${path}.${key}`;
    const merged = mergeList({
      target: result.get(key),
      patch: listOrNothing(patch[key], at),
      remove: listOrNothing(patch[`${DELETE_FROM}${key}`], at),
      order: listOrNothing(patch[`${ORDER}${key}`], at),
      scope: fieldScope(scope, key),
      path: at,
    });
    if (merged !== undefined) result.set(key, merged);
  }
  return Object.fromEntries(result);
}

interface ListPatch {
  target: unknown;
  patch: unknown[] | undefined;
  remove: unknown[] | undefined;
  order: unknown[] | undefined;
  scope: SchemaScope;
  path: string;
}

function mergeList({ target, patch, remove, order, scope, path }: ListPatch): unknown[] | undefined {
  const existing = Array.isArray(target) ? (target as unknown[]) : undefined;
  const topology = listTopology(scope);
  // Without a key to merge by, the list of the patch is the list.
  if (topology.type === 'atomic' && remove === undefined) return patch ?? existing;
  const removed = new Set(remove?.map(identity));
  const before = (existing ?? []).filter((item) => !removed.has(identity(item)));
  if (patch === undefined && order === undefined) return existing === undefined ? undefined : before;
  if (topology.type !== 'map') {
    const known = new Set(before.map(identity));
    const merged = [...before, ...(patch ?? []).filter((item) => isNew(known, identity(item)))];
    return inElementOrder({ merged, before, order, identify: identity });
  }
  const identify = (item: unknown) => keyOf(item, topology.keys, path);
  const merged = mergeKeyed({ before, patch: patch ?? [], identify, scope: itemScope(scope), path });
  return inElementOrder({ merged, before, order, identify });
}

function mergeKeyed({
  before,
  patch,
  identify,
  scope,
  path,
}: {
  before: unknown[];
  patch: unknown[];
  identify: (item: unknown) => string;
  scope: SchemaScope;
  path: string;
}): unknown[] {
  // An item that says nothing but "replace" makes the others the whole list.
  const replaces = patch.some((item) => isMapping(item) && item.$patch === 'replace');
  const result = new Map<string, unknown>();
  if (!replaces) for (const item of before) result.set(identify(item), item);
  for (const item of patch) {
    if (isMapping(item) && item.$patch === 'replace') {
      const rest = withoutDirectives(item);
      if (Object.keys(rest).length > 0) result.set(identify(rest), rest);
      continue;
    }
    const key = identify(item);
    const merged = mergeValue(result.get(key), item, scope, `${path}[${key}]`);
    if (merged === DELETED) result.delete(key);
    else result.set(key, merged);
  }
  return [...result.values()];
}

/** `$retainKeys` drops the fields that it does not name, as for a union of which one member is set. */
function retained(
  target: Record<string, unknown>,
  patch: Record<string, unknown>,
  path: string,
): Record<string, unknown> {
  const keys = patch.$retainKeys;
  if (keys === undefined) return target;
  if (!Array.isArray(keys)) throw unfit(path, '$retainKeys is a list of field names');
  const kept = new Set<unknown>(keys);
  const unnamed = Object.keys(patch).find((key) => !key.startsWith('$') && !kept.has(key));
  if (unnamed !== undefined)
    throw unfit(path, `$retainKeys does not name "${unnamed}", which the patch sets`);
  return Object.fromEntries(Object.entries(target).filter(([key]) => kept.has(key)));
}

function withoutDirectives(patch: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(patch).filter(
      ([key]) => key !== '$patch' && key !== '$retainKeys' && listOfDirective(key) === undefined,
    ),
  );
}

function listOfDirective(key: string): string | undefined {
  if (key.startsWith(ORDER)) return key.slice(ORDER.length);
  return key.startsWith(DELETE_FROM) ? key.slice(DELETE_FROM.length) : undefined;
}

function listOrNothing(value: unknown, path: string): unknown[] | undefined {
  if (value === undefined || Array.isArray(value)) return value;
  throw unfit(path, 'expected a list');
}

function keyOf(item: unknown, keys: readonly string[], path: string): string {
  if (!isMapping(item)) throw unfit(path, `expected items with the key ${keys.join(', ')}`);
  const missing = keys.find((key) => !Object.hasOwn(item, key));
  if (missing !== undefined) throw unfit(path, `an item has no ${missing}, by which the list is merged`);
  return JSON.stringify(keys.map((key) => item[key]));
}

function identity(item: unknown): string {
  return JSON.stringify(item);
}

function isNew(known: Set<string>, key: string): boolean {
  if (known.has(key)) return false;
  known.add(key);
  return true;
}

function unfit(path: string, why: string) {
  return invalid(`the strategic merge patch cannot be applied: ${path === '' ? '' : `${path}: `}${why}`, [
    { reason: 'FieldValueInvalid', field: path, message: `Invalid value: ${why}` },
  ]);
}
