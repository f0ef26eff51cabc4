import { describe, expect, it } from 'vitest';
import { buildTree, type ChangedFile, matchesFilter } from './build-tree.ts';

const file = (path: string): ChangedFile => ({ path, status: 'modified', additions: 1, deletions: 0 });

describe('buildTree', () => {
  it('puts folders first and joins those with nothing else in them', () => {
    const rows = buildTree(['z.ts', 'a/b/c/one.ts', 'a/b/c/two.ts', 'lib/x.ts', 'lib/deep/y.ts'].map(file));
    expect(rows.map(({ name, depth }) => `${'  '.repeat(depth)}${name}`)).toEqual([
      'a/b/c',
      '  one.ts',
      '  two.ts',
      'lib',
      '  deep',
      '    y.ts',
      '  x.ts',
      'z.ts',
    ]);
    expect(rows.filter(({ type }) => type === 'folder').map(({ path }) => path)).toEqual([
      'a/b/c',
      'lib',
      'lib/deep',
    ]);
  });

  it('takes names that mean something elsewhere as names', () => {
    const rows = buildTree([file('__proto__/constructor'), file('..')]);
    expect(rows.map(({ path }) => path)).toEqual(['__proto__', '__proto__/constructor', '..']);
  });

  it('is empty without files', () => {
    expect(buildTree([])).toEqual([]);
  });
});

it('a filter is words that all have to be there', () => {
  expect(matchesFilter('src/code/Panel.tsx', 'panel src')).toBe(true);
  expect(matchesFilter('src/code/Panel.tsx', 'panel test')).toBe(false);
  expect(matchesFilter('a', '')).toBe(true);
});
