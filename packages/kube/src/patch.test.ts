import { describe, expect, it } from 'vitest';
import { jsonPatch, mergePatch } from './patch.ts';

describe('mergePatch', () => {
  // The examples of RFC 7386, appendix A.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j + %j = %j', (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });

  it('refuses the key that pollutes prototypes, and pollutes nothing', () => {
    expect(() => mergePatch({}, JSON.parse('{"__proto__": {"polluted": true}}'))).toThrow('__proto__');
    expect(mergePatch({}, JSON.parse('{"constructor": {"prototype": {"polluted": true}}}'))).toHaveProperty(
      'constructor',
    );
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

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
    const copies = Array.from({ length: 100 }, () => ({ op: 'copy', from: '', path: '/x' }));
    expect(() => jsonPatch({ text: 'x'.repeat(1000) }, copies)).toThrow('copy too much');
    expect(() => jsonPatch({}, new Array(5000).fill({ op: 'test', path: '', value: {} }))).toThrow(
      'at most 1000 operations',
    );
    expect(() => jsonPatch({}, {})).toThrow('a list of operations');
  });
});
