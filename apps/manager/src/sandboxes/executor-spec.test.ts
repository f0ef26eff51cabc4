import { ExecutionSpec } from '@wegent/api';
import { describe, expect, test } from 'vitest';
import { specForExecutor } from './executor-spec.ts';

const spec = ExecutionSpec.parse({
  executionId: 'e',
  taskId: 't',
  messageId: 'm',
  attempt: 1,
  namespace: 'default',
  taskType: 'code',
  owner: { userId: 'u', name: 'ada' },
  bot: { name: 'coder', namespace: 'default' },
  shell: {
    name: 'ClaudeCode',
    shellType: 'ClaudeCode',
    network: 'gateway-only',
    turnSeconds: 60,
    idleSeconds: 60,
    startSeconds: 60,
    maxAttempts: 3,
  },
  workspace: {
    repository: {
      url: 'https://ada:S3CRET-url@git.example.org/a/b.git',
      credential: { type: 'basic', username: 'ada', password: 'S3CRET-git' },
    },
    workBranch: 'wegent/x',
    author: { name: 'Ada', email: 'ada@example.org' },
    setupCommands: [],
    env: { NODE_ENV: 'test' },
    submodules: false,
  },
  egress: [],
  outboundAllow: ['10.0.0.1:443'],
  model: {
    name: 'main',
    protocol: 'anthropic',
    modelId: 'model-1',
    baseUrl: 'https://S3CRET-host.example.org',
    apiKey: 'S3CRET-key',
    headers: { 'x-team': 'S3CRET-header' },
    env: { ANTHROPIC_AUTH_TOKEN: 'S3CRET-token', ANTHROPIC_SMALL_FAST_MODEL: 'model-0' },
    capabilities: {},
  },
  systemPrompt: '',
  mcpServers: {
    docs: {
      type: 'http',
      url: 'https://docs.example.org/mcp?key=S3CRET',
      headers: { authorization: 'S3CRET-mcp' },
    },
  },
  approvals: [],
  skills: [],
  history: [],
  input: { role: 'user', text: 'hello' },
  options: {},
});

describe('what a sandbox gets of a spec', () => {
  test('holds no secret', () => {
    expect(JSON.stringify(specForExecutor(spec))).not.toContain('S3CRET');
    expect(JSON.stringify(spec)).toContain('S3CRET-key');
    const { model, mcpServers, bot, systemPrompt, approvals } = spec;
    if (!model) throw new Error('the spec has a model');
    const member = { name: 'ben', description: '', bot, model, systemPrompt, mcpServers, approvals };
    const limits = { parallel: 1, delegations: 1 };
    const team = { ...spec, nativeTeam: { mode: 'route' as const, members: [member], rounds: 1, limits } };
    const given = specForExecutor(team);
    expect(JSON.stringify(given)).not.toContain('S3CRET');
    expect(given.nativeTeam?.members[0]?.model.modelId).toBe('model-1');
    expect(ExecutionSpec.parse(given)).toEqual(given);
  });

  test('keeps what the engine needs', () => {
    const given = specForExecutor(spec);
    expect(given.model).toMatchObject({
      modelId: 'model-1',
      protocol: 'anthropic',
      env: { ANTHROPIC_SMALL_FAST_MODEL: 'model-0' },
    });
    expect(given.workspace?.repository).toEqual({ url: 'https://git.example.org/a/b.git' });
    expect(given.workspace?.env).toEqual({ NODE_ENV: 'test' });
    expect(given.mcpServers).toEqual({ docs: { type: 'http', url: 'http://gateway/mcp/docs' } });
    expect(ExecutionSpec.parse(given)).toEqual(given);
  });
});
