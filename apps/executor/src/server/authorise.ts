import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ApiError } from '@wegent/api';

/** Makes the check that a request carries the sandbox's token; it takes the same time for every wrong one. */
export function createAuthorise(token: string): (request: IncomingMessage) => void {
  const expected = digest(`Bearer ${token}`);
  return ({ headers }) => {
    if (timingSafeEqual(digest(headers.authorization ?? ''), expected)) return;
    throw new ApiError('Unauthorized', 'the token of the sandbox is missing or wrong');
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
