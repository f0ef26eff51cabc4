import {
  API_VERSION,
  DISPLAY_NAME_ANNOTATION,
  displayName,
  MASK,
  type ModelPricing,
  ModelSpec,
  type ResourceObject,
} from '@wegent/api';
import { PROTOCOLS, type Preset, type Protocol } from './presets.ts';

/** An ability as the form shows it: said, or left to what the provider is known for. */
export type Ability = 'assumed' | 'yes' | 'no';

/** The values of the model form. Empty text and `null` stand for “not set”. */
export interface ModelDraft {
  displayName: string;
  name: string;
  namespace: string;
  protocol: Protocol;
  modelId: string;
  apiKey: string;
  baseUrl: string;
  headers: { name: string; value: string }[];
  vision: Ability;
  tools: Ability;
  reasoning: Ability;
  contextWindow: number | null;
  maxOutputTokens: number | null;
  priceInput: number | null;
  priceCachedInput: number | null;
  priceOutput: number | null;
}

/** The form as it begins for a preset. */
export function newDraft(preset: Preset, namespace: string): ModelDraft {
  return {
    displayName: '',
    name: '',
    namespace,
    protocol: preset.protocol,
    modelId: '',
    apiKey: '',
    baseUrl: preset.baseUrl,
    headers: [],
    vision: 'assumed',
    tools: 'assumed',
    reasoning: 'assumed',
    contextWindow: null,
    maxOutputTokens: null,
    priceInput: null,
    priceCachedInput: null,
    priceOutput: null,
  };
}

/** The form for a stored Model. Its secrets are masks, which mean: keep what is stored. */
export function draftOf(object: ResourceObject): ModelDraft {
  const { modelConfig, capabilities = {}, pricing = {} } = ModelSpec.parse(object.spec);
  const { env } = modelConfig;
  const headers = { ...modelConfig.DEFAULT_HEADERS, ...env.DEFAULT_HEADERS };
  return {
    displayName: displayName(object),
    name: object.metadata.name,
    namespace: object.metadata.namespace,
    protocol: PROTOCOLS.find((protocol) => protocol === env.model) ?? 'openai',
    modelId: env.model_id ?? '',
    apiKey: env.api_key ?? '',
    baseUrl: env.base_url ?? '',
    headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
    vision: abilityOf(capabilities.vision),
    tools: abilityOf(capabilities.tools),
    reasoning: abilityOf(capabilities.reasoning),
    contextWindow: capabilities.contextWindow ?? null,
    maxOutputTokens: capabilities.maxOutputTokens ?? null,
    priceInput: pricing.input ?? null,
    priceCachedInput: pricing.cachedInput ?? null,
    priceOutput: pricing.output ?? null,
  };
}

/** The document that a form stands for. What the form does not know of `stored` stays as it is. */
export function objectOf(draft: ModelDraft, stored?: ResourceObject): ResourceObject {
  return {
    apiVersion: API_VERSION,
    kind: 'Model',
    ...stored,
    metadata: {
      ...stored?.metadata,
      name: draft.name.trim(),
      namespace: draft.namespace,
      annotations: {
        ...stored?.metadata.annotations,
        [DISPLAY_NAME_ANNOTATION]: draft.displayName.trim() || draft.name.trim(),
      },
    },
    spec: specOf(draft, stored?.spec),
  };
}

/** A name for YAML and the API, made of what people call it; empty when nothing usable is left. */
export function slugOf(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/[-._]{2,}/g, '-')
    .slice(0, 100)
    .replace(/^[-._]+|[-._]+$/g, '');
}

function specOf(draft: ModelDraft, stored: Record<string, unknown> | undefined): Record<string, unknown> {
  const previous = stored === undefined ? undefined : ModelSpec.parse(stored);
  const { DEFAULT_HEADERS: _headers, env: previousEnv, ...config } = previous?.modelConfig ?? { env: {} };
  const { DEFAULT_HEADERS: _envHeaders, model, model_id, api_key, base_url, ...env } = previousEnv;
  const headers = Object.fromEntries(
    draft.headers.filter(({ name }) => name.trim() !== '').map(({ name, value }) => [name.trim(), value]),
  );
  return {
    ...previous,
    modelConfig: {
      ...config,
      env: {
        ...env,
        model: draft.protocol,
        model_id: draft.modelId.trim(),
        ...(draft.apiKey === '' ? {} : { api_key: draft.apiKey === MASK ? MASK : draft.apiKey.trim() }),
        ...(draft.baseUrl.trim() === '' ? {} : { base_url: draft.baseUrl.trim() }),
        ...(Object.keys(headers).length === 0 ? {} : { DEFAULT_HEADERS: headers }),
      },
    },
    capabilities: capabilitiesOf(draft),
    pricing: pricingOf(draft),
  };
}

function capabilitiesOf(draft: ModelDraft): NonNullable<ModelSpec['capabilities']> {
  return {
    ...(draft.vision === 'assumed' ? {} : { vision: draft.vision === 'yes' }),
    ...(draft.tools === 'assumed' ? {} : { tools: draft.tools === 'yes' }),
    ...(draft.reasoning === 'assumed' ? {} : { reasoning: draft.reasoning === 'yes' }),
    ...(draft.contextWindow === null ? {} : { contextWindow: draft.contextWindow }),
    ...(draft.maxOutputTokens === null ? {} : { maxOutputTokens: draft.maxOutputTokens }),
  };
}

function pricingOf(draft: ModelDraft): ModelPricing {
  return {
    ...(draft.priceInput === null ? {} : { input: draft.priceInput }),
    ...(draft.priceCachedInput === null ? {} : { cachedInput: draft.priceCachedInput }),
    ...(draft.priceOutput === null ? {} : { output: draft.priceOutput }),
  };
}

function abilityOf(value: boolean | undefined): Ability {
  if (value === undefined) return 'assumed';
  return value ? 'yes' : 'no';
}
