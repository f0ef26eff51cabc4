import type { Block } from '@wegent/api';
import { expect, test } from 'vitest';
import { hasBegun, turnFiles } from './turn-changes.ts';

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

test('set-up is no work yet', () => {
  const place = { executionId: 'a', blockId: 'b' };
  const phase: Block = { type: 'phase', ...place, text: 'Cloning' };
  const said: Block = { type: 'text', ...place, text: 'Hello', done: true };
  expect(
    hasBegun([
      { role: 'user', blocks: [] },
      { role: 'assistant', blocks: [phase] },
    ]),
  ).toBe(false);
  expect(hasBegun([{ role: 'assistant', blocks: [phase, said] }])).toBe(true);
});
