import { ApiError, type StatusReason } from '@wegent/api';

/** Why a git host did not do what was asked. */
export type HostFailureKind =
  /** No connection, no answer in time, or a certificate that nobody trusts. */
  | 'unreachable'
  /** A private address that may not be called. */
  | 'private'
  /** It wants to be asked elsewhere; the token does not go there. */
  | 'redirected'
  /** Something answers that speaks another language. */
  | 'no-api'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'refused'
  | 'rate-limited'
  /** A fault on its side. */
  | 'failed';

// Not "Unauthorized": that would sign out the reader, who is well known here.
const REASONS: Record<HostFailureKind, StatusReason> = {
  unreachable: 'ServiceUnavailable',
  private: 'Forbidden',
  redirected: 'ServiceUnavailable',
  'no-api': 'ServiceUnavailable',
  unauthorized: 'Forbidden',
  forbidden: 'Forbidden',
  'not-found': 'NotFound',
  conflict: 'Conflict',
  refused: 'Invalid',
  'rate-limited': 'TooManyRequests',
  failed: 'ServiceUnavailable',
};

/** A git host did not do what was asked. The message is for people and holds no token. */
export class HostFailure extends ApiError {
  readonly kind: HostFailureKind;

  constructor(
    kind: HostFailureKind,
    message: string,
    options: { retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    const { retryAfterSeconds, cause } = options;
    super(REASONS[kind], message, {
      ...(retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }),
      ...(cause === undefined ? {} : { cause }),
    });
    this.name = 'HostFailure';
    this.kind = kind;
  }
}
