import type { ModelEndpoint, TaskOptions } from '@wegent/api';

/** What unknown models of the Anthropic protocol are asked for: it wants a number. */
const ANTHROPIC_OUTPUT_TOKENS = 32_000;
/** Claude 3 gives no more than this. */
const CLAUDE_3_OUTPUT_TOKENS = 4_096;
const THINKING_TOKENS = 8_000;
/** Some servers refuse an answer that is shorter than the thoughts before it. */
const MIN_THINKING_TOKENS = 1_024;

/**
 * The arguments of Agno's model class: everything goes through the gateway, which has the key and repeats what can be
 * repeated. Pure.
 */
export function modelSettings(
  { protocol, modelId, capabilities }: ModelEndpoint,
  { options, gatewayUrl }: { options: TaskOptions; gatewayUrl: string },
): Record<string, unknown> {
  const url = `${gatewayUrl}/model`;
  const think = options.reasoning === true && capabilities.reasoning !== false;
  const { maxOutputTokens } = capabilities;
  switch (protocol) {
    case 'openai-chat':
      return {
        base_url: `${url}/v1`,
        max_retries: 0,
        ...(maxOutputTokens === undefined ? {} : { max_tokens: maxOutputTokens }),
        ...(think ? { reasoning_effort: 'medium' } : {}),
      };
    case 'openai-responses':
      return {
        base_url: `${url}/v1`,
        max_retries: 0,
        // Nothing is left at the provider.
        store: false,
        ...(maxOutputTokens === undefined ? {} : { max_output_tokens: maxOutputTokens }),
        ...(think ? { reasoning_effort: 'medium', reasoning_summary: 'auto' } : {}),
      };
    case 'anthropic': {
      const tokens = maxOutputTokens ?? outputOf(modelId);
      const thought = Math.min(THINKING_TOKENS, Math.floor(tokens / 2));
      return {
        client_params: { base_url: url, max_retries: 0 },
        max_tokens: tokens,
        ...(think && thought >= MIN_THINKING_TOKENS
          ? { thinking: { type: 'enabled', budget_tokens: thought } }
          : {}),
      };
    }
    case 'gemini':
      return {
        client_params: { http_options: { base_url: url, api_version: 'v1beta' } },
        ...(maxOutputTokens === undefined ? {} : { max_output_tokens: maxOutputTokens }),
        ...(think ? { include_thoughts: true } : {}),
      };
    default:
      return protocol satisfies never;
  }
}

function outputOf(modelId: string): number {
  return /claude-3(?!-7)/.test(modelId) ? CLAUDE_3_OUTPUT_TOKENS : ANTHROPIC_OUTPUT_TOKENS;
}
