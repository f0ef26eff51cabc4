import { expect, test } from 'vitest';
import { pieces } from './tokens.ts';

test.each([
  ['', []],
  [' \n', [' \n']],
  ['a b  c\n', ['a', ' b', '  c\n']],
  ['你好 world。', ['你', '好', ' world', '。']],
  ['👍🏽 ok', ['👍🏽', ' ok']],
])('the pieces of %j', (text, expected) => {
  expect(pieces({ type: 'text', text })).toEqual(expected);
});

test('pieces join to the text', () => {
  const text = '  # 标题\n\n```ts\nconst a = `b`\n```\n | x | 😀 |\t\n';
  expect(pieces({ type: 'text', text }).join('')).toBe(text);
  expect(pieces({ type: 'tool-call', name: 'x', input: text }).join('')).toBe(text);
});
