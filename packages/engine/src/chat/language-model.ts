import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { ModelEndpoint } from '@wegent/api';
import { RunFailure } from '../run-failure.ts';
import { baseUrlOf } from './base-url.ts';
import type { ProviderModel } from './tap-model.ts';

/** Stands for "no key": the SDK would else look for one in the environment of the process. */
const NO_KEY = 'no-key';

/** The AI SDK's model for an endpoint. Everything is given explicitly, so nothing comes from the environment. */
export function languageModelOf(endpoint: ModelEndpoint, fetch: typeof globalThis.fetch): ProviderModel {
  const baseURL = baseUrlOf(endpoint);
  if (baseURL === undefined) throw unusableUrl(endpoint);
  const settings = {
    baseURL,
    headers: endpoint.headers,
    fetch: endpoint.apiKey ? fetch : withoutKey(fetch),
    apiKey: endpoint.apiKey || NO_KEY,
  };
  switch (endpoint.protocol) {
    case 'openai-chat':
      if (isOpenAi(baseURL)) return createOpenAI(settings).chat(endpoint.modelId);
      return createOpenAICompatible({ ...settings, name: 'compatible', includeUsage: true }).chatModel(
        endpoint.modelId,
      );
    case 'openai-responses':
      return createOpenAI(settings).responses(endpoint.modelId);
    case 'anthropic':
      return createAnthropic(settings).languageModel(endpoint.modelId);
    case 'gemini':
      return createGoogleGenerativeAI(settings).languageModel(endpoint.modelId);
    default:
      return endpoint.protocol satisfies never;
  }
}

// OpenAI's own service wants fields that compatible servers do not know, and the other way round.
function isOpenAi(baseURL: string): boolean {
  const { hostname } = new URL(baseURL);
  return hostname === 'api.openai.com' || hostname.endsWith('.openai.azure.com');
}

function withoutKey(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    for (const [name, value] of [...headers]) {
      if (value === NO_KEY || value === `Bearer ${NO_KEY}`) headers.delete(name);
    }
    return fetch(input, { ...init, headers });
  };
}

function unusableUrl(endpoint: ModelEndpoint): RunFailure {
  return new RunFailure({
    reason: 'ModelBadRequest',
    message: `The base URL of model “${endpoint.name}” is not usable. Give it in Models as http:// or https://, without user name and password.`,
    retryable: false,
  });
}
