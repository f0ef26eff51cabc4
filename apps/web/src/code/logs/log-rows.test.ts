import { expect, test } from 'vitest';
import { logRows } from './log-rows.ts';

const at = '2026-01-01T00:00:00Z';
const lines = [
  { seq: 1, executionId: 'e', stream: 'system' as const, text: 'Cloning\nReady\n', at },
  { seq: 2, executionId: 'e', stream: 'stderr' as const, text: '\u001b[31mfa\u001b[1mil\u001b[0m', at },
];

test('each line is a row', () => {
  expect(logRows(lines, '').map(({ key, text }) => [key, text])).toEqual([
    ['1.0', 'Cloning'],
    ['1.1', 'Ready'],
    ['2.0', '\u001b[31mfa\u001b[1mil\u001b[0m'],
  ]);
});

test('a search looks at what is read, not at the colours', () => {
  expect(logRows(lines, ' FAIL ').map(({ key }) => key)).toEqual(['2.0']);
  expect(logRows(lines, '31m')).toEqual([]);
});
