import { ApiError } from '@wegent/api';
import { z } from 'zod';
import { refusePatchKey, refuseUnfitPatch } from './patch-guards.ts';
import { isMapping, sameJson } from './tree.ts';

const MAX_OPERATIONS = 1_000;
// Copies double a document each time, so what they copy is bounded as a whole.
const MAX_COPIED_CHARACTERS = 3 * 1024 * 1024;

const MAX_POINTER_PARTS = 128;
const INDEX = /^(0|[1-9]\d*)$/;

const Pointer = z.string().max(4096);
const Operation = z.discriminatedUnion('op', [
  z.object({ op: z.literal('add'), path: Pointer, value: z.unknown() }),
  z.object({ op: z.literal('replace'), path: Pointer, value: z.unknown() }),
  z.object({ op: z.literal('test'), path: Pointer, value: z.unknown() }),
  z.object({ op: z.literal('remove'), path: Pointer }),
  z.object({ op: z.literal('move'), path: Pointer, from: Pointer }),
  z.object({ op: z.literal('copy'), path: Pointer, from: Pointer }),
]);
type Operation = z.infer<typeof Operation>;

/**
 * Applies a JSON patch (RFC 6902) and returns a new value. A malformed patch is `BadRequest`; an operation that
 * does not fit the document, a failed `test` among them, is `Invalid`.
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw new ApiError('BadRequest', 'a JSON patch is a list of operations');
  if (patch.length > MAX_OPERATIONS) {
    throw new ApiError(
      'RequestEntityTooLarge',
      `a JSON patch holds at most ${MAX_OPERATIONS} operations, got ${patch.length}`,
    );
  }
  refuseUnfitPatch(patch);
  let copied = 0;
  return structuredClone<unknown[]>(patch).reduce<unknown>((document, raw, index) => {
    const operation = parseOperation(raw, index);
    if (operation.op === 'copy') {
      const value = read(document, operation.from, operation);
      refuseUnfitPatch(value);
      copied += JSON.stringify(value ?? null).length;
      if (copied > MAX_COPIED_CHARACTERS)
        throw new ApiError('RequestEntityTooLarge', 'the copy operations of the patch copy too much');
    }
    return applyOperation(document, operation);
  }, structuredClone(target));
}

function parseOperation(raw: unknown, index: number): Operation {
  const parsed = Operation.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ApiError(
      'BadRequest',
      `operation ${index} of the JSON patch is malformed: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    );
  }
  if ('value' in parsed.data && parsed.data.value === undefined) {
    throw new ApiError(
      'BadRequest',
      `operation ${index} of the JSON patch is malformed: "${parsed.data.op}" needs a value`,
    );
  }
  return parsed.data;
}

function applyOperation(document: unknown, operation: Operation): unknown {
  const path = pointer(operation.path);
  switch (operation.op) {
    case 'add':
    case 'replace':
      return edit(document, path, { operation, kind: operation.op, value: operation.value });
    case 'remove':
      return edit(document, path, { operation, kind: 'remove' });
    case 'copy': {
      const value = structuredClone(read(document, operation.from, operation));
      return edit(document, path, { operation, kind: 'add', value });
    }
    case 'move': {
      const value = read(document, operation.from, operation);
      if (operation.path.startsWith(`${operation.from}/`))
        throw misfit(operation, 'a value cannot move into itself');
      const rest = edit(document, pointer(operation.from), { operation, kind: 'remove' });
      return edit(rest, path, { operation, kind: 'add', value });
    }
    case 'test':
      if (!sameJson(read(document, operation.path, operation), operation.value))
        throw misfit(operation, 'the test failed');
      return document;
  }
}

type Edit = 'add' | 'replace' | 'remove';

interface Change {
  operation: Operation;
  kind: Edit;
  value?: unknown;
}

/** Changes the document in place, which is a copy: a patch of many operations must not copy it for each of them. */
function edit(document: unknown, path: readonly string[], { operation, kind, value }: Change): unknown {
  const key = path.at(-1);
  if (key === undefined) {
    if (kind === 'remove') throw misfit(operation, 'the whole document cannot be removed');
    return value;
  }
  path.forEach(refusePatchKey);
  const parent = path.slice(0, -1).reduce<unknown>((node, step) => {
    if (hasChild(node, step)) return Reflect.get(node, step);
    throw misfit(operation, 'the path does not exist');
  }, document);
  if (Array.isArray(parent)) editList(parent, key, { operation, kind, value });
  else if (isMapping(parent)) {
    if (kind !== 'add' && !Object.hasOwn(parent, key)) throw misfit(operation, 'the path does not exist');
    if (kind === 'remove') delete parent[key];
    else parent[key] = value;
  } else throw misfit(operation, 'the path does not exist');
  return document;
}

function editList(list: unknown[], key: string, { operation, kind, value }: Change): void {
  const appends = kind === 'add';
  const index = appends && key === '-' ? list.length : INDEX.test(key) ? Number(key) : Number.NaN;
  if (!(index < list.length || (appends && index === list.length)))
    throw misfit(operation, `"${key}" is not an index of the list`);
  if (kind === 'add') list.splice(index, 0, value);
  else if (kind === 'replace') list[index] = value;
  else list.splice(index, 1);
}

function hasChild(node: unknown, key: string): node is object {
  if (Array.isArray(node)) return INDEX.test(key) && Number(key) < node.length;
  return isMapping(node) && Object.hasOwn(node, key);
}

function read(document: unknown, path: string, operation: Operation): unknown {
  return pointer(path).reduce<unknown>((node, key) => {
    if (hasChild(node, key)) return Reflect.get(node, key);
    throw misfit(operation, `"${path}" does not exist`);
  }, document);
}

function pointer(path: string): string[] {
  if (path === '') return [];
  if (!path.startsWith('/'))
    throw new ApiError('BadRequest', `the JSON pointer "${path}" does not begin with "/"`);
  const parts = path.slice(1).split('/');
  if (parts.length > MAX_POINTER_PARTS)
    throw new ApiError(
      'BadRequest',
      `a JSON pointer has at most ${MAX_POINTER_PARTS} parts, got ${parts.length}`,
    );
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function misfit(operation: Operation, why: string): ApiError {
  return new ApiError(
    'Invalid',
    `the JSON patch cannot be applied: ${operation.op} "${operation.path}": ${why}`,
    {
      details: {
        causes: [{ reason: 'FieldValueInvalid', field: operation.path, message: `Invalid value: ${why}` }],
      },
    },
  );
}
