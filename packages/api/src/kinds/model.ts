import { z } from 'zod';
import { defineKind } from '../define-kind.ts';
import { CommonStatus } from '../meta.ts';

const EnvValue = z.union([z.string().max(65_536), z.record(z.string(), z.string())]);

/** The environment of a model: provider, id, key, address, and whatever the engine passes on. */
export const ModelEnv = z
  .object({
    model: z
      .enum(['openai', 'openai-responses', 'claude', 'gemini'])
      .optional()
      .describe('Protocol of the provider. openai is Chat Completions, which most servers speak.'),
    model_id: z.string().max(512).optional().describe("The provider's name of the model."),
    api_key: z.string().max(65_536).optional().describe('Key; stored sealed and never read back.'),
    base_url: z.string().max(2048).optional().describe("Address of the API; the provider's own when absent."),
    small_model: z.string().max(512).optional().describe('Smaller model for side work.'),
    DEFAULT_HEADERS: z
      .record(z.string(), z.string())
      .optional()
      .describe('Extra request headers; stored sealed.'),
  })
  .catchall(EnvValue);

/** What a model can do; unknown ones are assumed from the provider. */
export const ModelCapabilities = z.strictObject({
  vision: z.boolean().optional().describe('Understands images.'),
  tools: z.boolean().optional().describe('Calls tools.'),
  reasoning: z.boolean().optional().describe('Shows its reasoning.'),
  contextWindow: z
    .number()
    .int()
    .min(256)
    .max(100_000_000)
    .optional()
    .describe('Tokens that fit into one request.'),
  maxOutputTokens: z.number().int().min(1).max(10_000_000).optional().describe('Tokens of one answer.'),
});

/** Price in US dollars per million tokens. */
export const ModelPricing = z.strictObject({
  input: z.number().min(0).optional(),
  cachedInput: z.number().min(0).optional(),
  output: z.number().min(0).optional(),
});
export type ModelPricing = z.infer<typeof ModelPricing>;

/** Spec of a Model. */
export const ModelSpec = z.strictObject({
  modelConfig: z
    .object({
      env: ModelEnv.describe('Provider, id, key and address.'),
      DEFAULT_HEADERS: z
        .record(z.string(), z.string())
        .optional()
        .describe('Extra request headers; stored sealed.'),
    })
    .catchall(z.unknown())
    .describe('How the model is reached.'),
  modelType: z
    .enum(['llm', 'tts', 'stt', 'embedding', 'rerank'])
    .default('llm')
    .describe('What the model is for.'),
  isCustomConfig: z.boolean().optional().describe('A private model of one Bot, hidden from pickers.'),
  protocol: z.string().max(64).optional().describe('Protocol name of the reference format.'),
  capabilities: ModelCapabilities.optional().describe('What the model can do.'),
  pricing: ModelPricing.optional().describe('US dollars per million tokens.'),
  limits: z
    .strictObject({
      requestsPerMinute: z.number().int().min(1).optional(),
      tokensPerMinute: z.number().int().min(1).optional(),
    })
    .optional()
    .describe('What the platform may ask of the provider.'),
  ttsConfig: z.record(z.string(), z.unknown()).optional(),
  sttConfig: z.record(z.string(), z.unknown()).optional(),
  embeddingConfig: z.record(z.string(), z.unknown()).optional(),
  rerankConfig: z.record(z.string(), z.unknown()).optional(),
});
export type ModelSpec = z.infer<typeof ModelSpec>;

/** Status of a Model. */
export const ModelStatus = CommonStatus.extend({
  reachable: z.boolean().optional().describe('Outcome of the last test.'),
  lastTest: z
    .object({
      at: z.string(),
      ok: z.boolean(),
      latencyMs: z.number().optional(),
      message: z.string().optional(),
    })
    .optional()
    .describe('The last test.'),
});
export type ModelStatus = z.infer<typeof ModelStatus>;

/** A language model and how to reach it. */
export const Model = defineKind({
  kind: 'Model',
  plural: 'models',
  shortNames: ['mdl'],
  description: 'A language model: provider, id, address, key, abilities and price.',
  spec: ModelSpec,
  status: ModelStatus,
  secrets: [
    'spec.modelConfig.env.api_key',
    'spec.modelConfig.env.*_TOKEN',
    'spec.modelConfig.env.*_KEY',
    'spec.modelConfig.env.*SECRET*',
    'spec.modelConfig.env.*PASSWORD*',
    'spec.modelConfig.env.DEFAULT_HEADERS.*',
    'spec.modelConfig.DEFAULT_HEADERS.*',
  ],
  columns: [
    {
      name: 'Provider',
      type: 'string',
      description: 'Protocol of the provider.',
      value: (object) => env(object.spec).model,
    },
    {
      name: 'Model',
      type: 'string',
      description: "The provider's name of it.",
      value: (object) => env(object.spec).model_id ?? env(object.spec).ANTHROPIC_MODEL,
    },
    {
      name: 'Reachable',
      type: 'boolean',
      description: 'Outcome of the last test.',
      value: (object) => object.status?.reachable as boolean | undefined,
    },
  ],
  normalise: (spec) => {
    const config = spec.modelConfig;
    if (typeof config !== 'object' || config === null) return spec;
    const { env: rawEnv, ...rest } = config as Record<string, unknown>;
    const environment =
      typeof rawEnv === 'object' && rawEnv !== null
        ? normaliseEnv(rawEnv as Record<string, unknown>)
        : rawEnv;
    const headers = headersOf(rest.DEFAULT_HEADERS);
    return {
      ...spec,
      modelConfig: {
        ...rest,
        ...(headers === undefined ? {} : { DEFAULT_HEADERS: headers }),
        ...(environment === undefined ? {} : { env: environment }),
      },
    };
  },
});

function env(spec: Record<string, unknown>): Record<string, string | undefined> {
  return ((spec.modelConfig as { env?: Record<string, string> } | undefined)?.env ?? {}) as Record<
    string,
    string | undefined
  >;
}

// YAML reads 8000 and true as number and boolean; environment values are text. Headers may come as JSON text.
function normaliseEnv(environment: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(environment)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([key, value]) => {
        if (key === 'DEFAULT_HEADERS') return [key, headersOf(value)];
        if (key === 'model') return [key, PROVIDER_ALIASES[String(value)] ?? value];
        return [key, typeof value === 'number' || typeof value === 'boolean' ? String(value) : value];
      }),
  );
}

const PROVIDER_ALIASES: Record<string, string> = { anthropic: 'claude', google: 'gemini' };

function headersOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
