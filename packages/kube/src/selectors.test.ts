import { describe, expect, it } from 'vitest';
import { matchFields, matchLabels, parseFieldSelector, parseLabelSelector } from './selectors.ts';

describe('parseLabelSelector', () => {
  it.each([
    ['', []],
    ['app', [{ key: 'app', operator: 'exists', values: [] }]],
    ['!app', [{ key: 'app', operator: 'doesnotexist', values: [] }]],
    [
      'a=b,c==d,e!=f',
      [
        { key: 'a', operator: 'in', values: ['b'] },
        { key: 'c', operator: 'in', values: ['d'] },
        { key: 'e', operator: 'notin', values: ['f'] },
      ],
    ],
    [
      'tier in (x, y),env notin (z)',
      [
        { key: 'tier', operator: 'in', values: ['x', 'y'] },
        { key: 'env', operator: 'notin', values: ['z'] },
      ],
    ],
    ['example.org/a=', [{ key: 'example.org/a', operator: 'in', values: [''] }]],
  ])('reads %s', (text, expected) => {
    expect(parseLabelSelector(text)).toEqual(expected);
  });

  it.each([
    'a,,b',
    'a b',
    'a in x',
    'a in (x',
    '=x',
    'a=b c',
    'ä=b',
    'a=<b>',
    `a=${'x'.repeat(64)}`,
    'x'.repeat(20_000),
  ])('refuses %s', (text) => {
    expect(() => parseLabelSelector(text)).toThrow(/labelSelector/);
  });
});

describe('matchLabels', () => {
  it.each([
    ['a=1', { a: '1' }, true],
    ['a=1', { a: '2' }, false],
    ['a!=1', {}, true],
    ['a notin (1,2)', { a: '2' }, false],
    ['a', undefined, false],
    ['!a', undefined, true],
    ['toString', {}, false],
  ])('%s against %j is %s', (selector, labels, expected) => {
    expect(matchLabels(parseLabelSelector(selector), labels)).toBe(expected);
  });
});

describe('field selectors', () => {
  it('match fields of the object, absent ones as empty text', () => {
    const object = { metadata: { name: 'a' }, spec: { type: 'chat' } };
    expect(matchFields(parseFieldSelector('metadata.name=a,spec.type!=code', ['spec.type']), object)).toBe(
      true,
    );
    expect(matchFields(parseFieldSelector('status.phase=', ['status.phase']), object)).toBe(true);
  });

  it('name the fields that are supported', () => {
    expect(() => parseFieldSelector('spec.secret=x', ['spec.type'])).toThrow(
      'field "spec.secret" is not supported; supported are metadata.name, metadata.namespace, spec.type',
    );
    expect(() => parseFieldSelector('metadata.name', [])).toThrow('expected field=value');
  });
});
