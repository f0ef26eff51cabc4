import type { AgentDocument } from './agent-document.ts';
import { envOf, isDifyModel, MODEL_NAMES } from './model-env.ts';

/** A protocol of models, as runs know it. */
export type ModelProtocol = 'openai-chat' | 'openai-responses' | 'anthropic' | 'gemini';

/** Why a Model cannot be used on a Shell: what it speaks, and what the Shell takes. */
export interface Mismatch {
  speaks: string;
  takes: readonly string[];
}

const PROTOCOLS: Record<string, readonly ModelProtocol[]> = {
  openai: ['openai-chat', 'openai-responses'],
  claude: ['anthropic'],
  anthropic: ['anthropic'],
  gemini: ['gemini'],
  google: ['gemini'],
};
const PROTOCOL_OF: Record<string, ModelProtocol> = {
  openai: 'openai-chat',
  'openai-responses': 'openai-responses',
  claude: 'anthropic',
  anthropic: 'anthropic',
  gemini: 'gemini',
  google: 'gemini',
};

/** Names of providers in `supportModel`, as people know them. */
export const PROVIDER_NAMES: Record<string, string> = {
  'openai-chat': 'OpenAI',
  'openai-responses': 'OpenAI Responses',
  anthropic: 'Anthropic',
  gemini: 'Gemini',
  openai: 'OpenAI',
  claude: 'Anthropic',
  google: 'Gemini',
  dify: 'Dify',
};

/** The same rule by which the server refuses a run; undefined when Shell and Model fit. */
export function mismatchOf(shell: AgentDocument, model: AgentDocument): Mismatch | undefined {
  const takes = takenBy(shell);
  if (isDifyModel(model)) return takes.includes('dify') ? undefined : { speaks: 'dify', takes };
  const speaks = protocolOf(model);
  if (takes.some((name) => PROTOCOLS[name]?.includes(speaks))) return undefined;
  return { speaks, takes };
}

/** Providers that a Shell takes: as it says, else as its engine can. */
export function takenBy({ spec }: Pick<AgentDocument, 'spec'>): readonly string[] {
  // An application of Dify brings its model along.
  if (spec.shellType === 'Dify') return ['dify'];
  const listed = Array.isArray(spec.supportModel)
    ? spec.supportModel.filter((name): name is string => typeof name === 'string')
    : [];
  if (listed.length > 0) return listed;
  // Claude Code itself speaks nothing else, whatever its Shell says.
  return spec.shellType === 'ClaudeCode' ? ['claude'] : ['openai', 'claude', 'gemini'];
}

/** The protocol that a Model speaks: as it says, else by the names of its variables, else by its id. */
export function protocolOf({ spec }: Pick<AgentDocument, 'spec'>): ModelProtocol {
  const env = envOf({ spec });
  const said = PROTOCOL_OF[String(env.model ?? '')] ?? PROTOCOL_OF[String(spec.protocol ?? '')];
  if (said) return said;
  const named = (prefix: string) =>
    Object.entries(env).some(([name, value]) => name.startsWith(prefix) && value !== '');
  if (named('ANTHROPIC_')) return 'anthropic';
  if (named('GEMINI_') || named('GOOGLE_')) return 'gemini';
  if (named('OPENAI_')) return 'openai-chat';
  const id = MODEL_NAMES.modelId
    .map((name) => env[name])
    .find((value) => typeof value === 'string' && value !== '');
  if (String(id).toLowerCase().startsWith('claude')) return 'anthropic';
  return String(id).toLowerCase().startsWith('gemini') ? 'gemini' : 'openai-chat';
}
