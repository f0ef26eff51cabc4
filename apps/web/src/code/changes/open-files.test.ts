import { expect, test } from 'vitest';
import { startsOpen } from './open-files.ts';

const file = (path: string, additions = 1, binary = false) =>
  ({ path, status: 'modified', additions, deletions: 0, binary }) as const;

test.each([
  [file('src/a.ts'), 3, true],
  [file('src/a.ts', 401), 3, false],
  [file('src/a.ts'), 61, false],
  [file('package-lock.json'), 1, false],
  [file('web/package-lock.json'), 1, false],
  [file('not-package-lock.json'), 1, true],
  [file('a.png', 0, true), 1, false],
])('%j among %d', (entry, count, open) => {
  expect(startsOpen(entry, count)).toBe(open);
});
