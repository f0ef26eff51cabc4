import { ApiError } from '@wegent/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonSchema, SchemaScope } from './json-schema.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';

const text: JsonSchema = { type: 'string' };
const scope: SchemaScope = {
  schema: {
    type: 'object',
    properties: {
      name: text,
      env: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            name: text,
            value: text,
            tags: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
          },
        },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
      ports: {
        type: 'array',
        items: { type: 'object' },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['port', 'protocol'],
      },
      finalizers: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
      args: { type: 'array', items: text },
      labels: { type: 'object', additionalProperties: text },
      strategy: { type: 'object', properties: { type: text, rolling: { type: 'object' } } },
    },
  },
  definitions: {},
};
const env = (...names: string[]) => names.map((name) => ({ name, value: name.toLowerCase() }));
const patched = (target: unknown, patch: unknown) => strategicMergePatch(target, patch, scope);

describe('strategicMergePatch', () => {
  it.each([
    [
      'merges mappings',
      { labels: { a: '1', b: '2' } },
      { labels: { b: null, c: '3' } },
      { labels: { a: '1', c: '3' } },
    ],
    ['replaces lists without keys', { args: ['a', 'b'] }, { args: ['c'] }, { args: ['c'] }],
    [
      'merges lists by their key',
      { env: env('A', 'B') },
      { env: [{ name: 'B', value: 'x' }, { name: 'C' }] },
      { env: [...env('A'), { name: 'B', value: 'x' }, { name: 'C' }] },
    ],
    [
      'merges lists by several keys',
      { ports: [{ port: 1, protocol: 'TCP', n: 1 }] },
      {
        ports: [
          { port: 1, protocol: 'UDP' },
          { port: 1, protocol: 'TCP', n: 2 },
        ],
      },
      {
        ports: [
          { port: 1, protocol: 'TCP', n: 2 },
          { port: 1, protocol: 'UDP' },
        ],
      },
    ],
    ['unites sets', { finalizers: ['a'] }, { finalizers: ['b', 'a', 'b'] }, { finalizers: ['a', 'b'] }],
    [
      'deletes an item',
      { env: env('A', 'B') },
      { env: [{ name: 'A', $patch: 'delete' }] },
      { env: env('B') },
    ],
    [
      'deletes no item that is not there',
      { env: env('A') },
      { env: [{ name: 'B', $patch: 'delete' }] },
      { env: env('A') },
    ],
    [
      'replaces a keyed list',
      { env: env('A', 'B') },
      { env: [{ $patch: 'replace' }, ...env('C')] },
      { env: env('C') },
    ],
    ['empties a keyed list', { env: env('A', 'B') }, { env: [{ $patch: 'replace' }] }, { env: [] }],
    [
      'replaces a mapping',
      { labels: { a: '1' } },
      { labels: { $patch: 'replace', b: '2' } },
      { labels: { b: '2' } },
    ],
    ['deletes a mapping', { name: 'x', labels: { a: '1' } }, { labels: { $patch: 'delete' } }, { name: 'x' }],
    [
      'deletes from lists of values',
      { finalizers: ['a', 'b'], args: ['x', 'y'] },
      { '$deleteFromPrimitiveList/finalizers': ['a'], '$deleteFromPrimitiveList/args': ['y'] },
      { finalizers: ['b'], args: ['x'] },
    ],
    [
      'deletes and adds at once',
      { finalizers: ['a', 'b'] },
      {
        finalizers: ['c'],
        '$deleteFromPrimitiveList/finalizers': ['a'],
        '$setElementOrder/finalizers': ['c', 'b'],
      },
      { finalizers: ['c', 'b'] },
    ],
    [
      'retains keys',
      { strategy: { type: 'Rolling', rolling: { max: 1 } } },
      { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
      { strategy: { type: 'Recreate' } },
    ],
    [
      'orders items',
      { env: env('A', 'B', 'C') },
      { '$setElementOrder/env': [{ name: 'C' }, { name: 'A' }, { name: 'B' }] },
      { env: env('C', 'A', 'B') },
    ],
    [
      'puts new items where they were asked for',
      { env: env('A', 'B') },
      { '$setElementOrder/env': [{ name: 'N' }, { name: 'A' }, { name: 'B' }], env: env('N') },
      { env: env('N', 'A', 'B') },
    ],
    [
      'keeps unnamed items beside their neighbours',
      { env: env('A', 'S', 'B') },
      { '$setElementOrder/env': [{ name: 'A' }, { name: 'B' }] },
      { env: env('A', 'S', 'B') },
    ],
    [
      'unites sets within items',
      { env: [{ name: 'A', tags: ['x'] }] },
      { env: [{ name: 'A', tags: ['y'] }] },
      { env: [{ name: 'A', tags: ['x', 'y'] }] },
    ],
    [
      'makes what is not there',
      {},
      { env: env('A'), labels: { a: '1' } },
      { env: env('A'), labels: { a: '1' } },
    ],
    [
      'changes types',
      { labels: 'x', env: 'y' },
      { labels: { a: '1' }, env: env('A') },
      { labels: { a: '1' }, env: env('A') },
    ],
  ])('%s', (_name, target, patch, expected) => {
    const before = structuredClone(target);
    expect(patched(target, patch)).toEqual(expected);
    expect(target).toEqual(before);
  });

  it.each([
    ['an item without its key', { env: [{ value: 'x' }] }, 'env: an item has no name'],
    ['an item that is no mapping', { env: ['x'] }, 'env: expected items with the key name'],
    ['an unknown directive', { labels: { $patch: 'explode' } }, '$patch is one of merge, replace and delete'],
    ['retained keys that are no list', { strategy: { $retainKeys: 'type' } }, '$retainKeys is a list'],
    [
      'retained keys that miss one',
      { strategy: { $retainKeys: [], type: 'x' } },
      '$retainKeys does not name "type"',
    ],
    ['an order that is no list', { '$setElementOrder/env': {} }, 'env: expected a list'],
    ['__proto__', JSON.parse('{"__proto__": {"polluted": true}}'), '__proto__'],
    ['__proto__ in a directive', JSON.parse('{"$setElementOrder/__proto__": []}'), '__proto__'],
  ])('refuses %s', (_name, patch, message) => {
    expect(() => patched({}, patch)).toThrow(message);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('merges large lists in no time', () => {
    const many = (prefix: string) => Array.from({ length: 10_000 }, (_, index) => `${prefix}${index}`);
    const started = performance.now();
    expect(patched({ finalizers: many('a') }, { '$deleteFromPrimitiveList/finalizers': many('b') })).toEqual({
      finalizers: many('a'),
    });
    expect(patched({ env: env(...many('A')) }, { env: env(...many('B')) })).toEqual({
      env: env(...many('A'), ...many('B')),
    });
    expect(performance.now() - started).toBeLessThan(10_000);
  }, 60_000);

  it('never fails but with an error of the client', () => {
    const key = fc.constantFrom(
      'env',
      'name',
      'value',
      'labels',
      'finalizers',
      'args',
      '$patch',
      '$retainKeys',
      '$setElementOrder/env',
      '$deleteFromPrimitiveList/args',
      '$setElementOrder/finalizers',
      '__proto__',
      'tags',
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, 'A', 'delete', 'replace', 1, true, 'name'),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, tree, (target, patch) => {
        try {
          patched(target, patch);
        } catch (error) {
          if (!(error instanceof ApiError) || error.code >= 500) throw error;
        }
        expect(Reflect.get({}, 'env')).toBeUndefined();
      }),
      { numRuns: 1000, seed: 7396 },
    );
  }, 60_000);
});
