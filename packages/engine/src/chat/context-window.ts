import type { ModelEndpoint } from '@wegent/api';

/** Where a model is not known and its Model resource does not say. */
const DEFAULT_WINDOW = 128_000;
const DEFAULT_OUTPUT = 8_192;

/**
 * Tokens that a request to this model may have: its window less what its answer needs. The window comes from the
 * Model resource, else from the table of well-known ids, else it is 128,000.
 */
export function inputBudgetOf({ modelId, capabilities }: Pick<ModelEndpoint, 'modelId' | 'capabilities'>): {
  window: number;
  budget: number;
} {
  const window = capabilities.contextWindow ?? knownWindow(modelId) ?? DEFAULT_WINDOW;
  const output = Math.min(capabilities.maxOutputTokens ?? DEFAULT_OUTPUT, Math.floor(window / 4));
  return { window, budget: window - output };
}

function knownWindow(modelId: string): number | undefined {
  const id = modelId.toLowerCase().replace(/^.*\//, '');
  return WINDOWS.find(([prefix]) => id.startsWith(prefix))?.[1];
}

// The first prefix that fits counts, so longer ones stand before shorter ones.
const WINDOWS: readonly [prefix: string, tokens: number][] = [
  ['gpt-5', 400_000],
  ['gpt-4.1', 1_047_576],
  ['gpt-4o', 128_000],
  ['gpt-4-turbo', 128_000],
  ['gpt-4-32k', 32_768],
  ['gpt-4', 8_192],
  ['gpt-3.5', 16_385],
  ['o1', 200_000],
  ['o3', 200_000],
  ['o4', 200_000],
  ['claude', 200_000],
  ['gemini-1.5-pro', 2_097_152],
  ['gemini', 1_048_576],
  ['deepseek', 128_000],
  ['qwen3-coder', 262_144],
  ['qwen', 131_072],
  ['glm-4', 128_000],
  ['kimi', 131_072],
  ['moonshot-v1-8k', 8_192],
  ['moonshot-v1-32k', 32_768],
  ['mistral', 128_000],
  ['llama-3', 128_000],
  ['llama3', 128_000],
];
