import { fieldPath, type StatusCause } from '@wegent/api';

/** Deepest nesting of a document. */
export const MAX_DEPTH = 64;
/** Values that one document may hold, keys and items together. */
export const MAX_NODES = 50_000;
/** Characters of all keys and texts of one document together. */
export const MAX_CHARACTERS = 3 * 1024 * 1024;

/**
 * Checks what no schema of a kind looks at: nesting, size, NUL characters and the key `__proto__`.
 * Returns the causes, none when the tree is fit for a schema.
 */
export function checkTree(input: unknown): StatusCause[] {
  const state: WalkState = { causes: [], nodes: 0, characters: 0 };
  walk(input, [], state);
  if (state.nodes > MAX_NODES) {
    return [
      {
        reason: 'FieldValueTooMany',
        field: '',
        message: `Too many: a document holds at most ${MAX_NODES} values`,
      },
    ];
  }
  if (state.characters > MAX_CHARACTERS) {
    return [
      {
        reason: 'FieldValueTooLong',
        field: '',
        message: `Too long: a document holds at most ${MAX_CHARACTERS} characters`,
      },
    ];
  }
  return state.causes;
}

/** Is this a mapping, and neither null nor a list? */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy without keys whose value is null or undefined; to Kubernetes these are absent. Items of lists stay. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== null && child !== undefined)
      .map(([key, child]) => [key, withoutNulls(child)]),
  );
}

/** Are two JSON values equal, whatever the order of their keys? A key with value undefined counts as absent. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => sameJson(item, right[index]))
    );
  }
  if (!isMapping(left) || !isMapping(right)) return false;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => sameJson(own(left, key), own(right, key)));
}

function own(mapping: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}

interface WalkState {
  causes: StatusCause[];
  nodes: number;
  characters: number;
}

function walk(value: unknown, path: PropertyKey[], state: WalkState): void {
  state.nodes += 1;
  if (state.nodes > MAX_NODES || state.characters > MAX_CHARACTERS || state.causes.length >= 20) return;
  if (typeof value === 'string') checkText(value, path, state);
  if (typeof value !== 'object' || value === null) return;
  if (path.length >= MAX_DEPTH) {
    state.causes.push(cause(path.slice(0, 8), `Invalid value: nested deeper than ${MAX_DEPTH} levels`));
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) walk(item, [...path, index], state);
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    const childPath = [...path, key];
    state.characters += key.length;
    if (key === '__proto__') state.causes.push(cause(childPath, 'Forbidden: this key is not allowed'));
    else if (key.includes('\0'))
      state.causes.push(
        cause([...path, key.replaceAll('\0', '\\0')], 'Invalid value: keys must not hold NUL characters'),
      );
    else walk(child, childPath, state);
  }
}

function checkText(text: string, path: PropertyKey[], state: WalkState): void {
  state.characters += text.length;
  if (text.includes('\0')) state.causes.push(cause(path, 'Invalid value: must not hold NUL characters'));
  else if (!text.isWellFormed())
    state.causes.push(cause(path, 'Invalid value: must be well-formed Unicode text'));
}

function cause(path: PropertyKey[], message: string): StatusCause {
  return {
    reason: message.startsWith('Forbidden') ? 'FieldValueForbidden' : 'FieldValueInvalid',
    field: fieldPath('', path),
    message,
  };
}
