import { expect, test } from 'vitest';
import { yamlPlaceAt } from './yaml-path.ts';

const TEXT = `apiVersion: v1
kind: Team
metadata:
  name: t
spec:
  # who
  members:
    - name: first
      botRef:
        name: a
    - botRef:
        name: b

      role: leader
  quickPrompts:
  - "one: two"
  -
---
kind: Ghost
spec:
  mcpServers:
    db:
      headers:
        Authorization: x
  systemPrompt: |
    You: are
  `.split('\n');

test.each([
  [1, 'Team', [], 'kind', 'Team'],
  [3, 'Team', ['metadata'], 'name', 't'],
  [7, 'Team', ['spec', 'members', 0], 'name', 'first'],
  [8, 'Team', ['spec', 'members', 0], 'botRef', ''],
  [9, 'Team', ['spec', 'members', 0, 'botRef'], 'name', 'a'],
  [11, 'Team', ['spec', 'members', 0, 'botRef'], 'name', 'b'],
  [13, 'Team', ['spec', 'members', 0], 'role', 'leader'],
  [15, 'Team', ['spec', 'quickPrompts', 0], undefined, '"one: two"'],
  [16, 'Team', ['spec', 'quickPrompts', 0], undefined, ''],
  [18, 'Ghost', [], 'kind', 'Ghost'],
  [23, 'Ghost', ['spec', 'mcpServers', 'db', 'headers'], 'Authorization', 'x'],
  [26, 'Ghost', ['spec'], undefined, ''],
] as const)('line %i is in %s at %j', (line, kind, path, key, rest) => {
  expect(yamlPlaceAt(TEXT, line)).toMatchObject({ kind, path, key, rest });
});
