import { type ResourceObject, TeamSpec } from '@wegent/api';
import { expect, test } from 'vitest';
import { enginesOf, resolveShells, worksInSandbox } from './use-runtime.ts';

const object = (
  kind: string,
  namespace: string,
  name: string,
  spec: Record<string, unknown>,
): ResourceObject => ({
  apiVersion: 'agent.wecode.io/v1',
  kind,
  metadata: { name, namespace },
  spec,
});
const bots = [
  object('Bot', 'me', 'coder', { ghostRef: { name: 'g' }, shellRef: { name: 'code' } }),
  object('Bot', 'public', 'talker', { ghostRef: { name: 'g' }, shellRef: { name: 'chat' } }),
];
const shells = [
  object('Shell', 'public', 'code', { shellType: 'ClaudeCode' }),
  object('Shell', 'public', 'chat', { shellType: 'Chat' }),
];
const team = (...names: string[]) => ({
  namespace: 'me',
  spec: TeamSpec.parse({
    members: names.map((name, index) => ({ name: `member-${index}`, botRef: { name } })),
  }),
});

test('members are found in their space and in the public one, each Shell once', () => {
  const found = resolveShells(team('coder', 'coder', 'talker', 'nobody'), bots, shells);
  expect(found.map(({ shellType }) => shellType)).toEqual(['ClaudeCode', 'Chat']);
  expect(enginesOf(found)).toEqual(['claude-code']);
});

test('only what is known to need no sandbox cannot work on code', () => {
  expect(worksInSandbox(resolveShells(team('talker'), bots, shells))).toBe(false);
  expect(worksInSandbox(resolveShells(team('coder'), bots, shells))).toBe(true);
  expect(worksInSandbox([])).toBe(true);
});
