import { APICallError } from 'ai';
import { describe, expect, it } from 'vitest';
import { classifyError } from './classify-error.ts';
import { StreamInterrupted } from './failure-rules.ts';

const MODEL = {
  name: 'x',
  protocol: 'openai-chat' as const,
  modelId: 'gpt-x',
  apiKey: 'secret-key-123456',
  headers: { 'x-team': 'header-secret' },
  env: {},
  capabilities: {},
};

function http(statusCode: number, responseBody = '', responseHeaders: Record<string, string> = {}) {
  return new APICallError({
    message: `HTTP ${statusCode}`,
    url: 'http://m/',
    requestBodyValues: {},
    statusCode,
    responseBody,
    responseHeaders,
  });
}

function network(code: string, message = code) {
  const cause = Object.assign(new Error(message), { code });
  return new APICallError({
    message: `Cannot connect to API: ${message}`,
    url: 'http://m/',
    requestBodyValues: {},
    cause,
  });
}

const json = (error: unknown) => JSON.stringify({ error });

describe('classifyError', () => {
  it.each([
    [http(401), 'ModelAuth', false],
    [http(403), 'ModelAuth', false],
    [
      http(
        400,
        json({ message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' }),
      ),
      'ModelAuth',
      false,
    ],
    [http(402), 'ModelRateLimit', false],
    [http(429), 'ModelRateLimit', true],
    [
      http(429, json({ code: 'insufficient_quota', message: 'You exceeded your current quota' })),
      'ModelRateLimit',
      false,
    ],
    [
      http(400, json({ type: 'invalid_request_error', message: 'Your credit balance is too low' })),
      'ModelRateLimit',
      false,
    ],
    [http(529), 'ModelOverloaded', true],
    [http(503, 'The model is overloaded. Please try again later.'), 'ModelOverloaded', true],
    [http(503, 'upstream connect error'), 'ModelUnavailable', true],
    [http(500), 'ModelUnavailable', true],
    [http(502, '<html>Bad gateway</html>'), 'ModelUnavailable', true],
    [http(404, '<html>Not found</html>'), 'ModelUnavailable', false],
    [
      http(404, json({ message: 'Invalid URL (POST /v2/x)', type: 'invalid_request_error' })),
      'ModelUnavailable',
      false,
    ],
    [
      http(404, json({ message: "The model 'gpt-x' does not exist", code: 'model_not_found' })),
      'ModelBadRequest',
      false,
    ],
    [http(404, json({ message: 'model "gpt-x" not found, try pulling it first' })), 'ModelBadRequest', false],
    [http(400, json({ message: 'temperature must be below 2' })), 'ModelBadRequest', false],
    [http(422), 'ModelBadRequest', false],
    [http(413), 'ModelBadRequest', false],
    [http(307), 'ModelUnavailable', false],
    [http(400, json({ code: 'context_length_exceeded', message: 'too long' })), 'ContextTooLong', false],
    [
      http(
        400,
        json({
          type: 'invalid_request_error',
          message: 'prompt is too long: 210000 tokens > 200000 maximum',
        }),
      ),
      'ContextTooLong',
      false,
    ],
    [
      http(400, json({ message: "This model's maximum context length is 8192 tokens." })),
      'ContextTooLong',
      false,
    ],
    [
      http(
        400,
        json({
          message: 'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
        }),
      ),
      'ContextTooLong',
      false,
    ],
    [http(400, json({ message: 'Range of input length should be [1, 30720]' })), 'ContextTooLong', false],
    [{ type: 'overloaded_error', message: 'Overloaded' }, 'ModelOverloaded', true],
    [{ error: { type: 'overloaded_error', message: 'Overloaded' } }, 'ModelOverloaded', true],
    [{ type: 'rate_limit_error', message: 'slow down' }, 'ModelRateLimit', true],
    [{ code: 'server_error', message: 'The server had an error' }, 'ModelUnavailable', true],
    ['something the provider said', 'ModelUnavailable', true],
    [network('ECONNREFUSED'), 'ModelUnavailable', true],
    [network('ENOTFOUND'), 'ModelUnavailable', false],
    [network('ECONNRESET', 'socket hang up'), 'ModelUnavailable', true],
    [network('DEPTH_ZERO_SELF_SIGNED_CERT'), 'ModelUnavailable', false],
    [new StreamInterrupted(), 'ModelUnavailable', true],
    [new Error('aborted'), 'ModelUnavailable', true],
    [new TypeError('undefined is not a function'), 'Internal', false],
  ])('%#: %s', (cause, reason, retryable) => {
    const { error } = classifyError(cause, MODEL);
    expect(error).toMatchObject({ reason, retryable });
    expect(error.message).toMatch(/^[A-Z].*\.$/);
  });

  it('says what to do in a plain sentence', () => {
    expect(classifyError(http(401), MODEL).error.message).toBe(
      'The key of model “x” was refused (401). Check the key in Models.',
    );
  });

  it('takes the waiting time from the provider', () => {
    expect(classifyError(http(429, '', { 'retry-after': '7' }), MODEL).retryAfterMs).toBe(7000);
    expect(
      classifyError(http(429, '', { 'retry-after-ms': '250', 'retry-after': '7' }), MODEL).retryAfterMs,
    ).toBe(250);
    const date = new Date(Date.now() + 5000).toUTCString();
    expect(classifyError(http(503, '', { 'retry-after': date }), MODEL).retryAfterMs).toBeLessThanOrEqual(
      5000,
    );
    expect(classifyError(http(429, '', { 'retry-after': 'soon' }), MODEL).retryAfterMs).toBeUndefined();
  });

  it('keeps the words of the provider, short and without keys', () => {
    const words = `Incorrect API key provided: sk-proj-abcd****wxyz and secret-key-123456 and header-secret ${'x'.repeat(9000)}`;
    const { detail } = classifyError(http(401, json({ message: words })), MODEL).error;
    expect(detail).toContain('Incorrect API key provided');
    expect(detail).not.toMatch(/sk-proj|secret-key|header-secret/);
    expect(detail?.length).toBeLessThanOrEqual(2000);
  });
});
