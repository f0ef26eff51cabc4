import type { ModelEndpoint, Usage } from '@wegent/api';
import { z } from 'zod';

/** Tokens without their price. */
export type Tokens = Omit<Usage, 'costUsd'>;

/** What one JSON answer, or one event of a stream, tells about what was used. */
export interface UsageFacts {
  /** What it says itself; later ones replace earlier ones, field by field. */
  tokens: Partial<Tokens>;
  /** Characters that the model wrote, for answers that end before they say what they took. */
  characters: number;
  /** Nothing more will come. */
  isFinal: boolean;
}

const count = z.number().int().min(0).nullish();

const AnthropicUsage = z.object({
  input_tokens: count,
  cache_creation_input_tokens: count,
  cache_read_input_tokens: count,
  output_tokens: count,
});
const ChatUsage = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: z.object({ cached_tokens: count }).nullish(),
  completion_tokens_details: z.object({ reasoning_tokens: count }).nullish(),
});
const ResponsesUsage = z.object({
  input_tokens: count,
  output_tokens: count,
  input_tokens_details: z.object({ cached_tokens: count }).nullish(),
  output_tokens_details: z.object({ reasoning_tokens: count }).nullish(),
});
const GeminiUsage = z.object({
  promptTokenCount: count,
  cachedContentTokenCount: count,
  candidatesTokenCount: count,
  thoughtsTokenCount: count,
});

/** Reads an answer or an event of the protocol. Pure. */
export function usageFacts(protocol: ModelEndpoint['protocol'], value: unknown): UsageFacts {
  const event = record(value);
  switch (protocol) {
    case 'anthropic': {
      const tokens = anthropicTokens(event.usage ?? record(event.message).usage);
      return {
        tokens,
        characters: textLength(event.delta),
        isFinal: event.type === 'message_stop' || event.type === 'message',
      };
    }
    case 'openai-chat': {
      const tokens = chatTokens(event.usage);
      const deltas = Array.isArray(event.choices) ? event.choices.map((choice) => record(choice).delta) : [];
      return { tokens, characters: textLength(deltas), isFinal: tokens.inputTokens !== undefined };
    }
    case 'openai-responses': {
      const response = event.response === undefined ? event : record(event.response);
      const tokens = responsesTokens(response.usage);
      return {
        tokens,
        characters: typeof event.delta === 'string' ? event.delta.length : 0,
        isFinal: tokens.inputTokens !== undefined,
      };
    }
    case 'gemini': {
      const tokens = geminiTokens(event.usageMetadata);
      const parts = Array.isArray(event.candidates) ? event.candidates : [];
      return {
        tokens,
        characters: textLength(parts.map((candidate) => record(candidate).content)),
        isFinal: parts.some((candidate) => record(candidate).finishReason !== undefined),
      };
    }
    default:
      return protocol satisfies never;
  }
}

function anthropicTokens(value: unknown): Partial<Tokens> {
  const usage = AnthropicUsage.safeParse(value).data;
  if (!usage) return {};
  const cached = usage.cache_read_input_tokens;
  const isInputTold = typeof usage.input_tokens === 'number';
  return {
    ...(isInputTold
      ? { inputTokens: (usage.input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0) + (cached ?? 0) }
      : {}),
    ...(isInputTold && typeof cached === 'number' ? { cachedInputTokens: cached } : {}),
    ...given('outputTokens', usage.output_tokens),
  };
}

function chatTokens(value: unknown): Partial<Tokens> {
  const usage = ChatUsage.safeParse(value).data;
  if (!usage) return {};
  return {
    ...given('inputTokens', usage.prompt_tokens),
    ...given('outputTokens', usage.completion_tokens),
    ...given('cachedInputTokens', usage.prompt_tokens_details?.cached_tokens),
    ...given('reasoningTokens', usage.completion_tokens_details?.reasoning_tokens),
  };
}

function responsesTokens(value: unknown): Partial<Tokens> {
  const usage = ResponsesUsage.safeParse(value).data;
  if (!usage) return {};
  return {
    ...given('inputTokens', usage.input_tokens),
    ...given('outputTokens', usage.output_tokens),
    ...given('cachedInputTokens', usage.input_tokens_details?.cached_tokens),
    ...given('reasoningTokens', usage.output_tokens_details?.reasoning_tokens),
  };
}

function geminiTokens(value: unknown): Partial<Tokens> {
  const usage = GeminiUsage.safeParse(value).data;
  if (!usage) return {};
  const thoughts = usage.thoughtsTokenCount ?? 0;
  return {
    ...given('inputTokens', usage.promptTokenCount),
    ...given(
      'outputTokens',
      usage.candidatesTokenCount == null ? undefined : usage.candidatesTokenCount + thoughts,
    ),
    ...given('cachedInputTokens', usage.cachedContentTokenCount),
    ...given('reasoningTokens', usage.thoughtsTokenCount),
  };
}

function given<Name extends keyof Tokens>(name: Name, value: number | null | undefined): Partial<Tokens> {
  return typeof value === 'number' ? { [name]: value } : {};
}

/** Length of all text in a value. */
function textLength(value: unknown, depth = 0): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || depth > 8) return 0;
  return Object.entries(value).reduce(
    (sum, [name, each]) => (NO_TEXT.has(name) ? sum : sum + textLength(each, depth + 1)),
    0,
  );
}

const NO_TEXT = new Set([
  'type',
  'role',
  'id',
  'signature',
  'stop_reason',
  'stop_sequence',
  'thoughtSignature',
]);

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
