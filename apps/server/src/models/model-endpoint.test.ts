import type { ResourceObject } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { modelEndpoint } from './model-endpoint.ts';

function model(
  env: Record<string, unknown>,
  spec: Record<string, unknown> = {},
  config: Record<string, unknown> = {},
): ResourceObject {
  return {
    apiVersion: 'agent.wecode.io/v1',
    kind: 'Model',
    metadata: { name: 'm', namespace: 'public' },
    spec: { modelConfig: { env, ...config }, ...spec },
  };
}

const placeholder = (name: string) => `$\{${name}}`;

describe('modelEndpoint', () => {
  it.each([
    [{ model: 'openai', model_id: 'gpt-x' }, {}, 'openai-chat'],
    [{ model: 'openai-responses', model_id: 'gpt-x' }, {}, 'openai-responses'],
    [{ model: 'claude', model_id: 'x' }, {}, 'anthropic'],
    [{ model: 'gemini', model_id: 'x' }, {}, 'gemini'],
    [{ ANTHROPIC_MODEL: 'x' }, {}, 'anthropic'],
    [{ OPENAI_MODEL: 'claude-like' }, {}, 'openai-chat'],
    [{ model_id: 'claude-sonnet' }, {}, 'anthropic'],
    [{ model_id: 'gemini-pro' }, {}, 'gemini'],
    [{ model_id: 'qwen' }, {}, 'openai-chat'],
    [{ model_id: 'x' }, { protocol: 'claude' }, 'anthropic'],
    [{ model_id: 'x' }, { protocol: 'own' }, 'openai-chat'],
  ])('%j %j speaks %s', (env, spec, protocol) => {
    expect(modelEndpoint(model(env, spec)).protocol).toBe(protocol);
  });

  it('collects address, key, headers and the rest of the environment', () => {
    const env = {
      ANTHROPIC_MODEL: 'claude-x',
      ANTHROPIC_AUTH_TOKEN: 'token',
      ANTHROPIC_BASE_URL: 'https://example.org',
      MAX_TOKENS: '8000',
      DEFAULT_HEADERS: { B: '2' },
      EXTRA: { a: 'b' },
    };
    const spec = { capabilities: { contextWindow: 1000 }, pricing: { input: 3, output: 15 } };
    expect(modelEndpoint(model(env, spec, { DEFAULT_HEADERS: { A: '1', B: '1' } }))).toEqual({
      name: 'm',
      protocol: 'anthropic',
      modelId: 'claude-x',
      baseUrl: 'https://example.org',
      apiKey: 'token',
      headers: { Authorization: 'Bearer token', A: '1', B: '2' },
      env: {
        ANTHROPIC_MODEL: 'claude-x',
        ANTHROPIC_AUTH_TOKEN: 'token',
        ANTHROPIC_BASE_URL: 'https://example.org',
        MAX_TOKENS: '8000',
        EXTRA: '{"a":"b"}',
      },
      capabilities: { vision: true, tools: true, reasoning: true, contextWindow: 1000 },
      pricing: { input: 3, output: 15 },
    });
  });

  it('resolves placeholders of allowed names and no others', () => {
    const object = model({
      model_id: 'x',
      api_key: placeholder('KEY'),
      base_url: `https://${placeholder('HOST')}/${placeholder('toString')}`,
      DEFAULT_HEADERS: { A: placeholder('KEY') },
    });
    expect(modelEndpoint(object, { KEY: 'secret', HOST: undefined })).toMatchObject({
      apiKey: 'secret',
      baseUrl: `https://${placeholder('HOST')}/${placeholder('toString')}`,
      headers: { A: 'secret' },
    });
    expect(modelEndpoint(object).apiKey).toBe(placeholder('KEY'));
  });

  it('needs a model, except for Dify', () => {
    expect(() => modelEndpoint(model({ model: 'openai', model_id: '' }))).toThrow(
      'does not say which model to use',
    );
    expect(modelEndpoint(model({ DIFY_API_KEY: 'k', DIFY_BASE_URL: 'https://d.example' }))).toMatchObject({
      modelId: '',
      apiKey: 'k',
      baseUrl: 'https://d.example',
    });
  });
});
