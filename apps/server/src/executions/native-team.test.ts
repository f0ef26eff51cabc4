import { expect, test } from 'vitest';
import { runsNatively } from './native-team.ts';

const shell = (name: string) => ({ name, namespace: 'public' });
const agno = { shellType: 'Agno' as const, shell: shell('Agno') };
const chat = { shellType: 'Chat' as const, shell: shell('Chat') };

test.each([
  ['coordinate', [agno, agno], true],
  ['route', [agno, agno, agno], true],
  ['collaborate', [agno, agno], true],
  ['pipeline', [agno, agno], false],
  ['solo', [agno], false],
  ['coordinate', [agno, chat], false],
  ['coordinate', [chat, chat], false],
  ['coordinate', [agno, { ...agno, shell: shell('Agno-big') }], false],
  ['coordinate', [agno, { ...agno, shell: { name: 'Agno', namespace: 'ada' } }], false],
] as const)('%s of %j runs in the engine: %s', (mode, members, expected) => {
  expect(runsNatively({ mode }, members)).toBe(expected);
});
