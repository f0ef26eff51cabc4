import { expect, test } from 'vitest';
import { readToolTitle } from './tool-title.ts';

test.each([
  ['Read', 'Read src/a.ts', { agent: undefined, action: 'read', what: 'src/a.ts' }],
  ['Edit', 'Tester › Edit a b.ts', { agent: 'Tester', action: 'edit', what: 'a b.ts' }],
  ['Bash', 'Run the tests', { agent: undefined, action: undefined, what: 'Run the tests' }],
  ['Agent', 'Agent: Look around', { agent: undefined, action: 'agent', what: 'Look around' }],
  ['TodoWrite', 'Todo write', { agent: undefined, action: 'todo', what: '' }],
  ['mcp__clock__now', 'clock: Now', { agent: undefined, action: undefined, what: 'clock: Now' }],
  ['search', '', { agent: undefined, action: undefined, what: 'search' }],
  ['Read', 'Something else', { agent: undefined, action: undefined, what: 'Something else' }],
])('%s “%s”', (tool, title, expected) => {
  expect(readToolTitle(tool, title)).toEqual(expected);
});
