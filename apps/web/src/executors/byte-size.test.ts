import { expect, test } from 'vitest';
import { byteSize, bytesOf } from './byte-size.ts';

test.each([
  [4 * 1024 ** 3, '4 GB'],
  [1.5 * 1024 ** 3, '1.5 GB'],
  [512 * 1024 ** 2, '512 MB'],
  [12, '12 B'],
  [0, '0 B'],
])('%d bytes are %s', (bytes, text) => {
  expect(byteSize(bytes)).toBe(text);
});

test.each([
  ['4Gi', 4 * 1024 ** 3],
  ['1.5G', 1.5e9],
  ['100', 100],
  ['x', undefined],
])('%s is %s', (text, bytes) => {
  expect(bytesOf(text)).toBe(bytes);
});
