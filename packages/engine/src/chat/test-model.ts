import { isDifyApplication, type ModelEndpoint, type RunError } from '@wegent/api';
import { streamText } from 'ai';
import { testDify } from '../dify/test-dify.ts';
import { createOutbound, type Outbound } from '../outbound.ts';
import { classifyError } from './classify-error.ts';
import { StreamInterrupted } from './failure-rules.ts';
import { languageModelOf } from './language-model.ts';

/** Outcome of trying a model. */
export interface ModelTest {
  ok: boolean;
  /** Milliseconds to the end of the answer or to the failure. */
  latencyMs: number;
  /** What the model said, at most 200 characters. */
  reply?: string;
  error?: RunError;
}

const LIMIT_MS = 20_000;
/** Room for models that think before the first word. */
const OUTPUT_TOKENS = 512;
const REPLY_LENGTH = 200;

/**
 * Asks a model for one word (a Dify application: what it is), by streaming as a run does, to see whether address, key and id are right.
 * Never rejects: what goes wrong, an abort included, is in `error`. `outboundAllow` as in ExecutionSpec.
 */
export async function testModel(options: {
  endpoint: ModelEndpoint;
  signal?: AbortSignal;
  outboundAllow?: readonly string[] | undefined;
  outbound?: Outbound;
  limitMs?: number;
}): Promise<ModelTest> {
  const { endpoint, outbound = createOutbound(), limitMs = LIMIT_MS } = options;
  const started = performance.now();
  const limit = AbortSignal.timeout(limitMs);
  try {
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    const fetch = outbound.fetchFor(options.outboundAllow);
    if (isDifyApplication(endpoint)) {
      const reply = await testDify({ endpoint, fetch, signal });
      return { ok: true, latencyMs: elapsed(started), reply: reply.slice(0, REPLY_LENGTH) };
    }
    const { stream } = streamText({
      model: languageModelOf(endpoint, fetch),
      prompt: 'Answer with the single word OK.',
      maxOutputTokens: OUTPUT_TOKENS,
      maxRetries: 0,
      abortSignal: signal,
      ...(endpoint.protocol === 'openai-responses' ? { providerOptions: { openai: { store: false } } } : {}),
      onError: () => undefined,
    });
    let reply = '';
    let finished = false;
    for await (const part of stream) {
      if (part.type === 'error') throw part.error;
      if (part.type === 'text-delta') reply += part.text;
      if (part.type === 'finish-step')
        finished = part.finishReason !== 'interrupted' && part.finishReason !== 'error';
    }
    limit.throwIfAborted();
    options.signal?.throwIfAborted();
    if (!finished) throw new StreamInterrupted();
    return { ok: true, latencyMs: elapsed(started), reply: reply.trim().slice(0, REPLY_LENGTH) };
  } catch (cause) {
    const error = limit.aborted ? timedOut(endpoint, limitMs) : classifyError(cause, endpoint).error;
    return { ok: false, latencyMs: elapsed(started), error: options.signal?.aborted ? CANCELLED : error };
  }
}

const CANCELLED: RunError = { reason: 'Cancelled', message: 'The test was cancelled.', retryable: true };

function timedOut({ name }: ModelEndpoint, limitMs: number): RunError {
  return {
    reason: 'Timeout',
    message: `The model “${name}” did not answer within ${limitMs / 1000} s. Check the base URL in Models, or try again.`,
    retryable: true,
  };
}

function elapsed(since: number): number {
  return Math.round(performance.now() - since);
}
