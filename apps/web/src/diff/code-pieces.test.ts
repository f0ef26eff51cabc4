import { expect, test } from 'vitest';
import { codePieces } from './code-pieces.ts';

const tokens = [
  { text: 'const ', style: { color: 'red' } },
  { text: 'abc', style: { color: 'blue' } },
];

test('tokens are cut at the marked part', () => {
  expect(codePieces('const abc', tokens, [4, 7]).map(({ text, marked }) => [text, marked])).toEqual([
    ['cons', false],
    ['t ', true],
    ['a', true],
    ['bc', false],
  ]);
});

test('tokens of another text are not used', () => {
  expect(codePieces('other', tokens, undefined)).toEqual([
    { text: 'other', style: undefined, marked: false },
  ]);
});
