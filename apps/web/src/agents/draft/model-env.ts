import { isMapping } from '@wegent/kube';
import type { AgentDocument } from './agent-document.ts';
import { withChange } from './agent-draft.ts';

/** Names under which an environment may say the same thing; the first is ours, the others are those of the providers' tools. */
export const MODEL_NAMES = {
  modelId: ['model_id', 'ANTHROPIC_MODEL', 'OPENAI_MODEL', 'GEMINI_MODEL'],
  baseUrl: ['base_url', 'ANTHROPIC_BASE_URL', 'OPENAI_BASE_URL', 'OPENAI_API_BASE', 'GEMINI_BASE_URL'],
  apiKey: [
    'api_key',
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_AUTH_TOKEN',
    'OPENAI_API_KEY',
    'GEMINI_API_KEY',
    'GOOGLE_API_KEY',
    'GOOGLE_GENERATIVE_AI_API_KEY',
  ],
} as const;

/** The same of a Dify application. */
export const DIFY_NAMES = {
  baseUrl: ['DIFY_BASE_URL', 'base_url'],
  apiKey: ['DIFY_API_KEY', 'api_key'],
  params: ['DIFY_PARAMS'],
} as const;

/** The environment of a Model. */
export function envOf({ spec }: Pick<AgentDocument, 'spec'>): Record<string, unknown> {
  const config = isMapping(spec.modelConfig) ? spec.modelConfig : {};
  return isMapping(config.env) ? config.env : {};
}

/** The change of a spec that changes its environment; `undefined` takes a value away. */
export function envChange({ spec }: Pick<AgentDocument, 'spec'>, change: Record<string, unknown>) {
  const config = isMapping(spec.modelConfig) ? spec.modelConfig : {};
  return { modelConfig: { ...config, env: withChange(envOf({ spec }), change) } };
}

/** Is a Model an application of Dify, by the rule of the server? One whose values are still to be filled in is one too. */
export function isDifyModel(model: Pick<AgentDocument, 'spec'>): boolean {
  const env = envOf(model);
  return env.DIFY_API_KEY !== undefined || env.DIFY_BASE_URL !== undefined;
}

/** The name under which an environment says something, else the one that is to be used. */
export function nameIn(env: Record<string, unknown>, names: readonly [string, ...string[]]): string {
  return names.find((name) => env[name] !== undefined && env[name] !== '') ?? names[0];
}

/** What an environment says besides what has a field of its own; what is no text stays out. */
export function otherValues(env: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      typeof value === 'string' && !OWN.has(name) ? [[name, value] as const] : [],
    ),
  );
}

/** The change that makes other values what they are to be. */
export function otherValuesChange(
  env: Record<string, unknown>,
  next: Record<string, string> | undefined,
): Record<string, unknown> {
  const gone = Object.fromEntries(Object.keys(otherValues(env)).map((name) => [name, undefined]));
  const given = Object.entries(next ?? {}).filter(([name]) => !OWN.has(name));
  return { ...gone, ...Object.fromEntries(given) };
}

const OWN = new Set<string>([
  'model',
  'small_model',
  'DEFAULT_HEADERS',
  ...Object.values(MODEL_NAMES).flat(),
  ...Object.values(DIFY_NAMES).flat(),
]);
