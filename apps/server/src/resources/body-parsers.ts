import { ApiError } from '@wegent/api';
import { bodyEncoding, decodeProtobuf, PATCH_CONTENT_TYPES } from '@wegent/kube';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { App } from '../http/app-type.ts';
import { MAX_DOCUMENT_BYTES } from './documents.ts';

const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml'];
const { apply: APPLY_TYPE, ...JSON_PATCHES } = PATCH_CONTENT_TYPES;

/** Content types of documents and of patches, for the API description. */
export const DOCUMENT_CONSUMES = ['application/json', ...YAML_TYPES, 'application/vnd.kubernetes.protobuf'];
export const PATCH_CONSUMES = Object.values(PATCH_CONTENT_TYPES);

/**
 * Lets the routes of a scope take documents as JSON, YAML (which reaches them as text) and in the binary form of
 * Kubernetes' built-in kinds, and patches. Their body schemas only describe: documents are checked by the services,
 * which report all findings at once.
 */
export function acceptDocuments(scope: App): void {
  const text = { parseAs: 'string', bodyLimit: MAX_DOCUMENT_BYTES } as const;
  scope.addContentTypeParser(
    [...YAML_TYPES, APPLY_TYPE],
    text,
    async (_request: unknown, body: string) => body,
  );
  scope.addContentTypeParser(Object.values(JSON_PATCHES), text, async (_request: unknown, body: string) =>
    parseJson(body, 'patch'),
  );
  const parseDocument = scope.getDefaultJsonParser('error', 'error');
  scope.addContentTypeParser<string>('application/json', text, (request, body, done) => {
    // Client libraries announce JSON with deletions that have no body.
    if (body === '' && request.method === 'DELETE') done(null, undefined);
    else parseDocument(request, body, done);
  });
  scope.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: MAX_DOCUMENT_BYTES },
    async (request: { headers: { 'content-type'?: string | undefined } }, body: Buffer) => {
      // Old clients send JSON without saying so.
      const encoding = bodyEncoding(request.headers['content-type']);
      if (encoding === 'protobuf') return decodeProtobuf(body);
      return body.length === 0 ? undefined : parseJson(body.toString('utf8'), 'body');
    },
  );
  scope.setValidatorCompiler<z.ZodType>((route) =>
    route.httpPart === 'body' ? (value: unknown) => ({ value }) : validatorCompiler(route),
  );
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ApiError(
      'BadRequest',
      `the ${what} is not valid JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
