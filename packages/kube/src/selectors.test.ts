import { ApiError } from '@wegent/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';
import { matchFields, matchLabels } from './selectors.ts';

describe('parseLabelSelector', () => {
  it.each([
    ['', []],
    ['  ', []],
    ['app', [{ key: 'app', operator: 'exists', values: [] }]],
    ['!app', [{ key: 'app', operator: 'doesnotexist', values: [] }]],
    [
      ' ! app , b ',
      [
        { key: 'app', operator: 'doesnotexist', values: [] },
        { key: 'b', operator: 'exists', values: [] },
      ],
    ],
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
    ['in in (in,notin)', [{ key: 'in', operator: 'in', values: ['in', 'notin'] }]],
    ['a in(x)', [{ key: 'a', operator: 'in', values: ['x'] }]],
    ['a in (,x)', [{ key: 'a', operator: 'in', values: ['', 'x'] }]],
    ['a = b', [{ key: 'a', operator: 'in', values: ['b'] }]],
    [
      'example.org/a=,b',
      [
        { key: 'example.org/a', operator: 'in', values: [''] },
        { key: 'b', operator: 'exists', values: [] },
      ],
    ],
  ])('reads %j', (text, expected) => {
    expect(parseLabelSelector(text)).toEqual(expected);
  });

  it.each([
    ',',
    'a,',
    'a,,b',
    'a b',
    'a in x',
    'a in (x',
    'a in (x))',
    'a in x)',
    'a notin',
    'a in (x y)',
    'a !b',
    '!a=b',
    '!',
    '!!a',
    '=x',
    'a===b',
    'a=b c',
    'a>1',
    'a<1',
    '(a)',
    'ä=b',
    'a=<b>',
    `a=${'x'.repeat(64)}`,
    'x'.repeat(20_000),
    'a\0',
  ])('refuses %s', (text) => {
    expect(() => parseLabelSelector(text)).toThrow(
      expect.objectContaining({ reason: 'BadRequest', message: expect.stringContaining('labelSelector') }),
    );
  });

  it('never fails in any other way', () => {
    const piece = fc.constantFrom(
      'a',
      'in',
      'notin',
      '(',
      ')',
      ',',
      '=',
      '==',
      '!=',
      '!',
      ' ',
      'x/y',
      '>',
      'ü',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece).map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          try {
            parseLabelSelector(text);
            parseFieldSelector(text, ['a']);
          } catch (error) {
            if (!(error instanceof ApiError) || error.reason !== 'BadRequest') throw error;
          }
        },
      ),
      { numRuns: 1000, seed: 1 },
    );
  }, 60_000);

  it('takes no time for long nonsense', () => {
    const started = performance.now();
    for (const text of [
      'a,'.repeat(8000),
      '('.repeat(16_000),
      ' '.repeat(16_000),
      `a in (${',b'.repeat(8000)}`,
    ])
      expect(() => parseLabelSelector(text + (text.trim() === '' ? '=' : ''))).toThrow(ApiError);
    for (const text of ['\\,'.repeat(8000), '!'.repeat(16_000), `a=${'\\'.repeat(16_000)}=`])
      expect(() => parseFieldSelector(text, ['a'])).toThrow(ApiError);
    expect(performance.now() - started).toBeLessThan(10_000);
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
    expect(matchFields(parseFieldSelector('metadata.name==a', []), object)).toBe(true);
    expect(matchFields(parseFieldSelector('status.phase=', ['status.phase']), object)).toBe(true);
  });

  it('take escaped characters', () => {
    expect(parseFieldSelector('a=x\\,y\\=z\\\\,metadata.name!=', ['a'])).toEqual([
      { key: 'a', operator: 'in', values: ['x,y=z\\'] },
      { key: 'metadata.name', operator: 'notin', values: [''] },
    ]);
  });

  it.each(['a=b=c', 'a=\\x', 'a=\\', 'a=b,', ',a=b', 'a=b,,a=c', 'a', '=b', 'a!b', '!=b'])(
    'refuse %s',
    (text) => {
      expect(() => parseFieldSelector(text, ['a'])).toThrow(/fieldSelector/);
    },
  );

  it('name the fields that are supported', () => {
    expect(() => parseFieldSelector('spec.secret=x', ['spec.type'])).toThrow(
      'field "spec.secret" is not supported; supported are metadata.name, metadata.namespace, spec.type',
    );
    expect(() => parseFieldSelector('metadata.name', [])).toThrow('expected field=value');
  });
});
