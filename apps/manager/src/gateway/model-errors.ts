import type { ModelEndpoint } from '@wegent/api';

/** An error in the form of the protocol, so that clients read it as they read their provider's. Pure. */
export function modelError(protocol: ModelEndpoint['protocol'], status: number, message: string): unknown {
  switch (protocol) {
    case 'anthropic':
      return { type: 'error', error: { type: ANTHROPIC[status] ?? 'api_error', message } };
    case 'openai-chat':
    case 'openai-responses':
      return {
        error: {
          message,
          type: status < 500 ? 'invalid_request_error' : 'server_error',
          param: null,
          code: OPENAI[status] ?? null,
        },
      };
    case 'gemini':
      return { error: { code: status, message, status: GEMINI[status] ?? 'UNAVAILABLE' } };
    default:
      return protocol satisfies never;
  }
}

const ANTHROPIC: Record<number, string> = {
  400: 'invalid_request_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  504: 'timeout_error',
};

const OPENAI: Record<number, string> = { 403: 'not_allowed', 404: 'not_found', 413: 'request_too_large' };

const GEMINI: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  413: 'INVALID_ARGUMENT',
  504: 'DEADLINE_EXCEEDED',
};
