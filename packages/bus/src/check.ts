import { ApiError } from '@wegent/api';

const MAX_TTL_MS = 2 ** 31 - 1;

/** The JSON text of a message or value; `Invalid` for what JSON does not know, such as `undefined`. */
export function jsonOf(value: unknown, what: string): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new ApiError('Invalid', `${what} has to be JSON, not ${typeof value}`);
  return text;
}

/** Refuses times that timers and Redis do not know. */
export function checkTtl(ttlMs: number): number {
  if (Number.isInteger(ttlMs) && ttlMs >= 1 && ttlMs <= MAX_TTL_MS) return ttlMs;
  throw new ApiError(
    'Invalid',
    `ttlMs has to be a whole number of milliseconds from 1 to ${MAX_TTL_MS}, not ${ttlMs}`,
  );
}

/** What a bus answers after `close()`. */
export function closedError(): ApiError {
  return new ApiError('ServiceUnavailable', 'the bus is closed');
}
