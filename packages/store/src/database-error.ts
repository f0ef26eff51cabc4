import { ApiError } from '@wegent/api';

/** A failure that repositories or the transaction loop deal with: a duplicate key, or a lost race that a retry cures. */
export class DatabaseError extends Error {
  readonly kind: 'duplicate' | 'retryable';

  constructor(kind: 'duplicate' | 'retryable', cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'DatabaseError';
    this.kind = kind;
  }
}

/** Was it refused because the key exists? */
export function isDuplicate(error: unknown): boolean {
  return error instanceof DatabaseError && error.kind === 'duplicate';
}

/** Will the same work succeed when it is done again? */
export function isRetryable(error: unknown): boolean {
  return error instanceof DatabaseError && error.kind === 'retryable';
}

/** Runs an insert; a duplicate key becomes `AlreadyExists` with this message. */
export async function orAlreadyExists<T>(insert: Promise<T>, message: string): Promise<T> {
  try {
    return await insert;
  } catch (error) {
    if (isDuplicate(error)) throw new ApiError('AlreadyExists', message, { cause: error });
    throw error;
  }
}

/** Translates what a driver threw. The one place that knows error numbers. */
export function mapDriverError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ApiError || error instanceof DatabaseError) return error;
  const number = numberOf(error);
  if (SQLITE_DUPLICATE.has(number) || number === MYSQL_DUPLICATE)
    return new DatabaseError('duplicate', error);
  if (isSqlite(error) ? SQLITE_BUSY.has(number & 0xff) : MYSQL_RETRYABLE.has(number)) {
    return new DatabaseError('retryable', error);
  }
  if (isAway(error, number))
    return new ApiError('ServiceUnavailable', 'The database cannot be reached.', { cause: error });
  return error;
}

const SQLITE_DUPLICATE = new Set([1555, 2067, 2579]); // SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID
const SQLITE_BUSY = new Set([5, 6]); // SQLITE_BUSY, SQLITE_LOCKED and their extended codes
const SQLITE_AWAY = new Set([8, 10, 13, 14]); // read-only, I/O error, disk full, cannot open
const MYSQL_DUPLICATE = 1062;
const MYSQL_RETRYABLE = new Set([1205, 1213, 1020]); // lock wait timeout, deadlock, row changed since it was read
const MYSQL_AWAY = new Set([1040, 1053, 1077, 1079, 1158, 1159, 1160, 1161, 1290, 1836, 1927, 3168, 4031]);
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
]);

function isAway(error: Error, number: number): boolean {
  if (isSqlite(error)) return SQLITE_AWAY.has(number & 0xff);
  const code = 'code' in error ? String(error.code) : '';
  // mysql2 reports a use after the connection was lost as a plain Error without a code.
  return (
    MYSQL_AWAY.has(number) || NETWORK_CODES.has(code) || / in closed state|Pool is closed/.test(error.message)
  );
}

function isSqlite(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_SQLITE_ERROR';
}

function numberOf(error: Error): number {
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode;
  if ('errno' in error && typeof error.errno === 'number') return error.errno;
  return 0;
}
