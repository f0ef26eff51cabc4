import { expect, test } from 'vitest';
import { mergeEngines } from './use-executors.ts';

test('an engine that is missing somewhere is missing', () => {
  expect(
    mergeEngines([
      [{ name: 'claude-code', state: 'installed', version: '1' }],
      [
        { name: 'claude-code', state: 'missing' },
        { name: 'agno', state: 'installed' },
      ],
    ]),
  ).toEqual([
    { name: 'claude-code', state: 'missing' },
    { name: 'agno', state: 'installed' },
  ]);
});
