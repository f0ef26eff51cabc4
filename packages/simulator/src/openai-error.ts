import type { Problem } from './faults.ts';
import type { Json } from './json.ts';

interface Wording {
  type: string;
  code: string | null;
  message: string;
}

const ERRORS: Record<Problem['kind'], Wording> = {
  'invalid-request': { type: 'invalid_request_error', code: null, message: 'The request is invalid.' },
  authentication: {
    type: 'invalid_request_error',
    code: 'invalid_api_key',
    message: 'Incorrect API key provided.',
  },
  permission: {
    type: 'invalid_request_error',
    code: 'insufficient_permissions',
    message: 'You have insufficient permissions for this operation.',
  },
  'not-found': {
    type: 'invalid_request_error',
    code: 'model_not_found',
    message: 'The model does not exist.',
  },
  'too-large': {
    type: 'invalid_request_error',
    code: 'request_too_large',
    message: 'The request is too large.',
  },
  'rate-limit': {
    type: 'requests',
    code: 'rate_limit_exceeded',
    message: 'Rate limit reached for requests. Please try again in 1s.',
  },
  overloaded: {
    type: 'server_error',
    code: 'server_overloaded',
    message: 'The engine is currently overloaded, please try again later.',
  },
  server: {
    type: 'server_error',
    code: 'server_error',
    message: 'The server had an error while processing your request. Sorry about that!',
  },
  context: {
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    message:
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 131072 tokens. Please reduce the length of the messages.",
  },
};

/** The `error` object that both OpenAI protocols use. */
export function openaiErrorObject(problem: Problem): Json {
  const known = ERRORS[problem.kind];
  return {
    message: problem.message ?? known.message,
    type: known.type,
    param: problem.param ?? null,
    code: known.code,
  };
}

/** An error answer; OpenAI tells an overload by 503, as 529 is Anthropic's own. */
export function openaiError(problem: Problem): { status: number; body: Json } {
  return {
    status: problem.status === 529 ? 503 : problem.status,
    body: { error: openaiErrorObject(problem) },
  };
}
