import type { ModelEndpoint } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { failureOfCrash, failureOfResult } from './failures.ts';
import type { ClaudeResult } from './messages.ts';

const MODEL: ModelEndpoint = {
  name: 'demo',
  protocol: 'anthropic',
  modelId: 'model-1',
  apiKey: 'sk-ant-the-secret-key-1234',
  headers: {},
  env: {},
  capabilities: {},
};

function resultOf(change: Partial<ClaudeResult>): ClaudeResult {
  return { type: 'result', subtype: 'success', is_error: true, model_usage_since_last_result: {}, ...change };
}

describe('failureOfResult', () => {
  it.each([
    [
      { subtype: 'error_max_budget_usd', terminal_reason: 'budget_exhausted' },
      undefined,
      'BudgetExceeded',
      false,
    ],
    [{ subtype: 'error_max_turns', terminal_reason: 'max_turns' }, undefined, 'BudgetExceeded', false],
    [{}, 'billing_error', 'BudgetExceeded', false],
    [
      { terminal_reason: 'prompt_too_long', api_error_status: 400 },
      'invalid_request',
      'ContextTooLong',
      false,
    ],
    [{ api_error_status: 413 }, 'invalid_request', 'ContextTooLong', false],
    [{ api_error_status: 401 }, 'authentication_failed', 'ModelAuth', false],
    [{ api_error_status: 403 }, 'authentication_failed', 'ModelAuth', false],
    [{}, 'authentication_failed', 'ModelAuth', false],
    [{ api_error_status: 429 }, 'rate_limit', 'ModelRateLimit', true],
    [{ api_error_status: 529 }, 'server_error', 'ModelOverloaded', true],
    [{ api_error_status: 503 }, 'server_error', 'ModelOverloaded', true],
    [{}, 'overloaded', 'ModelOverloaded', true],
    [{ api_error_status: 404 }, 'model_not_found', 'ModelBadRequest', false],
    [{ api_error_status: 400 }, 'unknown', 'ModelBadRequest', false],
    [{ api_error_status: 500 }, 'server_error', 'ModelUnavailable', true],
    [{ api_error_status: 502 }, 'server_error', 'ModelUnavailable', true],
    [{ result: 'API Error: JSON Parse error' }, 'unknown', 'ModelUnavailable', true],
    [{ result: 'connect ECONNREFUSED 127.0.0.1:9' }, 'server_error', 'ModelUnavailable', true],
    [{ terminal_reason: 'api_error' }, undefined, 'ModelUnavailable', true],
    [{ subtype: 'error_during_execution', errors: ['something odd'] }, undefined, 'EngineCrashed', true],
  ])('%j %s → %s', (change, kind, reason, retryable) => {
    const { error } = failureOfResult({ result: resultOf(change), kind, model: MODEL, stderr: '' });
    expect(error).toMatchObject({ reason, retryable });
    expect(error.message.length).toBeGreaterThan(20);
  });

  it('holds the words and the end of stderr as detail, without secrets', () => {
    const { error } = failureOfResult({
      result: resultOf({ result: 'API Error: key sk-ant-the-secret-key-1234 is bad', api_error_status: 401 }),
      kind: undefined,
      model: MODEL,
      stderr: 'last line with Bearer abcdefghijklmnop',
    });
    expect(error.detail).toContain('API Error');
    expect(error.detail).toContain('last line');
    expect(error.detail).not.toMatch(/secret-key|abcdefghijklmnop/);
  });
});

describe('failureOfCrash', () => {
  it.each([
    [{ code: 3, signal: null }, 'exit code 3', true],
    [{ code: null, signal: 'SIGSEGV' as const }, 'signal SIGSEGV', true],
    [{ code: null, signal: 'SIGKILL' as const }, 'memory', true],
    [
      { code: null, signal: null, error: Object.assign(new Error('no'), { code: 'EACCES' }) },
      'EACCES',
      false,
    ],
  ])('%j', (end, words, retryable) => {
    const { error } = failureOfCrash(end, 'the last words', MODEL);
    expect(error).toMatchObject({ reason: 'EngineCrashed', retryable });
    expect(error.message).toContain(words);
    expect(error.detail).toContain('the last words');
  });
});
