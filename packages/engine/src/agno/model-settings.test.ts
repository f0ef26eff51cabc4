import type { ModelEndpoint } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { modelSettings } from './model-settings.ts';

const gatewayUrl = 'http://127.0.0.1:4000';
const model = (change: Partial<ModelEndpoint>): ModelEndpoint => ({
  ...{ name: 'm', protocol: 'openai-chat', modelId: 'm', baseUrl: 'https://real', apiKey: 'sk-real' },
  ...{ headers: { 'x-key': 'real' }, env: {}, capabilities: {} },
  ...change,
});

describe('modelSettings', () => {
  it.each(['openai-chat', 'openai-responses', 'anthropic', 'gemini'] as const)(
    '%s goes through the gateway, without key, address and headers of the Model',
    (protocol) => {
      const text = JSON.stringify(modelSettings(model({ protocol }), { options: {}, gatewayUrl }));
      expect(text).toContain(`${gatewayUrl}/model`);
      expect(text).not.toMatch(/real/);
      expect(text).not.toMatch(/reasoning_effort|thinking|thoughts/);
    },
  );

  it.each([
    ['openai-chat', { reasoning_effort: 'medium', max_tokens: 100 }],
    ['openai-responses', { reasoning_effort: 'medium', max_output_tokens: 100, store: false }],
    ['anthropic', { max_tokens: 100 }],
    ['gemini', { include_thoughts: true, max_output_tokens: 100 }],
  ] as const)('%s thinks and keeps to the length of answers', (protocol, wanted) => {
    const settings = modelSettings(model({ protocol, capabilities: { maxOutputTokens: 100 } }), {
      options: { reasoning: true },
      gatewayUrl,
    });
    expect(settings).toMatchObject(wanted);
    // There is no room for thoughts in an answer of this length.
    expect(settings).not.toHaveProperty('thinking');
  });

  it.each([
    ['claude-3-haiku-20240307', 4_096],
    ['claude-3-7-sonnet', 32_000],
    ['claude-opus-5', 32_000],
    ['glm-5', 32_000],
  ])('%s answers with %i tokens at most', (modelId, tokens) => {
    const settings = modelSettings(model({ protocol: 'anthropic', modelId }), { options: {}, gatewayUrl });
    expect(settings).toMatchObject({ max_tokens: tokens });
  });

  it('does not ask a model to think that cannot', () => {
    const settings = modelSettings(model({ capabilities: { reasoning: false } }), {
      options: { reasoning: true },
      gatewayUrl,
    });
    expect(settings).not.toHaveProperty('reasoning_effort');
  });
});
