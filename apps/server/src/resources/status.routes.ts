import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import { sendObject } from './answers.ts';
import { DOCUMENT_CONSUMES, PATCH_CONSUMES } from './body-parsers.ts';
import { MAX_DOCUMENT_BYTES, toDocument } from './documents.ts';
import { readPatch } from './read-patch.ts';
import { AnyObject, GetParameters, ObjectParams, WriteParameters } from './request-schemas.ts';
import type { ResourceService } from './resource.service.ts';
import { keyOf, objectPath, type Place, writeOf } from './resource-place.ts';
import type { StatusService } from './status.service.ts';
import { asWarnings } from './warnings.ts';

/** `…/{name}/status`: conditions that controllers outside of the platform write on an object. */
export function registerStatusRoutes(
  app: App,
  place: Place,
  { resources, statuses }: { resources: Pick<ResourceService, 'get'>; statuses: StatusService },
): void {
  const { definition, tags } = place;
  const path = `${objectPath(place)}/status`;
  const bodyLimit = MAX_DOCUMENT_BYTES;

  app.get(path, {
    schema: {
      tags,
      summary: `Get a ${definition.kind} with its status`,
      params: ObjectParams,
      querystring: GetParameters,
      response: { 200: AnyObject },
    },
    handler: async (request, reply) => {
      const object = await resources.get({ principal: request.principal, ...keyOf(place, request.params) });
      return sendObject(reply, { request, definition, object, includeObject: request.query.includeObject });
    },
  });

  app.put(path, {
    bodyLimit,
    schema: {
      tags,
      summary: `Replace the conditions of a ${definition.kind}`,
      params: ObjectParams,
      querystring: WriteParameters,
      consumes: DOCUMENT_CONSUMES,
      body: z.unknown(),
      response: { 200: AnyObject },
    },
    handler: async (request, reply) => {
      const input = toDocument(request.body);
      const { object, warnings } = await statuses.update({
        ...writeOf(request),
        ...keyOf(place, request.params),
        input,
      });
      void reply.headers(asWarnings(warnings));
      return sendObject(reply, { request, definition, object });
    },
  });

  app.patch(path, {
    bodyLimit,
    schema: {
      tags,
      summary: `Patch the conditions of a ${definition.kind}`,
      params: ObjectParams,
      querystring: WriteParameters,
      consumes: PATCH_CONSUMES,
      body: z.unknown(),
      response: { 200: AnyObject },
    },
    handler: async (request, reply) => {
      const { object, warnings } = await statuses.patch({
        ...writeOf(request),
        ...keyOf(place, request.params),
        patch: readPatch(request),
      });
      void reply.headers(asWarnings(warnings));
      return sendObject(reply, { request, definition, object });
    },
  });
}
