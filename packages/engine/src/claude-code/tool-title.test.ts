import { describe, expect, it } from 'vitest';
import { toolTitle } from './tool-title.ts';

describe('toolTitle', () => {
  it.each([
    ['Bash', { command: 'npm test\n && echo', description: 'Run the tests' }, 'Run the tests'],
    ['Bash', { command: 'npm  test\n&& echo' }, 'npm test && echo'],
    ['Read', { file_path: '/work/src/a.ts' }, 'Read src/a.ts'],
    ['Read', { file_path: '/etc/passwd' }, 'Read /etc/passwd'],
    ['Read', { file_path: '/workspace/a' }, 'Read /workspace/a'],
    ['NotebookEdit', { notebook_path: '/work/a.ipynb' }, 'Edit a.ipynb'],
    ['Grep', { pattern: 'x+' }, 'Search for x+'],
    ['Skill', { skill: 'wegent:greet' }, 'Skill: greet'],
    ['mcp__my_server__find_it', {}, 'my_server: Find it'],
    ['SomethingNew', undefined, 'Something new'],
    ['Write', { file_path: 7 }, 'Write'],
  ])('%s %j → %s', (tool, input, title) => {
    expect(toolTitle(tool, input, '/work')).toBe(title);
  });

  it('is short', () => {
    expect(toolTitle('Bash', { command: 'x'.repeat(500) }, '/work')).toHaveLength(120);
  });
});
