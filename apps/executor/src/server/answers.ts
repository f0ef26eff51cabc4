import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ApiError, parseOrThrow } from '@wegent/api';
import { RunFailure } from '@wegent/engine/sandbox';
import type { z } from 'zod';
import { asApiError } from '../views/push-refusal.ts';

/** Turns carry the text of attachments; nothing else is nearly as large. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** Answers with JSON. */
export function sendJson(response: ServerResponse, code: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}

/** Answers without a body. */
export function sendNothing(response: ServerResponse, code: 202 | 204): void {
  response.writeHead(code, code === 202 ? { 'content-length': 0 } : {}).end();
}

/** Streams pieces as they come; ends quietly when the reader is gone. */
export async function sendStream(
  response: ServerResponse,
  contentType: string,
  pieces: AsyncIterable<string | Buffer>,
): Promise<void> {
  response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' });
  response.flushHeaders();
  await pipeline(Readable.from(pieces), response).catch(() => response.destroy());
}

/** Answers with the Status of an error; one that nobody foresaw tells nothing about itself. */
export function sendError(response: ServerResponse, cause: unknown): void {
  if (response.headersSent) return void response.destroy();
  const error = toApiError(cause);
  response.setHeader('connection', 'close');
  sendJson(response, error.code, error.toStatus());
}

function toApiError(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  if (cause instanceof RunFailure) return asApiError(cause.error, cause);
  return new ApiError('InternalError', 'the executor failed at this; its log says more', { cause });
}

/** Reads a body of JSON and checks it. */
export async function readJson<Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const bytes = await readBytes(request, MAX_JSON_BYTES);
  let value: unknown;
  try {
    value = bytes.length === 0 ? {} : JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new ApiError('BadRequest', 'the body is no JSON', { cause });
  }
  return parseOrThrow(schema, value, 'request body');
}

/** Reads a body up to a limit. */
export async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBytes)
      throw new ApiError('RequestEntityTooLarge', `the body has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
