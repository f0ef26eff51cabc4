import {
  declaresField,
  fieldScope,
  isAtomicMap,
  itemScope,
  listTopology,
  resolveSchema,
  type SchemaScope,
} from '../json-schema.ts';
import { isMapping } from '../tree.ts';
import { fieldStep, keyStep, valueStep } from './field-set.ts';

/** What a value consists of, as far as its parts have owners of their own. */
export type Structure = { type: 'leaf' } | { type: 'mapping' | 'keyed' | 'set'; parts: Map<string, Part> };

/** A part of a value. */
export interface Part {
  value: unknown;
  scope: SchemaScope;
  /** Its presence is owned, not just its content: items, and keys that no schema declares. */
  counts: boolean;
}

const LEAF: Structure = { type: 'leaf' };

/** Takes a value apart into what may have owners of its own. Null and absent values have no structure. */
export function structureOf(value: unknown, scope: SchemaScope): Structure {
  if (Array.isArray(value)) return listStructure(value, scope);
  if (!isMapping(value) || isAtomicMap(scope)) return LEAF;
  const parts = new Map<string, Part>();
  for (const [name, child] of Object.entries(value)) {
    if (child === undefined || child === null) continue;
    parts.set(fieldStep(name), {
      value: child,
      scope: fieldScope(scope, name),
      counts: !declaresField(scope, name),
    });
  }
  return { type: 'mapping', parts };
}

/** The step to an item of a keyed list; undefined when it lacks a key that has no default. */
export function stepOfItem(item: unknown, keys: readonly string[], items: SchemaScope): string | undefined {
  if (!isMapping(item)) return undefined;
  const values: Record<string, unknown> = {};
  for (const key of keys) {
    const value = keyValue(item, key, items);
    if (value === undefined || typeof value === 'object') return undefined;
    values[key] = value;
  }
  return keyStep(values);
}

/** The value of a key of an item: what it says, else the default. */
export function keyValue(item: Record<string, unknown>, key: string, items: SchemaScope): unknown {
  return item[key] ?? resolveSchema(fieldScope(items, key))?.default ?? undefined;
}

function listStructure(list: readonly unknown[], scope: SchemaScope): Structure {
  const topology = listTopology(scope);
  if (topology.type === 'atomic') return LEAF;
  const items = itemScope(scope);
  const parts = new Map<string, Part>();
  for (const item of list) {
    const step = topology.type === 'map' ? stepOfItem(item, topology.keys, items) : scalarStep(item);
    // What breaks the schema is one value; validation says what is wrong with it.
    if (step === undefined) return LEAF;
    // Of items with the same keys the first is the one.
    if (!parts.has(step)) parts.set(step, { value: item, scope: items, counts: true });
  }
  return { type: topology.type === 'map' ? 'keyed' : 'set', parts };
}

function scalarStep(item: unknown): string | undefined {
  return item === null || item === undefined || typeof item === 'object' ? undefined : valueStep(item);
}
