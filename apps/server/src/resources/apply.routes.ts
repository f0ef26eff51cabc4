import type { ApplyResult } from '@wegent/api';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import type { ApplyService } from './apply.service.ts';
import { acceptDocuments, DOCUMENT_CONSUMES } from './body-parsers.ts';
import { MAX_DOCUMENT_BYTES, toDocuments } from './documents.ts';
import { BatchResult, CollectionParams, DeleteParameters, WriteParameters } from './request-schemas.ts';

const COMMON = {
  tags: ['resources'],
  params: CollectionParams,
  consumes: DOCUMENT_CONSUMES,
  body: z.unknown().describe('A document, a list of documents, or YAML documents as application/yaml.'),
  response: { 200: BatchResult, 207: BatchResult },
};

/** Apply and delete of many documents. */
export function registerApplyRoutes(app: App, { apply }: { apply: ApplyService }): void {
  app.register(async (scope: App) => {
    acceptDocuments(scope);

    scope.post('/api/v1/namespaces/:namespace/apply', {
      bodyLimit: MAX_DOCUMENT_BYTES,
      schema: { ...COMMON, summary: 'Create or change many documents', querystring: WriteParameters },
      handler: async (request, reply) => {
        const documents = toDocuments(request.body);
        const results = await apply.apply({
          principal: request.principal,
          ...request.params,
          ...request.query,
          documents,
        });
        return reply.code(codeOf(results)).send({ results });
      },
    });

    scope.post('/api/v1/namespaces/:namespace/delete', {
      bodyLimit: MAX_DOCUMENT_BYTES,
      schema: { ...COMMON, summary: 'Delete many documents', querystring: DeleteParameters },
      handler: async (request, reply) => {
        const { dryRun, force, propagationPolicy } = request.query;
        const documents = toDocuments(request.body);
        const results = await apply.delete({
          principal: request.principal,
          ...request.params,
          documents,
          dryRun,
          force: force || propagationPolicy !== undefined,
        });
        return reply.code(codeOf(results)).send({ results });
      },
    });
  });
}

function codeOf(results: readonly ApplyResult[]): 200 | 207 {
  return results.some(({ operation }) => operation === 'failed') ? 207 : 200;
}
