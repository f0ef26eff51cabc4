import { ApiError } from '@wegent/api';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { App } from '../http/app-type.ts';
import { MAX_DOCUMENT_BYTES } from './documents.ts';
import type { Patch } from './resource.service.ts';

const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml'];
const PATCH_TYPES: Record<string, Patch['type']> = {
  'application/merge-patch+json': 'merge',
  'application/json-patch+json': 'json',
};

/** Content types of documents and of patches, for the API description. */
export const DOCUMENT_CONSUMES = ['application/json', ...YAML_TYPES];
export const PATCH_CONSUMES = Object.keys(PATCH_TYPES);

/**
 * Lets the routes of a scope take documents as JSON and YAML (which reaches them as text), and patches. Their body
 * schemas only describe: documents are checked by the services, which report all findings at once.
 */
export function acceptDocuments(scope: App): void {
  const text = { parseAs: 'string', bodyLimit: MAX_DOCUMENT_BYTES } as const;
  scope.addContentTypeParser(YAML_TYPES, text, async (_request: unknown, body: string) => body);
  scope.addContentTypeParser(Object.keys(PATCH_TYPES), text, async (_request: unknown, body: string) =>
    parseJson(body),
  );
  scope.setValidatorCompiler<z.ZodType>((route) =>
    route.httpPart === 'body' ? (value: unknown) => ({ value }) : validatorCompiler(route),
  );
}

/** What a content type says of a patch; throws `UnsupportedMediaType` for others. */
export function patchType(contentType = ''): Patch['type'] {
  const type = PATCH_TYPES[contentType.split(';')[0]?.trim().toLowerCase() ?? ''];
  if (type) return type;
  throw new ApiError(
    'UnsupportedMediaType',
    `patches are sent as ${Object.keys(PATCH_TYPES).join(' or ')}, got "${contentType}"`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ApiError(
      'BadRequest',
      `the patch is not valid JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
