import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { ownHeaders } from './own-headers.ts';

/** Passes an answer on as it comes. */
export function passOn(response: IncomingMessage, answer: ServerResponse): void {
  answer.writeHead(response.statusCode ?? 502, ownHeaders(response.rawHeaders));
  answer.flushHeaders();
  pipeline(response, answer, () => {});
}
