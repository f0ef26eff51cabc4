import { expect, test } from 'vitest';
import { readSeconds } from './seconds.ts';

test.each([
  ['90', 90],
  ['90s', 90],
  ['5m', 300],
  ['1h30m', 5400],
])('%s', (word, seconds) => {
  expect(readSeconds(word)).toBe(seconds);
});

test.each(['', '0', '-1', '1.5h', '5 m', '25h', 'soon'])('"%s" is refused', (word) => {
  expect(() => readSeconds(word)).toThrow(/no duration/);
});
