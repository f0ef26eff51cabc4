import { ApiError, causesOf, HTTP_CODE_OF_REASON, invalid, type StatusReason } from '@wegent/api';
import type { FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify';
import { hasZodFastifySchemaValidationErrors, ResponseSerializationError } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { App } from './app-type.ts';

/**
 * The one place where failures become answers: every one is a Kubernetes Status, but for a browser that asks for a
 * page which does not exist: it gets `notFoundPage`.
 */
export function registerErrorHandler(app: App, notFoundPage?: string): void {
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    if (notFoundPage !== undefined && asksForPage(request)) {
      return reply.code(404).type('text/html; charset=utf-8').send(notFoundPage);
    }
    const error = new ApiError(
      'NotFound',
      `the server could not find the requested resource (${request.method} ${request.url.split('?', 1)[0]})`,
    );
    return reply.code(404).type('application/json; charset=utf-8').send(error.toStatus());
  });
}

/** Answers a failure; on its own where no route was found yet, such as an address that cannot be decoded. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const apiError = toApiError(error, request);
  if (apiError.code >= 500) request.log.error({ err: error }, 'request failed');
  const retryAfter = apiError.details?.retryAfterSeconds;
  if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter));
  return reply
    .code(apiError.code)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(apiError.toStatus());
}

function asksForPage(request: FastifyRequest): boolean {
  const wantsHtml = request.headers.accept?.includes('text/html') ?? false;
  return wantsHtml && request.method === 'GET' && !/^\/(apis?|internal)(\/|$|\?)/.test(request.url);
}

function toApiError(error: unknown, request: FastifyRequest): ApiError {
  if (error instanceof ApiError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issues = error.validation.map(toIssue);
    const where =
      error.validationContext === undefined || error.validationContext === 'body'
        ? ''
        : error.validationContext;
    const causes = causesOf(new z.ZodError(issues), where);
    const first = causes[0];
    return invalid(
      `the request is invalid: ${first?.field ? `${first.field}: ` : ''}${first?.message ?? 'wrong shape'}`,
      causes,
    );
  }
  if (error instanceof ResponseSerializationError) return hidden(error, request);
  if (
    error instanceof Error &&
    'statusCode' in error &&
    typeof error.statusCode === 'number' &&
    error.statusCode < 500
  ) {
    return new ApiError(reasonOfCode(error.statusCode), error.message, { cause: error });
  }
  return hidden(error, request);
}

// The type provider spreads an issue over Ajv's fields; this puts it together again.
function toIssue(item: FastifySchemaValidationError): z.core.$ZodIssue {
  const path = item.instancePath
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return { ...item.params, code: item.keyword, path, message: item.message ?? '' } as z.core.$ZodIssue;
}

// What went wrong inside is for the log; the caller gets the number under which it stands there.
function hidden(cause: unknown, request: FastifyRequest): ApiError {
  return new ApiError(
    'InternalError',
    `something went wrong on the server; its log says more under request ${request.id}`,
    { cause },
  );
}

function reasonOfCode(code: number): StatusReason {
  const found = Object.entries(HTTP_CODE_OF_REASON).find(([, value]) => value === code);
  return (found?.[0] as StatusReason | undefined) ?? 'BadRequest';
}
