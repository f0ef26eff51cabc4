import { ApiError, type ModelEndpoint, ModelSpec, type ResourceObject } from '@wegent/api';
import { resolvePlaceholders } from './placeholders.ts';

type Provider = 'openai' | 'openai-responses' | 'claude' | 'gemini';

const PROTOCOL: Record<Provider, ModelEndpoint['protocol']> = {
  openai: 'openai-chat',
  'openai-responses': 'openai-responses',
  claude: 'anthropic',
  gemini: 'gemini',
};

const CAPABILITIES: Record<Provider, ModelEndpoint['capabilities']> = {
  openai: { vision: true, tools: true, contextWindow: 128_000 },
  'openai-responses': { vision: true, tools: true, contextWindow: 128_000 },
  claude: { vision: true, tools: true, reasoning: true, contextWindow: 200_000 },
  gemini: { vision: true, tools: true, reasoning: true, contextWindow: 1_000_000 },
};

// Own fields first, then the names that the providers' tools read.
const MODEL_ID = ['model_id', 'ANTHROPIC_MODEL', 'OPENAI_MODEL', 'GEMINI_MODEL'];
const BASE_URL = [
  'base_url',
  'ANTHROPIC_BASE_URL',
  'OPENAI_BASE_URL',
  'OPENAI_API_BASE',
  'GEMINI_BASE_URL',
  'DIFY_BASE_URL',
];
const API_KEY = [
  'api_key',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'OPENAI_API_KEY',
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'GOOGLE_GENERATIVE_AI_API_KEY',
  'DIFY_API_KEY',
];
const OWN_FIELDS = ['model', 'model_id', 'api_key', 'base_url', 'DEFAULT_HEADERS'];

/**
 * How to reach a Model whose secrets are open. `environment` resolves `${NAME}` placeholders; the caller gives the
 * allowed variables for Models of `public` and nothing for others. Throws `Invalid` when it names no model.
 */
export function modelEndpoint(
  object: ResourceObject,
  environment: Readonly<Record<string, string | undefined>> = {},
): ModelEndpoint {
  const spec = ModelSpec.parse(resolvePlaceholders(object.spec, environment));
  const { env } = spec.modelConfig;
  const texts = textsOf(env);
  const provider = env.model ?? providerOf(texts, spec.protocol);
  const modelId = firstOf(texts, MODEL_ID);
  // A Dify application chooses its model itself.
  if (modelId === undefined && !Object.keys(texts).some((name) => name.startsWith('DIFY_'))) {
    throw new ApiError(
      'Invalid',
      `Model "${object.metadata.name}" does not say which model to use. Set modelConfig.env.model_id.`,
    );
  }
  const baseUrl = firstOf(texts, BASE_URL);
  const apiKey = firstOf(texts, API_KEY);
  return {
    name: object.metadata.name,
    protocol: PROTOCOL[provider],
    modelId: modelId ?? '',
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(apiKey === undefined ? {} : { apiKey }),
    headers: { ...bearerHeader(texts), ...spec.modelConfig.DEFAULT_HEADERS, ...env.DEFAULT_HEADERS },
    env: Object.fromEntries(Object.entries(texts).filter(([name]) => !OWN_FIELDS.includes(name))),
    capabilities: { ...CAPABILITIES[provider], ...spec.capabilities },
    ...(spec.pricing ? { pricing: spec.pricing } : {}),
  };
}

function providerOf(env: Record<string, string>, protocol: string | undefined): Provider {
  const named = (prefix: string) => Object.keys(env).some((name) => name.startsWith(prefix));
  if (
    protocol === 'openai' ||
    protocol === 'openai-responses' ||
    protocol === 'claude' ||
    protocol === 'gemini'
  )
    return protocol;
  if (protocol === 'anthropic' || named('ANTHROPIC_')) return 'claude';
  if (named('GEMINI_') || named('GOOGLE_')) return 'gemini';
  if (named('OPENAI_')) return 'openai';
  const id = firstOf(env, MODEL_ID)?.toLowerCase() ?? '';
  if (id.startsWith('claude')) return 'claude';
  return id.startsWith('gemini') ? 'gemini' : 'openai';
}

function textsOf(env: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env)
      .filter(([name, value]) => name !== 'DEFAULT_HEADERS' && value !== undefined && value !== '')
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

// Servers that take ANTHROPIC_AUTH_TOKEN read it from the Authorization header.
function bearerHeader(env: Record<string, string>): Record<string, string> {
  const token = env.ANTHROPIC_AUTH_TOKEN;
  if (token === undefined || env.api_key !== undefined || env.ANTHROPIC_API_KEY !== undefined) return {};
  return { Authorization: `Bearer ${token}` };
}

function firstOf(env: Record<string, string>, names: readonly string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value !== undefined);
}
