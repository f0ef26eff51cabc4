import type { ApiError, RunError } from '@wegent/api';

/** The failure of a run that could not be put together. */
export function asRunError(error: ApiError): RunError {
  return {
    reason: error.reason === 'Invalid' || error.reason === 'NotFound' ? 'ModelBadRequest' : 'Internal',
    message: error.message,
    retryable: false,
  };
}
