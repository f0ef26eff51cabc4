import { describe, expect, it } from 'vitest';
import { toolResult } from './tool-result.ts';

describe('toolResult', () => {
  it.each([
    [
      'the text of an error',
      ['<tool_use_error>no such file</tool_use_error>', { a: 1 }, true],
      'no such file',
    ],
    ['text parts', [[{ type: 'text', text: 'a' }, { type: 'image' }], 'not structured', false], 'a\n[image]'],
    ['nothing', [undefined, undefined, false], ''],
    [
      'structure without the original',
      ['x', { originalFile: 'old', userModified: false }, false],
      { userModified: false },
    ],
    ['images', ['x', { type: 'image', file: { base64: 'AAAA' } }, false], '[image]'],
    ['bytes', ['x', { file: { base64: 'AAAA', name: 'a' } }, false], { file: '[bytes]' }],
  ] as const)('%s', (_name, [content, structured, isError], output) => {
    expect(toolResult(content, structured, isError)).toEqual(output);
  });

  it('shows a new file as a diff, and cuts long texts', () => {
    expect(
      toolResult('x', { type: 'create', filePath: '/a', content: 'one\ntwo\n', structuredPatch: [] }, false),
    ).toEqual({
      type: 'create',
      filePath: '/a',
      structuredPatch: [{ oldStart: 0, oldLines: 0, newStart: 1, newLines: 2, lines: ['+one', '+two'] }],
    });
    const output = toolResult('x', { stdout: 'y'.repeat(300_000) }, false);
    expect(JSON.stringify(output).length).toBeLessThan(101_000);
    expect(JSON.stringify(output)).toContain('200000 more characters');
  });
});
