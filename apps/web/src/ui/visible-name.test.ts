import { expect, test } from 'vitest';
import { visibleName } from './visible-name.ts';

test.each([
  ['src/普通.ts', 'src/普通.ts'],
  ['evil\u202egnp.exe', 'evil\\u{202e}gnp.exe'],
  ['a\nb', 'a\\u{a}b'],
  ['zero\u200bwidth', 'zero\\u{200b}width'],
  ['<img src=x>', '<img src=x>'],
])('%j is shown as %s', (name, shown) => {
  expect(visibleName(name)).toBe(shown);
});
