import { API_VERSION, DISPLAY_NAME_ANNOTATION, MASK, type ResourceObject } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { draftOf, newDraft, objectOf, slugOf } from './model-draft.ts';
import { presetById, presetOf } from './presets.ts';

const stored: ResourceObject = {
  apiVersion: API_VERSION,
  kind: 'Model',
  metadata: {
    name: 'mine',
    namespace: 'default',
    resourceVersion: '7',
    annotations: { [DISPLAY_NAME_ANNOTATION]: 'Mine' },
  },
  spec: {
    modelConfig: {
      env: {
        model: 'claude',
        model_id: 'claude-x',
        api_key: MASK,
        base_url: 'https://models.example.com',
        small_model: 'tiny',
      },
      DEFAULT_HEADERS: { 'X-Team': MASK },
    },
    modelType: 'llm',
    limits: { requestsPerMinute: 5 },
    capabilities: { vision: false, contextWindow: 1000 },
  },
};

describe('objectOf', () => {
  it('makes the smallest document from a preset', () => {
    const draft = {
      ...newDraft(presetById('ollama'), 'default'),
      name: 'local',
      displayName: 'Local',
      modelId: ' qwen3 ',
    };
    expect(objectOf(draft)).toEqual({
      apiVersion: API_VERSION,
      kind: 'Model',
      metadata: { name: 'local', namespace: 'default', annotations: { [DISPLAY_NAME_ANNOTATION]: 'Local' } },
      spec: {
        modelConfig: { env: { model: 'openai', model_id: 'qwen3', base_url: 'http://127.0.0.1:11434/v1' } },
        capabilities: {},
        pricing: {},
      },
    });
  });

  it('gives a stored document back with its masks and what the form does not show', () => {
    const object = objectOf(draftOf(stored), stored);
    expect(object.metadata).toEqual(stored.metadata);
    expect(object.spec).toMatchObject({
      modelConfig: { env: { api_key: MASK, small_model: 'tiny', DEFAULT_HEADERS: { 'X-Team': MASK } } },
      limits: { requestsPerMinute: 5 },
      capabilities: { vision: false, contextWindow: 1000 },
    });
  });

  it('takes away what was emptied', () => {
    const object = objectOf(
      { ...draftOf(stored), apiKey: '', baseUrl: '', headers: [], contextWindow: null },
      stored,
    );
    expect(object.spec).toMatchObject({ capabilities: { vision: false } });
    expect(object.spec.modelConfig).toEqual({
      env: { model: 'claude', model_id: 'claude-x', small_model: 'tiny' },
    });
  });
});

describe('slugOf', () => {
  it.each([
    ['GPT-5 mini', 'gpt-5-mini'],
    ['  Claude — Sonnet 4.5 ', 'claude-sonnet-4.5'],
    ['Événement', 'evenement'],
    ['通义千问', ''],
    ['a..b', 'a-b'],
  ])('%j becomes %j', (text, slug) => {
    expect(slugOf(text)).toBe(slug);
  });
});

describe('presetOf', () => {
  it.each([
    ['openai', '', 'openai'],
    ['openai', 'https://openrouter.ai/api/v1', 'openrouter'],
    ['openai', 'http://10.0.0.1:8000/v1', 'openaiCompatible'],
    ['claude', 'https://models.example.com', 'anthropicCompatible'],
    ['claude', '', 'anthropic'],
  ] as const)('%s at %j is %s', (protocol, baseUrl, id) => {
    expect(presetOf({ protocol, baseUrl }).id).toBe(id);
  });
});
