import { describe, expect, it } from 'vitest';
import { countLines, readEdit } from './read-edit.ts';

describe('readEdit', () => {
  it('shows what the tool says that it did', () => {
    const output = {
      filePath: '/w/a.ts',
      structuredPatch: [{ oldStart: 7, newStart: 7, lines: ['-a', '+b'] }],
    };
    const edit = readEdit('Edit', { file_path: '/w/a.ts', old_string: 'x', new_string: 'y' }, output);
    expect(edit?.path).toBe('/w/a.ts');
    expect(edit?.patch.hunks[0]?.lines).toEqual([
      { type: 'delete', text: 'a', oldLine: 7 },
      { type: 'add', text: 'b', newLine: 7 },
    ]);
  });

  it('shows what it is going to do while there is no answer, without numbers that nobody knows', () => {
    const edit = readEdit('Edit', { file_path: 'a', old_string: 'x', new_string: 'y' });
    expect(edit?.patch.hunks[0]?.lines).toEqual([
      { type: 'delete', text: 'x' },
      { type: 'add', text: 'y' },
    ]);
  });

  it('shows a new file and several edits', () => {
    const write = readEdit('Write', { file_path: 'a', content: '1\n2\n' });
    expect(write && countLines(write.patch)).toEqual({ additions: 2, deletions: 0 });
    const many = readEdit('MultiEdit', {
      file_path: 'a',
      edits: [
        { old_string: 'a', new_string: 'b' },
        { old_string: 'c', new_string: '' },
      ],
    });
    expect(many && countLines(many.patch)).toEqual({ additions: 1, deletions: 2 });
  });

  it.each([
    ['Bash', { command: 'ls' }],
    ['Edit', undefined],
    ['Edit', { file_path: 'a', old_string: 1 }],
  ])('says nothing about %s %j', (tool, input) => {
    expect(readEdit(tool, input)).toBeUndefined();
  });
});
