import type { ModelEndpoint, TaskOptions } from '@wegent/api';
import type { streamText } from 'ai';

type CallSettings = Pick<
  Parameters<typeof streamText>[0],
  'maxOutputTokens' | 'reasoning' | 'providerOptions'
>;

/** What unknown models of the Anthropic protocol are asked for: it wants a number, and this is what Claude Code sends. */
const ANTHROPIC_OUTPUT_TOKENS = 32_000;

/** Length of the answer and depth of thought, in the words of the endpoint's provider. */
export function callSettingsOf(endpoint: ModelEndpoint, options: TaskOptions): CallSettings {
  const maxOutputTokens = maxOutputOf(endpoint);
  const think = options.reasoning === true && endpoint.capabilities.reasoning !== false;
  return {
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(think ? { reasoning: 'medium' as const } : {}),
    providerOptions: {
      // Nothing is left at the provider; without storing, its reasoning travels with the conversation.
      ...(endpoint.protocol === 'openai-responses'
        ? {
            openai: {
              store: false,
              ...(endpoint.capabilities.reasoning === true ? { forceReasoning: true } : {}),
            },
          }
        : {}),
      ...(think && endpoint.protocol === 'gemini'
        ? { google: { thinkingConfig: { includeThoughts: true } } }
        : {}),
    },
  };
}

function maxOutputOf({ protocol, modelId, capabilities }: ModelEndpoint): number | undefined {
  if (capabilities.maxOutputTokens !== undefined) return capabilities.maxOutputTokens;
  return protocol === 'anthropic' && !modelId.startsWith('claude') ? ANTHROPIC_OUTPUT_TOKENS : undefined;
}
