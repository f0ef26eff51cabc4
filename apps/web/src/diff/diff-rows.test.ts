import { describe, expect, it } from 'vitest';
import { changedParts, splitRows } from './diff-rows.ts';
import { numberLines } from './parse-patch.ts';

const lines = numberLines([' a', '-b', '-c', '+B', ' d', '+e', '-f', '+F'], 1, 1);

describe('splitRows', () => {
  it('puts changes beside each other', () => {
    expect(splitRows(lines).map(({ left, right }) => [left?.text, right?.text])).toEqual([
      ['a', 'a'],
      ['b', 'B'],
      ['c', undefined],
      ['d', 'd'],
      [undefined, 'e'],
      ['f', 'F'],
    ]);
  });
});

describe('changedParts', () => {
  it('marks what differs inside a line, and nothing where everything does', () => {
    const changed = numberLines(['-const a = 1;', '+const a = 42;', '-x', '+completely different'], 1, 1);
    const marks = changedParts({ section: '', lines: changed });
    expect([...marks].map(([{ text }, [from, to]]) => text.slice(from, to))).toEqual(['1', '42']);
  });
});
