import { ApiError } from '@wegent/api';
import { z } from 'zod';
import { isMapping, sameJson } from './tree.ts';

const MAX_OPERATIONS = 1_000;
// Copies double a document each time, so what they copy is bounded as a whole.
const MAX_COPIED_CHARACTERS = 3 * 1024 * 1024;

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

/** Applies a JSON merge patch (RFC 7386) and returns a new value; neither argument is changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMapping(patch)) return patch;
  const result = new Map(Object.entries(isMapping(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    refuseProto(key);
    if (value === null) result.delete(key);
    else result.set(key, mergePatch(result.get(key), value));
  }
  return Object.fromEntries(result);
}

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
  let copied = 0;
  return patch.reduce<unknown>((document, raw, index) => {
    const operation = parseOperation(raw, index);
    if (operation.op === 'copy') {
      copied += JSON.stringify(read(document, operation.from, operation) ?? null).length;
      if (copied > MAX_COPIED_CHARACTERS)
        throw new ApiError('RequestEntityTooLarge', 'the copy operations of the patch copy too much');
    }
    return applyOperation(document, operation);
  }, target);
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
      return edit(document, path, operation, 'add', operation.value);
    case 'replace':
      return edit(document, path, operation, 'replace', operation.value);
    case 'remove':
      return edit(document, path, operation, 'remove');
    case 'copy':
      return edit(
        document,
        path,
        operation,
        'add',
        structuredClone(read(document, operation.from, operation)),
      );
    case 'move': {
      const value = read(document, operation.from, operation);
      if (operation.path.startsWith(`${operation.from}/`))
        throw misfit(operation, 'a value cannot move into itself');
      return edit(
        edit(document, pointer(operation.from), operation, 'remove'),
        path,
        operation,
        'add',
        value,
      );
    }
    case 'test':
      if (!sameJson(read(document, operation.path, operation), operation.value))
        throw misfit(operation, 'the test failed');
      return document;
  }
}

type Edit = 'add' | 'replace' | 'remove';

function edit(
  node: unknown,
  path: readonly string[],
  operation: Operation,
  kind: Edit,
  value?: unknown,
): unknown {
  const [key, ...rest] = path;
  if (key === undefined) {
    if (kind === 'remove') throw misfit(operation, 'the whole document cannot be removed');
    return value;
  }
  refuseProto(key);
  if (Array.isArray(node)) return editList(node, key, rest, operation, kind, value);
  if (!isMapping(node)) throw misfit(operation, 'the path does not exist');
  const exists = Object.hasOwn(node, key);
  if (rest.length > 0) {
    if (!exists) throw misfit(operation, 'the path does not exist');
    return { ...node, [key]: edit(node[key], rest, operation, kind, value) };
  }
  if (kind !== 'add' && !exists) throw misfit(operation, 'the path does not exist');
  if (kind !== 'remove') return { ...node, [key]: value };
  return Object.fromEntries(Object.entries(node).filter(([name]) => name !== key));
}

function editList(
  list: unknown[],
  key: string,
  rest: string[],
  operation: Operation,
  kind: Edit,
  value: unknown,
): unknown[] {
  const appends = kind === 'add' && rest.length === 0;
  const index = appends && key === '-' ? list.length : /^(0|[1-9]\d*)$/.test(key) ? Number(key) : Number.NaN;
  if (!(index < list.length || (appends && index === list.length)))
    throw misfit(operation, `"${key}" is not an index of the list`);
  if (rest.length > 0) return list.with(index, edit(list[index], rest, operation, kind, value));
  if (kind === 'add') return list.toSpliced(index, 0, value);
  return kind === 'replace' ? list.with(index, value) : list.toSpliced(index, 1);
}

function read(document: unknown, path: string, operation: Operation): unknown {
  return pointer(path).reduce<unknown>((node, key) => {
    if (
      (Array.isArray(node) && /^(0|[1-9]\d*)$/.test(key) && Number(key) < node.length) ||
      (isMapping(node) && Object.hasOwn(node, key))
    ) {
      return (node as Record<string, unknown>)[key];
    }
    throw misfit(operation, `"${path}" does not exist`);
  }, document);
}

function pointer(path: string): string[] {
  if (path === '') return [];
  if (!path.startsWith('/'))
    throw new ApiError('BadRequest', `the JSON pointer "${path}" does not begin with "/"`);
  return path
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function refuseProto(key: string): void {
  if (key === '__proto__') throw new ApiError('BadRequest', 'the key "__proto__" is not allowed in a patch');
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
