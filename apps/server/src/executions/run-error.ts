import type { ApiError, RunError } from '@wegent/api';

/** The failure of a run that could not be put together. */
export function asRunError(error: ApiError): RunError {
  return {
    reason: reasonOf(error),
    message: error.message,
    retryable: false,
  };
}

function reasonOf({ reason, details }: ApiError): RunError['reason'] {
  const isWorkspace =
    details?.kind === 'Workspace' || details?.causes?.some(({ field }) => field?.startsWith('workspace'));
  if (isWorkspace) return 'GitFailed';
  return reason === 'Invalid' || reason === 'NotFound' ? 'ModelBadRequest' : 'Internal';
}
