import { ApiError } from '@wegent/api';
import { patchTypeOf } from '@wegent/kube';
import type { FastifyRequest } from 'fastify';
import { toDocument } from './documents.ts';
import type { WriteParameters } from './request-schemas.ts';
import type { Patch } from './resource.service.ts';

/** The patch in the body of a request; its content type says how it is meant. */
export function readPatch(request: FastifyRequest<{ Querystring: WriteParameters }>): Patch {
  const type = patchTypeOf(request.headers['content-type']);
  const { fieldManager, force } = request.query;
  if (type !== 'apply') return { type, body: request.body };
  if (fieldManager === undefined || fieldManager === '')
    throw new ApiError(
      'BadRequest',
      'PatchOptions.meta.k8s.io is invalid: fieldManager: is required for apply patch',
    );
  return { type, force, body: toDocument(request.body) };
}
