import type { Block } from '@wegent/api';
import { expect, test } from 'vitest';
import { turnFiles } from './turn-changes.ts';

const files = (executionId: string, ...paths: string[]): Block => ({
  type: 'files',
  executionId,
  blockId: `files-${paths.length}`,
  files: paths.map((path) => ({ path, status: 'modified', additions: 1, deletions: 0 })),
});

test('each run tells its newest state, and runs without changes say nothing', () => {
  const found = turnFiles([files('a', 'x'), files('a', 'x', 'y'), files('b', 'z'), files('b')]);
  expect(found.map(({ executionId, files: all }) => [executionId, all.map(({ path }) => path)])).toEqual([
    ['a', ['x', 'y']],
  ]);
});
