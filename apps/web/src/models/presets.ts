/** The protocols that a Model can speak, as `modelConfig.env.model` names them. */
export const PROTOCOLS = ['openai', 'openai-responses', 'claude', 'gemini'] as const;
/** A protocol of {@link PROTOCOLS}. */
export type Protocol = (typeof PROTOCOLS)[number];

/** Where models run, with what is known about it beforehand. */
export interface Preset {
  id: PresetId;
  protocol: Protocol;
  /** Filled in; empty means the provider's own address. */
  baseUrl: string;
  /** Shown as an example where the person has to say it. */
  baseUrlExample: string;
  /** Does the address have to be filled in? */
  ownServer: boolean;
  needsKey: boolean;
  /** Where the provider hands out keys. */
  keyUrl?: string;
  /** Ids to pick from; any other may be typed. */
  suggestions: readonly string[];
}

/** The names of the presets; their words are in the `models` namespace. */
export type PresetId =
  | 'openai'
  | 'anthropic'
  | 'gemini'
  | 'openrouter'
  | 'deepseek'
  | 'ollama'
  | 'openaiCompatible'
  | 'anthropicCompatible';

/** Most used first; the two that fit any server last. */
export const PRESETS: readonly Preset[] = [
  {
    id: 'openai',
    protocol: 'openai-responses',
    baseUrl: '',
    baseUrlExample: 'https://api.openai.com/v1',
    ownServer: false,
    needsKey: true,
    keyUrl: 'https://platform.openai.com/api-keys',
    suggestions: ['gpt-5.1', 'gpt-5', 'gpt-5-mini', 'gpt-4.1'],
  },
  {
    id: 'anthropic',
    protocol: 'claude',
    baseUrl: '',
    baseUrlExample: 'https://api.anthropic.com',
    ownServer: false,
    needsKey: true,
    keyUrl: 'https://platform.claude.com/settings/keys',
    suggestions: ['claude-sonnet-4-5', 'claude-opus-4-5', 'claude-haiku-4-5'],
  },
  {
    id: 'gemini',
    protocol: 'gemini',
    baseUrl: '',
    baseUrlExample: 'https://generativelanguage.googleapis.com/v1beta',
    ownServer: false,
    needsKey: true,
    keyUrl: 'https://aistudio.google.com/apikey',
    suggestions: ['gemini-2.5-pro', 'gemini-2.5-flash', 'gemini-2.5-flash-lite'],
  },
  {
    id: 'openrouter',
    protocol: 'openai',
    baseUrl: 'https://openrouter.ai/api/v1',
    baseUrlExample: 'https://openrouter.ai/api/v1',
    ownServer: false,
    needsKey: true,
    keyUrl: 'https://openrouter.ai/settings/keys',
    suggestions: ['openrouter/auto', 'anthropic/claude-sonnet-4.5', 'openai/gpt-5', 'google/gemini-2.5-pro'],
  },
  {
    id: 'deepseek',
    protocol: 'openai',
    baseUrl: 'https://api.deepseek.com/v1',
    baseUrlExample: 'https://api.deepseek.com/v1',
    ownServer: false,
    needsKey: true,
    keyUrl: 'https://platform.deepseek.com/api_keys',
    suggestions: ['deepseek-chat', 'deepseek-reasoner'],
  },
  {
    id: 'ollama',
    protocol: 'openai',
    baseUrl: 'http://127.0.0.1:11434/v1',
    baseUrlExample: 'http://127.0.0.1:11434/v1',
    ownServer: true,
    needsKey: false,
    suggestions: ['qwen3', 'llama3.3', 'gpt-oss:20b', 'gemma3'],
  },
  {
    id: 'openaiCompatible',
    protocol: 'openai',
    baseUrl: '',
    baseUrlExample: 'http://127.0.0.1:8000/v1',
    ownServer: true,
    needsKey: false,
    suggestions: [],
  },
  {
    id: 'anthropicCompatible',
    protocol: 'claude',
    baseUrl: '',
    baseUrlExample: 'https://models.example.com/anthropic',
    ownServer: true,
    needsKey: false,
    suggestions: [],
  },
];

const ANY_SERVER: Record<Protocol, PresetId> = {
  openai: 'openaiCompatible',
  'openai-responses': 'openaiCompatible',
  claude: 'anthropicCompatible',
  gemini: 'gemini',
};

/** The preset that a stored Model was most likely made with. */
export function presetOf({ protocol, baseUrl }: { protocol: Protocol; baseUrl: string }): Preset {
  const same = PRESETS.find((preset) =>
    baseUrl === ''
      ? !preset.ownServer && preset.baseUrl === '' && family(preset.protocol) === family(protocol)
      : hostOf(preset.baseUrl) === hostOf(baseUrl),
  );
  return same ?? presetById(ANY_SERVER[protocol]);
}

/** The preset of an id. */
export function presetById(id: PresetId): Preset {
  const preset = PRESETS.find((candidate) => candidate.id === id);
  if (!preset) throw new Error(`there is no preset ${id}`);
  return preset;
}

function family(protocol: Protocol): Protocol {
  return protocol === 'openai-responses' ? 'openai' : protocol;
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}
