import { expect, test } from 'vitest';
import { readContent } from './file-content.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('bytes are what they are', () => {
  expect(readContent(bytes('héllo'))).toEqual({ kind: 'text', text: 'héllo', size: 6 });
  expect(readContent(new Uint8Array([0x68, 0xe9]))).toEqual({ kind: 'text', text: 'hé', size: 2 });
  expect(readContent(new Uint8Array([1, 0, 2])).kind).toBe('binary');
  expect(readContent(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0])).kind).toBe('picture');
  expect(readContent(bytes('<svg onload="x()"></svg>')).kind).toBe('text');
  expect(readContent(bytes(''))).toEqual({ kind: 'text', text: '', size: 0 });
});
