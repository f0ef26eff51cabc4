import { describe, expect, it } from 'vitest';
import { patchOfTexts, readStructuredPatch } from './structured-patch.ts';

describe('readStructuredPatch', () => {
  it('reads hunks of editing tools', () => {
    const patch = readStructuredPatch([
      { oldStart: 4, oldLines: 2, newStart: 4, newLines: 2, lines: [' a', '-b', '+c'] },
    ]);
    expect(patch?.hunks[0]?.lines.map(({ type, oldLine, newLine }) => [type, oldLine, newLine])).toEqual([
      ['context', 4, 4],
      ['delete', 5, undefined],
      ['add', undefined, 5],
    ]);
  });

  it.each([undefined, 'text', [], [{ lines: 'no' }]])('refuses %j', (value) => {
    expect(readStructuredPatch(value)).toBeUndefined();
  });
});

describe('patchOfTexts', () => {
  const signs = (before: string, after: string) =>
    patchOfTexts(before, after).hunks.flatMap(({ lines }) =>
      lines.map(({ type, text }) => `${type} ${text}`),
    );

  it('leaves out what stayed, but for the lines around', () => {
    const before = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].join('\n');
    expect(signs(before, before.replace('5', 'five'))).toEqual([
      'context 2',
      'context 3',
      'context 4',
      'delete 5',
      'add five',
      'context 6',
      'context 7',
      'context 8',
    ]);
  });

  it('shows a new file as added and equal texts as nothing', () => {
    expect(signs('', 'a\nb')).toEqual(['add a', 'add b']);
    expect(signs('same', 'same')).toEqual([]);
  });
});
