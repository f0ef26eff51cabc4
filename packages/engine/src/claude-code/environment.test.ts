import { describe, expect, it } from 'vitest';
import { environmentOf } from './environment.ts';
import { usageOf } from './usage.ts';

const MODEL = {
  ...{
    name: 'demo',
    protocol: 'anthropic' as const,
    modelId: 'model-1',
    apiKey: 'the-key',
    headers: { 'x-secret': 'header' },
  },
  env: {
    small_model: 'small-1',
    EXTRA: 'yes',
    ANTHROPIC_BASE_URL: 'http://evil',
    ANTHROPIC_API_KEY: 'stray',
    other: 'no',
  },
  capabilities: { contextWindow: 50_000, maxOutputTokens: 4_000 },
};
const TURN = {
  env: { PATH: '/given', NO_PROXY: 'intern' },
  gatewayUrl: 'http://127.0.0.1:5',
  homeFolder: '/h',
};

describe('environmentOf', () => {
  it('points everything at the gateway and holds no key', () => {
    const env = environmentOf(MODEL, TURN, '/h/.claude');
    expect(env).toMatchObject({
      PATH: '/given',
      HOME: '/h',
      EXTRA: 'yes',
      NO_PROXY: '127.0.0.1,localhost,intern',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:5/model',
      ANTHROPIC_AUTH_TOKEN: 'placeholder',
      ANTHROPIC_MODEL: 'model-1',
      ANTHROPIC_SMALL_FAST_MODEL: 'small-1',
      ANTHROPIC_DEFAULT_HAIKU_MODEL: 'small-1',
      ANTHROPIC_DEFAULT_OPUS_MODEL: 'model-1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_AUTO_COMPACT_WINDOW: '50000',
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: '4000',
    });
    expect(JSON.stringify(env)).not.toMatch(/the-key|header|stray|evil/);
    expect(env).not.toHaveProperty('other');
  });
});

describe('usageOf', () => {
  const usage = {
    ...{ inputTokens: 10, outputTokens: 5, cacheReadInputTokens: 100, cacheCreationInputTokens: 20 },
    ...{ thinkingTokens: 2, costUSD: 0.5 },
  };

  it('adds models up, and prices them by the Model, else by the agent where it knows the price', () => {
    expect(usageOf({}, undefined)).toBeUndefined();
    expect(usageOf({ a: usage, b: usage }, undefined)).toEqual({
      inputTokens: 260,
      cachedInputTokens: 200,
      outputTokens: 10,
      reasoningTokens: 4,
      costUsd: 1,
    });
    expect(usageOf({ a: { ...usage, costBasis: 'unknown' } }, undefined)?.costUsd).toBeNull();
    expect(usageOf({ a: usage }, { input: 1, cachedInput: 0, output: 1 })?.costUsd).toBeCloseTo(35 / 1e6, 12);
  });
});
