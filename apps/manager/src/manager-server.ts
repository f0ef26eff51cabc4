import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { ApiError, type ExecutorAccess, SandboxContext } from '@wegent/api';
import type { Registry } from 'prom-client';
import { z } from 'zod';

export interface ManagerServerOptions {
  stats: () => object;
  registry: Registry;
  access: ExecutorAccess;
  /** Shared secret of server and managers. */
  secret: string;
}

/** Bytes of the headers, which carry the context of a sandbox. */
const MAX_HEADER_BYTES = 1024 * 1024;

/**
 * What a manager answers: `/healthz`, `/livez` and `/readyz` with what `stats` says, `/metrics` for Prometheus, and for
 * servers `/internal/v1/executor`, the way to the executors of its sandboxes (see `ExecutorAccess`).
 */
export function createManagerServer(options: ManagerServerOptions): Server {
  return createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    answer(options, request, response).catch((cause: unknown) => {
      if (response.headersSent) response.destroy();
      else sendError(response, cause);
    });
  });
}

async function answer(
  { stats, registry, access, secret }: ManagerServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url?.split('?')[0];
  if (path === '/metrics') {
    response.setHeader('content-type', registry.contentType).end(await registry.metrics());
    return;
  }
  if (path === '/healthz' || path === '/livez' || path === '/readyz') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: 'ok', ...stats() }));
    return;
  }
  if (path !== '/internal/v1/executor') throw new ApiError('NotFound', `there is no ${path ?? '/'}`);
  requireSecret(request, secret);
  await passOn(access, request, response);
}

async function passOn(
  access: ExecutorAccess,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const context = SandboxContext.parse(
    JSON.parse(Buffer.from(header(request, 'x-wegent-context'), 'base64url').toString('utf8')),
  );
  const method = z.enum(['GET', 'POST', 'PUT', 'DELETE']).parse(header(request, 'x-wegent-method'));
  const answered = await access.call(context, {
    method,
    path: header(request, 'x-wegent-path'),
    ...(method === 'GET' || method === 'DELETE' ? {} : { body: request }),
    contentType: request.headers['content-type'],
  });
  response.writeHead(answered.status, answered.contentType ? { 'content-type': answered.contentType } : {});
  await pipeline(answered.body, response);
}

function requireSecret(request: IncomingMessage, secret: string): void {
  const expected = Buffer.from(`Bearer ${secret}`);
  const given = Buffer.from(request.headers.authorization ?? '');
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new ApiError('Unauthorized', 'the internal secret is missing or wrong');
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  if (typeof value !== 'string') throw new ApiError('BadRequest', `the header ${name} is missing`);
  return value;
}

function sendError(response: ServerResponse, cause: unknown): void {
  const error =
    cause instanceof ApiError
      ? cause
      : cause instanceof z.ZodError || cause instanceof SyntaxError
        ? new ApiError('BadRequest', 'the request is not what the contract says', { cause })
        : new ApiError('InternalError', 'the manager failed', { cause });
  response.writeHead(error.code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(error.toStatus()));
}
