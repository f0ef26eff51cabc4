import type { ServerResponse } from 'node:http';
import type { ApiError } from '@wegent/api';

/** Answers with an error, or breaks off an answer that has begun. */
export function refuse(answer: ServerResponse, error: ApiError): void {
  if (answer.headersSent) return void answer.destroy();
  answer.writeHead(error.code, { 'content-type': 'application/json', connection: 'close' });
  answer.end(JSON.stringify(error.toStatus()));
}
