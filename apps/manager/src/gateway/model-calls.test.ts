import { expect, test } from 'vitest';
import { allowedModels, modelCallOf, problemOfBody } from './model-calls.ts';

test.each([
  ['anthropic', 'POST', '/v1/messages?beta=true&api_key=x', '/messages?beta=true'],
  ['anthropic', 'POST', '/messages/count_tokens', '/messages/count_tokens'],
  ['anthropic', 'GET', '/v1/models?limit=5', '/models?limit=5'],
  ['anthropic', 'GET', '/v1/messages', undefined],
  ['anthropic', 'POST', '/v1/messages/batches', undefined],
  ['anthropic', 'POST', '/v1/chat/completions', undefined],
  ['anthropic', 'POST', '/v1/v1/messages', undefined],
  ['anthropic', 'POST', '/v1/models', undefined],
  ['openai-chat', 'POST', '/chat/completions', '/chat/completions'],
  ['openai-chat', 'POST', '/v1/responses', undefined],
  ['openai-responses', 'POST', '/v1/responses/', '/responses'],
  ['openai-responses', 'GET', '/v1/responses/resp_1', undefined],
  ['openai-responses', 'POST', '/v1/files', undefined],
  [
    'gemini',
    'POST',
    '/v1beta/models/gem:streamGenerateContent?alt=sse',
    '/models/gem:streamGenerateContent?alt=sse',
  ],
  ['gemini', 'POST', '/v1beta/models/gem:embedContent', undefined],
] as const)('%s %s %s → %s', (protocol, method, target, expected) => {
  const { pathname, searchParams } = new URL(target, 'http://gateway');
  const call = modelCallOf({ protocol, method, path: pathname, query: searchParams });
  expect(call && `${call.path}${call.query}`).toBe(expected);
});

test('a run may use its Model and the helpers that the Model names', () => {
  const env = {
    ANTHROPIC_DEFAULT_HAIKU_MODEL: 'haiku',
    CLAUDE_CODE_SUBAGENT_MODEL: 'sub',
    OTHER_MODEL_NAME: 'no',
    ANTHROPIC_API_KEY: 'key',
  };
  expect(allowedModels({ modelId: 'big[1m]', env })).toEqual(['big[1m]', 'big', 'haiku', 'sub']);
});

test('tools of the provider that reach other hosts take an open network', () => {
  const endpoint = { name: 'm', modelId: 'x', env: {} };
  const remote = { tools: [{ type: 'function' }, { type: 'mcp', server_url: 'https://example.org' }] };
  const ask = (body: Record<string, unknown>, network: 'allowlist' | 'open') =>
    problemOfBody({ body, model: 'x', endpoint, network });
  expect(ask(remote, 'allowlist')).toContain('network: open');
  expect(ask(remote, 'open')).toBeUndefined();
  expect(ask({ mcp_servers: [] }, 'allowlist')).toBeUndefined();
  expect(
    ask({ tools: [{ type: 'web_search_20250305' }, { name: 'own' }, null] }, 'allowlist'),
  ).toBeUndefined();
  expect(ask({ background: true }, 'open')).toContain('background');
});
