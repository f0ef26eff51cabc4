import { fieldScope, itemScope, listTopology, type SchemaScope } from '../json-schema.ts';
import { isMapping, sameJson } from '../tree.ts';
import { type FieldSet, fieldNode, MEMBER, NO_FIELDS } from './field-set.ts';
import { stepOfItem, structureOf } from './structure.ts';

/** All fields that a document says something about. */
export function fieldsOf(value: unknown, scope: SchemaScope): FieldSet {
  const structure = structureOf(value, scope);
  // Something empty is owned as a whole, or nobody could take it away again.
  if (structure.type === 'leaf' || structure.parts.size === 0) return MEMBER;
  return fieldNode(
    false,
    [...structure.parts].map(([step, part]) => {
      const fields = structure.type === 'set' ? MEMBER : fieldsOf(part.value, part.scope);
      return [step, part.counts ? { ...fields, member: true } : fields];
    }),
  );
}

/** What differs between two documents. */
export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

/** Compares two documents field by field. */
export function compareValues(before: unknown, after: unknown, scope: SchemaScope): Comparison {
  const had = before !== undefined && before !== null;
  const has = after !== undefined && after !== null;
  if (!had) return { ...NO_CHANGE, added: has ? presenceOf(after, scope) : NO_FIELDS };
  if (!has) return { ...NO_CHANGE, removed: presenceOf(before, scope) };
  const left = structureOf(before, scope);
  const right = structureOf(after, scope);
  if (left.type === 'leaf' && right.type === 'leaf')
    return sameJson(before, after) ? NO_CHANGE : { ...NO_CHANGE, modified: MEMBER };
  if (left.type === 'leaf' || right.type === 'leaf' || left.type !== right.type) {
    return {
      modified: MEMBER,
      added: { ...presenceOf(after, scope), member: false },
      removed: { ...presenceOf(before, scope), member: false },
    };
  }
  const steps = new Set([...left.parts.keys(), ...right.parts.keys()]);
  const changes = [...steps].map((step): [string, Comparison] => {
    const was = left.parts.get(step);
    const is = right.parts.get(step);
    if (left.type === 'set' && was && is) return [step, NO_CHANGE];
    return [step, compareValues(was?.value, is?.value, (is ?? was)?.scope ?? scope)];
  });
  const pick = (kind: keyof Comparison) =>
    fieldNode(
      false,
      changes.map(([step, change]) => [step, change[kind]]),
    );
  return { added: pick('added'), modified: pick('modified'), removed: pick('removed') };
}

/** The live document with everything that the applied one says. */
export function mergeApplied(live: unknown, applied: unknown, scope: SchemaScope): unknown {
  if (applied === undefined || applied === null) return live;
  const wanted = structureOf(applied, scope);
  const found = structureOf(live, scope);
  if (wanted.type === 'leaf' || live === undefined || live === null || found.type !== wanted.type)
    return applied;
  if (wanted.type === 'mapping') {
    if (!isMapping(live) || !isMapping(applied)) return applied;
    const result = new Map(Object.entries(live));
    for (const [name, value] of Object.entries(applied)) {
      const merged = mergeApplied(live[name], value, fieldScope(scope, name));
      if (merged !== undefined) result.set(name, merged);
    }
    return Object.fromEntries(result);
  }
  const merged = new Map([...found.parts].map(([step, part]) => [step, part.value]));
  for (const [step, part] of wanted.parts)
    merged.set(step, mergeApplied(merged.get(step), part.value, part.scope));
  return inAppliedOrder([...merged], [...wanted.parts.keys()]);
}

/** The document without the fields of a set, and without what was below them. */
export function withoutFields(value: unknown, fields: FieldSet, scope: SchemaScope): unknown {
  if (fields.children.size === 0) return value;
  if (Array.isArray(value)) {
    const topology = listTopology(scope);
    const items = itemScope(scope);
    return value.flatMap((item: unknown) => {
      const step =
        topology.type === 'map' ? stepOfItem(item, topology.keys, items) : `v:${JSON.stringify(item)}`;
      const below = step === undefined ? undefined : fields.children.get(step);
      if (below === undefined) return [item];
      return below.member ? [] : [withoutFields(item, below, items)];
    });
  }
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]) => {
      const below = fields.children.get(`f:${name}`);
      if (below === undefined) return [[name, child]];
      return below.member ? [] : [[name, withoutFields(child, below, fieldScope(scope, name))]];
    }),
  );
}

/** The set with all declared fields on the way to its fields: who owns a part owns that its parent is there. */
export function withDeclaredParents(set: FieldSet, value: unknown, scope: SchemaScope): FieldSet {
  const structure = structureOf(value, scope);
  if (structure.type === 'leaf' || set.children.size === 0) return set;
  return fieldNode(
    set.member,
    [...set.children].map(([step, child]) => {
      const part = structure.parts.get(step);
      if (part === undefined) return [step, child];
      const deeper = withDeclaredParents(child, part.value, part.scope);
      return [step, part.counts ? deeper : { ...deeper, member: true }];
    }),
  );
}

const NO_CHANGE: Comparison = { added: NO_FIELDS, modified: NO_FIELDS, removed: NO_FIELDS };

/** Every field of a value that came or went, the mappings and lists around the leaves included. */
function presenceOf(value: unknown, scope: SchemaScope): FieldSet {
  const structure = structureOf(value, scope);
  if (structure.type === 'leaf') return MEMBER;
  return fieldNode(
    true,
    [...structure.parts].map(([step, part]) => [
      step,
      structure.type === 'set' ? MEMBER : presenceOf(part.value, part.scope),
    ]),
  );
}

/** Items that were applied stand in the order in which they were applied, among them those of others. */
function inAppliedOrder(items: readonly [string, unknown][], applied: readonly string[]): unknown[] {
  const values = new Map(items);
  const wanted = new Set(applied);
  let next = 0;
  return items.map(([step, value]) => {
    if (!wanted.has(step)) return value;
    const at = applied[next] ?? step;
    next += 1;
    return values.get(at);
  });
}
