import type { ModelEndpoint } from '@wegent/api';
import { expect, test } from 'vitest';
import { createUsageMeter } from './usage-meter.ts';

function meter(protocol: ModelEndpoint['protocol'], events: object[], { cutAt = events.length } = {}) {
  const counted = createUsageMeter({
    endpoint: { protocol, pricing: { input: 1, cachedInput: 0.5, output: 2 } },
    isStream: true,
    questionBytes: 400,
  });
  const bytes = Buffer.from(
    events
      .slice(0, cutAt)
      .map((event) => `event: x\r\ndata: ${JSON.stringify(event)}\r\n\r\n`)
      .join(''),
  );
  for (let at = 0; at < bytes.length; at += 7) counted.write(bytes.subarray(at, at + 7));
  return counted.end();
}

const ANTHROPIC = [
  {
    type: 'message_start',
    message: {
      usage: {
        input_tokens: 10,
        cache_creation_input_tokens: 5,
        cache_read_input_tokens: 100,
        output_tokens: 1,
      },
    },
  },
  { type: 'content_block_delta', delta: { type: 'text_delta', text: 'ä'.repeat(40) } },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 33 } },
  { type: 'message_stop' },
];

test('Anthropic: all input, cached or not, and the last count of output', () => {
  expect(meter('anthropic', ANTHROPIC)).toEqual({
    inputTokens: 115,
    cachedInputTokens: 100,
    outputTokens: 33,
    reasoningTokens: 0,
    costUsd: (15 * 1 + 100 * 0.5 + 33 * 2) / 1e6,
  });
  expect(meter('anthropic', ANTHROPIC, { cutAt: 2 })).toMatchObject({ inputTokens: 115, outputTokens: 10 });
  expect(meter('anthropic', ANTHROPIC, { cutAt: 0 })).toBeUndefined();
});

test('OpenAI Chat: the last chunk, or an estimate when it did not come', () => {
  const events = [
    { choices: [{ delta: { role: 'assistant', content: 'x'.repeat(80) } }] },
    { choices: [{ delta: { tool_calls: [{ function: { arguments: 'y'.repeat(40) } }] } }], usage: null },
    {
      choices: [],
      usage: {
        prompt_tokens: 50,
        completion_tokens: 20,
        prompt_tokens_details: { cached_tokens: 8 },
        completion_tokens_details: { reasoning_tokens: 6 },
      },
    },
  ];
  const whole = { inputTokens: 50, cachedInputTokens: 8, outputTokens: 20, reasoningTokens: 6 };
  expect(meter('openai-chat', events)).toMatchObject(whole);
  expect(meter('openai-chat', events, { cutAt: 2 })).toMatchObject({ inputTokens: 100, outputTokens: 30 });
});

test('OpenAI Responses: what the completed response says', () => {
  const events = [
    { type: 'response.created', response: { usage: null } },
    { type: 'response.output_text.delta', delta: 'x'.repeat(80) },
    {
      type: 'response.completed',
      response: {
        usage: {
          input_tokens: 50,
          output_tokens: 20,
          input_tokens_details: { cached_tokens: 8 },
          output_tokens_details: { reasoning_tokens: 6 },
        },
      },
    },
  ];
  const whole = { inputTokens: 50, cachedInputTokens: 8, outputTokens: 20, reasoningTokens: 6 };
  expect(meter('openai-responses', events)).toMatchObject(whole);
  expect(meter('openai-responses', events, { cutAt: 2 })).toMatchObject({
    inputTokens: 100,
    outputTokens: 20,
  });
});

test('Gemini: thoughts are output', () => {
  const events = [
    {
      candidates: [{ content: { parts: [{ text: 'x' }] }, finishReason: 'STOP' }],
      usageMetadata: {
        promptTokenCount: 9,
        cachedContentTokenCount: 2,
        candidatesTokenCount: 5,
        thoughtsTokenCount: 3,
      },
    },
  ];
  const whole = { inputTokens: 9, cachedInputTokens: 2, outputTokens: 8, reasoningTokens: 3 };
  expect(meter('gemini', events)).toMatchObject(whole);
});

test('numbers that are none are not believed', () => {
  const event = { type: 'message', usage: { input_tokens: -5, output_tokens: 'many' } };
  expect(meter('anthropic', [event])).toMatchObject({ inputTokens: 100, outputTokens: 0 });
});
