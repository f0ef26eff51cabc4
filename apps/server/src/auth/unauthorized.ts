import { ApiError } from '@wegent/api';

/** Why a proof of identity was refused; clients refresh on `TokenExpired` and sign in again on the others. */
export type UnauthorizedReason =
  | 'TokenMissing'
  | 'TokenExpired'
  | 'TokenInvalid'
  | 'PasswordWrong'
  | 'AccountDisabled';

/** The error of a request whose sender is not known. */
export function unauthorized(reason: UnauthorizedReason, message: string, cause?: unknown): ApiError {
  return new ApiError('Unauthorized', message, { details: { causes: [{ reason, message }] }, cause });
}

/** Did the proof of identity end by its age alone? */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.details?.causes?.[0]?.reason === 'TokenExpired';
}
