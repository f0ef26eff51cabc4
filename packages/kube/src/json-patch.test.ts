import { ApiError } from '@wegent/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';

describe('jsonPatch', () => {
  const document = { a: [1, 2], b: { c: 'x' }, 'd/e': { '~f': 1 } };

  it.each([
    [[{ op: 'add', path: '/a/1', value: 9 }], { a: [1, 9, 2] }],
    [[{ op: 'add', path: '/a/-', value: 9 }], { a: [1, 2, 9] }],
    [[{ op: 'remove', path: '/a/0' }], { a: [2] }],
    [[{ op: 'replace', path: '/b/c', value: null }], { b: { c: null } }],
    [[{ op: 'move', from: '/b/c', path: '/a/0' }], { a: ['x', 1, 2], b: {} }],
    [[{ op: 'copy', from: '/b', path: '/g' }], { g: { c: 'x' } }],
    [[{ op: 'replace', path: '/d~1e/~0f', value: 2 }], { 'd/e': { '~f': 2 } }],
    [[{ op: 'test', path: '/b', value: { c: 'x' } }], {}],
  ])('%j', (patch, changed) => {
    expect(jsonPatch(document, patch)).toEqual({ ...document, ...changed });
  });

  it.each([
    [{ op: 'remove', path: '/nope' }, 'Invalid'],
    [{ op: 'replace', path: '/a/2', value: 1 }, 'Invalid'],
    [{ op: 'add', path: '/a/01', value: 1 }, 'Invalid'],
    [{ op: 'add', path: '/nope/deep', value: 1 }, 'Invalid'],
    [{ op: 'test', path: '/b/c', value: 'y' }, 'Invalid'],
    [{ op: 'move', from: '/b', path: '/b/c' }, 'Invalid'],
    [{ op: 'remove', path: '' }, 'Invalid'],
    [{ op: 'add', path: '/toString/x', value: 1 }, 'Invalid'],
    [{ op: 'add', path: 'a', value: 1 }, 'BadRequest'],
    [{ op: 'add', path: '/a' }, 'BadRequest'],
    [{ op: 'explode', path: '/a' }, 'BadRequest'],
    [{ op: 'add', path: '/__proto__/x', value: 1 }, 'BadRequest'],
    ['add', 'BadRequest'],
  ])('refuses %j', (operation, reason) => {
    expect(() => jsonPatch(document, [operation])).toThrow(expect.objectContaining({ reason }));
  });

  it('bounds what copies and operations may add up to', () => {
    const copies = Array.from({ length: 100 }, (_, index) => ({
      op: 'copy',
      from: '/text',
      path: `/t${index}`,
    }));
    expect(() => jsonPatch({ text: 'x'.repeat(100_000) }, copies)).toThrow('copy too much');
    expect(() => jsonPatch({}, new Array(5000).fill({ op: 'test', path: '', value: {} }))).toThrow(
      'at most 1000 operations',
    );
    expect(() => jsonPatch({}, {})).toThrow('a list of operations');
  });

  // RFC 6902, appendix A; undefined stands for a patch that is refused.
  it.each([
    ['A.1', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
    [
      'A.2',
      { foo: ['bar', 'baz'] },
      [{ op: 'add', path: '/foo/1', value: 'qux' }],
      { foo: ['bar', 'qux', 'baz'] },
    ],
    ['A.3', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    ['A.4', { foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    [
      'A.5',
      { baz: 'qux', foo: 'bar' },
      [{ op: 'replace', path: '/baz', value: 'boo' }],
      { baz: 'boo', foo: 'bar' },
    ],
    [
      'A.6',
      { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
    ],
    [
      'A.7',
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] },
    ],
    [
      'A.8',
      { baz: 'qux', foo: ['a', 2, 'c'] },
      [
        { op: 'test', path: '/baz', value: 'qux' },
        { op: 'test', path: '/foo/1', value: 2 },
      ],
      { baz: 'qux', foo: ['a', 2, 'c'] },
    ],
    ['A.9', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }], undefined],
    [
      'A.10',
      { foo: 'bar' },
      [{ op: 'add', path: '/child', value: { grandchild: {} } }],
      { foo: 'bar', child: { grandchild: {} } },
    ],
    [
      'A.11',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz', value: 'qux', xyz: 123 }],
      { foo: 'bar', baz: 'qux' },
    ],
    ['A.12', { foo: 'bar' }, [{ op: 'add', path: '/baz/bat', value: 'qux' }], undefined],
    ['A.14', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    ['A.15', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: '10' }], undefined],
    [
      'A.16',
      { foo: ['bar'] },
      [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
      { foo: ['bar', ['abc', 'def']] },
    ],
  ])('does as RFC 6902 %s says', (_name, target, patch, expected) => {
    if (expected === undefined) expect(() => jsonPatch(target, patch)).toThrow(ApiError);
    else expect(jsonPatch(target, patch)).toEqual(expected);
  });

  it('bounds how deep copies may nest', () => {
    const at = (depth: number) => '/x'.repeat(depth);
    const nest = Array.from({ length: 200 }, (_, index) => ({
      op: 'copy',
      from: '',
      path: at(Math.min(index + 1, 100)),
    }));
    expect(() => jsonPatch({ y: 1 }, nest)).toThrow(ApiError);
    expect(() => jsonPatch({}, [{ op: 'add', path: at(200), value: 1 }])).toThrow('at most 128 parts');
  });

  // A patch that copied the document for every operation took minutes for this one.
  it('changes large documents in no time', () => {
    const keys = Array.from({ length: 30_000 }, (_, index) => [`k${index}`, index] as const);
    const operations = Array.from({ length: 1000 }, (_, index) => ({ op: 'remove', path: `/map/k${index}` }));
    const started = performance.now();
    expect(jsonPatch({ map: Object.fromEntries(keys) }, operations)).toEqual({
      map: Object.fromEntries(keys.slice(1000)),
    });
    expect(performance.now() - started).toBeLessThan(10_000);
  }, 60_000);

  it('leaves the values of the patch alone', () => {
    const value = { a: 1 };
    const patch = [
      { op: 'add', path: '/x', value },
      { op: 'add', path: '/x/b', value: 2 },
    ];
    expect(jsonPatch({}, patch)).toEqual({ x: { a: 1, b: 2 } });
    expect(value).toEqual({ a: 1 });
  });

  it('never fails but with an error of the client', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const path = fc
      .array(fc.constantFrom('a', 'b', '0', '1', '-', '~1', '__proto__', ''), { maxLength: 4 })
      .map((parts) => parts.map((part) => `/${part}`).join(''));
    const operation = fc.record({
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
      path,
      from: path,
      value,
    });
    const target = fc.dictionary(fc.constantFrom('a', 'b', '0'), value);
    fc.assert(
      fc.property(
        target,
        fc.oneof(value, fc.array(fc.oneof(operation, value), { maxLength: 8 })),
        (document, patch) => {
          const before = structuredClone(document);
          for (const apply of [jsonPatch, mergePatch]) {
            try {
              apply(document, patch);
            } catch (error) {
              if (!(error instanceof ApiError) || error.code >= 500) throw error;
            }
          }
          expect(document).toEqual(before);
        },
      ),
      { numRuns: 500, seed: 6902 },
    );
  }, 60_000);
});
