import { describe, expect, it } from 'vitest';
import { ghost, startResourceServer } from './support/resource-server.ts';

// Written the way documents of the reference format are written.
const REFERENCE_YAML = `
apiVersion: agent.wecode.io/v1
kind: Team
metadata:
  name: ship-it
  namespace: default
  user_id: 1
  displayName: Ship it
spec:
  workflow:
    mode: pipeline
  description: implement, then review
  bind_mode: [code]
  members:
    - botRef: { name: coder, namespace: default }
      role: leader
      prompt: ""
    - botRef: { name: critic, namespace: default }
      prompt: Only comment, do not edit.
status:
  state: Available
---
apiVersion: agent.wecode.io/v1
kind: Bot
metadata: { name: coder, namespace: default, user_id: 1 }
spec:
  ghostRef: { name: coder-ghost, namespace: default }
  shellRef: { name: claude-java, namespace: default }
  modelRef: { name: sonnet, namespace: default }
status: { state: Available }
---
apiVersion: agent.wecode.io/v1
kind: Bot
metadata: { name: critic, namespace: default }
spec:
  ghostRef: { name: coder-ghost, namespace: default }
  shellRef: { name: ClaudeCode, namespace: default }
  modelRef: null
---
apiVersion: agent.wecode.io/v1
kind: Ghost
metadata: { name: coder-ghost, namespace: default }
spec:
  systemPrompt: |
    You write code.
    And tests.
  mcpServers:
    mcpServers:
      docs: { transport: streamable-http, url: "https://mcp.example.org/docs", headers: { X-User: "\${{user.name}}" } }
  skills: [changelog-writer]
status: { state: Available }
---
apiVersion: agent.wecode.io/v1
kind: Model
metadata: { name: sonnet, namespace: default, displayName: Sonnet }
spec:
  isCustomConfig: true
  protocol: claude
  modelConfig:
    env:
      model: claude
      ANTHROPIC_MODEL: claude-x
      ANTHROPIC_AUTH_TOKEN: token-1
      ANTHROPIC_BASE_URL: https://api.example.org
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: 8000
      DISABLE_TELEMETRY: true
---
---
apiVersion: agent.wecode.io/v1
kind: Shell
metadata: { name: claude-java, namespace: default, labels: { type: local_engine } }
spec: { runtime: ClaudeCode, baseShellRef: ClaudeCode, baseImage: "registry.example.org/agents/jdk21:1", supportModel: [] }
status:
  state: Available
`;

const operations = (answer: { body: { results: { operation: string }[] } }) =>
  answer.body.results.map(({ operation }) => operation);

describe('apply', () => {
  it('takes documents of the reference format in any order; the second time nothing changes', async () => {
    await using server = await startResourceServer();
    const send = (path: string) =>
      server.call('POST', path, { body: REFERENCE_YAML, type: 'application/yaml' });
    const dry = await send('/api/v1/namespaces/bob/apply?dryRun=All');
    expect(dry.status).toBe(200);
    expect(operations(dry)).toEqual(new Array(6).fill('created'));
    expect((await server.get('/api/v1/namespaces/bob/teams')).body.items).toEqual([]);

    const first = await send('/api/v1/namespaces/bob/apply');
    expect(first.body.results).toEqual(
      [
        ['Team', 'ship-it'],
        ['Bot', 'coder'],
        ['Bot', 'critic'],
        ['Ghost', 'coder-ghost'],
        ['Model', 'sonnet'],
        ['Shell', 'claude-java'],
      ].map(([kind, name]) => ({
        kind,
        namespace: 'bob',
        name,
        operation: 'created',
      })),
    );
    const second = await send('/api/v1/namespaces/bob/apply');
    expect(second.status).toBe(200);
    expect(operations(second)).toEqual(new Array(6).fill('unchanged'));

    const { body: team } = await server.get('/api/v1/namespaces/bob/teams/ship-it');
    expect(team).toMatchObject({
      metadata: { annotations: { 'agent.wecode.io/display-name': 'Ship it' }, generation: 1 },
      spec: {
        collaborationModel: 'pipeline',
        members: [{ botRef: { name: 'coder' }, role: 'leader', prompt: '' }, {}],
      },
      status: { conditions: [{ status: 'True' }] },
    });
    const removed = await server.call('POST', '/api/v1/namespaces/bob/delete', {
      body: REFERENCE_YAML,
      type: 'application/yaml',
    });
    expect(operations(removed)).toEqual(new Array(6).fill('deleted'));
    expect((await server.get('/api/v1/namespaces/bob/ghosts')).body.items).toEqual([]);
  });

  it('lands in `default` for whom that is an own namespace, and stays where it belongs otherwise', async () => {
    await using server = await startResourceServer();
    const body = [{ ...ghost('a'), metadata: { name: 'a', namespace: 'default' } }];
    const mine = await server.call('POST', '/api/v1/namespaces/default/apply', { body, person: 'admin' });
    expect(mine.body.results).toEqual([
      { kind: 'Ghost', namespace: 'default', name: 'a', operation: 'created' },
    ]);
    const foreign = await server.call('POST', '/api/v1/namespaces/bob/apply', {
      body: [{ ...ghost('a'), metadata: { name: 'a', namespace: 'eve' } }],
    });
    expect(foreign.status).toBe(207);
    expect(foreign.body.results[0]).toMatchObject({
      namespace: 'eve',
      operation: 'failed',
      error: { kind: 'Status', reason: 'Forbidden' },
    });
  });

  it('lets each document stand by itself', async () => {
    await using server = await startResourceServer();
    const batch = await server.call('POST', '/api/v1/namespaces/bob/apply', {
      body: {
        kind: 'List',
        items: [
          ghost('good'),
          { ...ghost('bad'), spec: {} },
          { kind: 'Gadget', metadata: { name: 'x' } },
          7,
          { kind: 'Ghost', metadata: {} },
          ghost('also-good'),
        ],
      },
    });
    expect(batch.status).toBe(207);
    expect(operations(batch)).toEqual(['created', 'failed', 'failed', 'failed', 'failed', 'created']);
    expect(batch.body.results.map(({ error }: { error?: { message: string } }) => error?.message)).toEqual([
      undefined,
      'Ghost.agent.wecode.io "bad" is invalid: spec.systemPrompt: Required value',
      'document 3: no kind "Gadget"; known kinds are Ghost, Model, Shell, Skill, Workspace, Bot, Team, Task',
      'document 4: expected a mapping with apiVersion, kind, metadata and spec',
      'document 5: it has no metadata.name',
      undefined,
    ]);
  });

  it('changes what differs, adds labels and keeps those of others', async () => {
    await using server = await startResourceServer();
    await server.call('POST', '/api/v1/namespaces/bob/ghosts', {
      body: ghost('a', { metadata: { labels: { mine: 'x' } } }),
    });
    const changed = await server.call('POST', '/api/v1/namespaces/bob/apply', {
      body: [ghost('a', { metadata: { labels: { new: 'y' } }, spec: { systemPrompt: 'Other.' } })],
    });
    expect(operations(changed)).toEqual(['configured']);
    const { body } = await server.get('/api/v1/namespaces/bob/ghosts/a');
    expect(body).toMatchObject({
      metadata: { labels: { mine: 'x', new: 'y' }, generation: 2 },
      spec: { systemPrompt: 'Other.' },
    });
  });

  it('refuses to delete what others use, and what is not there', async () => {
    await using server = await startResourceServer();
    await server.call('POST', '/api/v1/namespaces/bob/apply', {
      body: [
        ghost('a'),
        {
          kind: 'Bot',
          metadata: { name: 'b' },
          spec: { ghostRef: { name: 'a' }, shellRef: { name: 'Chat' } },
        },
      ],
    });
    const refused = await server.call('POST', '/api/v1/namespaces/bob/delete', {
      body: [ghost('a'), ghost('nope')],
    });
    expect(refused.status).toBe(207);
    expect(refused.body.results.map(({ error }: { error: { reason: string } }) => error.reason)).toEqual([
      'Conflict',
      'NotFound',
    ]);
    expect(
      operations(
        await server.call('POST', '/api/v1/namespaces/bob/delete?force=true', { body: [ghost('a')] }),
      ),
    ).toEqual(['deleted']);
  });
});
