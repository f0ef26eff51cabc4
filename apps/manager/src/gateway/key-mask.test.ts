import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createKeyMask } from './key-mask.ts';

const KEY = 'secret-secret-sec';

test.each([1, 2, 3, 7, 17, 100])('a key is masked in pieces of %i bytes', async (size) => {
  const source = Buffer.from(`a ${KEY} secret-secre ${KEY}${KEY} secret-secret-se end`);
  const pieces = Array.from({ length: Math.ceil(source.length / size) }, (_, index) =>
    source.subarray(index * size, (index + 1) * size),
  );
  const stars = '*'.repeat(KEY.length);
  expect(await text(Readable.from(pieces).pipe(createKeyMask([KEY, undefined, 'short'])))).toBe(
    `a ${stars} secret-secre ${stars}${stars} secret-secret-se end`,
  );
});

test('what cannot be the beginning of a key goes on at once', () => {
  const mask = createKeyMask([KEY]);
  mask.write('data: {"text":"hello"}\n\n');
  expect(String(mask.read())).toBe('data: {"text":"hello"}\n\n');
  mask.write('and secr');
  expect(String(mask.read())).toBe('and ');
  mask.write('et no');
  expect(String(mask.read())).toBe('secret no');
});
