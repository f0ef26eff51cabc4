import { isMapping } from '../tree.ts';

/**
 * A set of fields of a document as a tree. Each step is written as in FieldsV1: `f:name` for a field, `k:{…}` for an
 * item of a list by its keys, `v:…` for an item of a set. A field is in the set when its node is a member.
 */
export interface FieldSet {
  member: boolean;
  children: ReadonlyMap<string, FieldSet>;
}

/** Deepest nesting of a field set that is read. */
const MAX_FIELD_DEPTH = 130;

/** The set without fields. */
export const NO_FIELDS: FieldSet = { member: false, children: new Map() };
/** The node of a field that is in the set, without anything below it. */
export const MEMBER: FieldSet = { member: true, children: new Map() };

/** A node with these children; children without any field are left out. */
export function fieldNode(member: boolean, children: Iterable<readonly [string, FieldSet]>): FieldSet {
  const kept = new Map<string, FieldSet>();
  for (const [step, child] of children) if (!isEmptySet(child)) kept.set(step, child);
  return { member, children: kept };
}

/** Is no field in the set? */
export function isEmptySet(set: FieldSet): boolean {
  return !set.member && set.children.size === 0;
}

/** Fields of either set. */
export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(left)) return right;
  if (isEmptySet(right)) return left;
  const children = new Map(left.children);
  for (const [step, child] of right.children)
    children.set(step, union(children.get(step) ?? NO_FIELDS, child));
  return { member: left.member || right.member, children };
}

/** Fields of the left set that are not in the right one. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(right)) return left;
  return fieldNode(
    left.member && !right.member,
    [...left.children].map(([step, child]) => [
      step,
      difference(child, right.children.get(step) ?? NO_FIELDS),
    ]),
  );
}

/** Fields of both sets. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  return fieldNode(
    left.member && right.member,
    [...left.children].map(([step, child]) => [
      step,
      intersection(child, right.children.get(step) ?? NO_FIELDS),
    ]),
  );
}

/** Do both sets have the same fields? */
export function sameFields(left: FieldSet, right: FieldSet): boolean {
  if (left.member !== right.member || left.children.size !== right.children.size) return false;
  return [...left.children].every(([step, child]) => {
    const other = right.children.get(step);
    return other !== undefined && sameFields(child, other);
  });
}

/** The paths of all fields of the set. */
export function pathsOf(set: FieldSet): string[][] {
  const paths: string[][] = set.member ? [[]] : [];
  for (const [step, child] of set.children) for (const path of pathsOf(child)) paths.push([step, ...path]);
  return paths;
}

/** The form in which `managedFields` holds a set. */
export function toFieldsV1(set: FieldSet): Record<string, unknown> {
  const steps = [...set.children].sort(([left], [right]) => (left < right ? -1 : 1));
  const own = set.member && set.children.size > 0 ? [['.', {}] as const] : [];
  return Object.fromEntries([...own, ...steps.map(([step, child]) => [step, toFieldsV1(child)] as const)]);
}

/** Reads the form of `managedFields`; undefined when it is not well-formed. */
export function fromFieldsV1(fields: unknown): FieldSet | undefined {
  const set = readNode(fields, 0);
  // The document as a whole is nobody's.
  return set === undefined ? undefined : { ...set, member: false };
}

/** The step to a field. */
export function fieldStep(name: string): string {
  return `f:${name}`;
}

/** The step to an item of a list whose items have keys. */
export function keyStep(keys: Readonly<Record<string, unknown>>): string {
  return `k:${canonicalJson(keys)}`;
}

/** The step to an item of a set. */
export function valueStep(value: unknown): string {
  return `v:${canonicalJson(value)}`;
}

/** A path as people read it: `.spec.env[name="A"].value`. */
export function pathText(path: readonly string[]): string {
  return path.map(stepText).join('');
}

function readNode(fields: unknown, depth: number): FieldSet | undefined {
  if (!isMapping(fields) || depth > MAX_FIELD_DEPTH) return undefined;
  const entries = Object.entries(fields);
  if (entries.length === 0) return MEMBER;
  const children = new Map<string, FieldSet>();
  for (const [step, value] of entries) {
    if (step === '.') continue;
    const known = normalStep(step);
    const child = readNode(value, depth + 1);
    if (known === undefined || child === undefined) return undefined;
    children.set(known, child);
  }
  return { member: Object.hasOwn(fields, '.'), children };
}

/** Other writers space and order the JSON of a step differently. */
function normalStep(step: string): string | undefined {
  const rest = step.slice(2);
  switch (step.slice(0, 2)) {
    case 'f:':
      return rest.length > 0 ? step : undefined;
    case 'i:':
      return /^\d+$/.test(rest) ? step : undefined;
    case 'k:': {
      const keys = parseJson(rest);
      return isMapping(keys) ? keyStep(keys) : undefined;
    }
    case 'v:': {
      const value = parseJson(rest);
      return value === undefined ? undefined : valueStep(value);
    }
    default:
      return undefined;
  }
}

function stepText(step: string): string {
  const rest = step.slice(2);
  if (step.startsWith('f:')) return `.${rest}`;
  if (step.startsWith('v:')) return `[=${rest}]`;
  const keys = step.startsWith('k:') ? parseJson(rest) : undefined;
  if (!isMapping(keys)) return `[${rest}]`;
  return `[${Object.entries(keys)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(',')}]`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isMapping(value)) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonicalJson(child)}`).join(',')}}`;
}
