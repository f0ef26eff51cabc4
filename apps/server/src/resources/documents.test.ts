import { describe, expect, it } from 'vitest';
import { toDocument, toDocuments } from './documents.ts';

describe('toDocuments', () => {
  it('reads YAML documents, lists of both kinds and single objects', () => {
    expect(toDocuments('a: 1\n---\n---\nb: &x [1]\nc: *x\n')).toEqual([{ a: 1 }, { b: [1], c: [1] }]);
    expect(toDocuments('- a: 1\n- b: 2\n')).toEqual([{ a: 1 }, { b: 2 }]);
    expect(toDocuments('base: &base {a: 1}\nown: {<<: *base, b: 2}')).toEqual([
      { base: { a: 1 }, own: { a: 1, b: 2 } },
    ]);
    expect(toDocuments({ kind: 'List', items: [{ a: 1 }, { b: 2 }] })).toEqual([{ a: 1 }, { b: 2 }]);
    expect(toDocuments({ a: 1 })).toEqual([{ a: 1 }]);
    expect(toDocument('a: 2024-01-01\nb: no\n')).toEqual({ a: '2024-01-01', b: 'no' });
  });

  it('takes a thousand documents', () => {
    const one =
      'kind: Ghost\nmetadata:\n  name: g\nspec:\n  systemPrompt: |\n    one\n    two\n  skills: [a, b]\n---\n';
    expect(toDocuments(one.repeat(1_000))).toHaveLength(1_000);
  });

  it.each([
    ['{a: 1, b: {c: 1, c: 2}}', 'line 1, column 18: Map keys must be unique'],
    ['[a, b]: c', 'line 1, column 1: Map keys must be text'],
    ['a: [1', 'the YAML cannot be read at line'],
    ['a: !!binary aGk=', 'column 4: Unresolved tag'],
    [Array.from({ length: 60_000 }, (_, index) => `k${index}: v`).join('\n'), 'more than 100000 tokens'],
    ['['.repeat(5_000), 'the YAML cannot be read at line 1'],
  ])('refuses what is no plain document (%#)', (text, message) => {
    expect(() => toDocuments(text)).toThrow(message);
  });
});
