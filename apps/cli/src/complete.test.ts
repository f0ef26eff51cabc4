import { expect, test } from 'vitest';
import { complete } from './complete.ts';
import { createProgram } from './program.ts';

const names = {
  objects: async (kind: string, namespace: string | undefined) => [`${kind}-of-${namespace ?? 'me'}`],
  contexts: async () => ['home', 'work'],
};

test.each<[string[], string[]]>([
  [['de'], ['delete', 'describe']],
  [['get', 'tea'], ['teams']],
  [['get', 'teams', ''], ['teams-of-me']],
  [['-n', 'public', 'get', 'team/'], ['team/team-of-public']],
  [['delete', '--ignore-not-found', 'bots', 'one', ''], ['bots-of-me']],
  [['run', '--timeout', '5m', '-n', 'public', ''], ['teams-of-public']],
  [['run', 'assistant', ''], []],
  [['run', '--app'], ['--approve']],
  [['run', '--title', ''], []],
  [['logs', ''], ['tasks-of-me']],
  [['config', 'use-context', 'w'], ['work']],
  [
    ['--context', ''],
    ['home', 'work'],
  ],
  [
    ['completion', ''],
    ['bash', 'fish', 'zsh'],
  ],
  [['get', '--serv'], ['--server']],
])('completes %j', async (words, expected) => {
  expect(await complete(createProgram(), words, names)).toEqual(expected);
});

test('does not offer what people shall not type', async () => {
  const all = await complete(createProgram(), [''], names);
  expect(all).toContain('completion');
  expect(all).not.toContain('__complete');
});
