import { describe, expect, it } from 'vitest';
import { fileSize } from './file-size.ts';

describe('fileSize', () => {
  it.each([
    [0, '0.1 kB'],
    [812, '0.8 kB'],
    [1500, '1.5 kB'],
    [12_345_678, '12.3 MB'],
    [5_000_000_000, '5 GB'],
  ])('says %d bytes as %s', (bytes, text) => {
    expect(fileSize(bytes, 'en')).toBe(text);
  });
});
