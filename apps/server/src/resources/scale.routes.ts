import { Scale } from '@wegent/kube';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import { sendObject } from './answers.ts';
import { DOCUMENT_CONSUMES, PATCH_CONSUMES } from './body-parsers.ts';
import { MAX_DOCUMENT_BYTES, toDocument } from './documents.ts';
import { readPatch } from './read-patch.ts';
import { AnyObject, GetParameters, ObjectParams, WriteParameters } from './request-schemas.ts';
import { keyOf, objectPath, type Place, writeOf } from './resource-place.ts';
import type { ScaleService } from './scale.service.ts';
import { asWarnings } from './warnings.ts';

/** `…/{name}/scale`: how many of something an object wants, as `kubectl scale` reads and writes it. */
export function registerScaleRoutes(app: App, place: Place, { scales }: { scales: ScaleService }): void {
  const { definition, tags } = place;
  const path = `${objectPath(place)}/scale`;
  const bodyLimit = MAX_DOCUMENT_BYTES;
  const write = {
    tags,
    params: ObjectParams,
    querystring: WriteParameters,
    body: z.unknown(),
    response: { 200: AnyObject },
  };

  app.get(path, {
    schema: {
      tags,
      summary: `Get the scale of a ${definition.kind}`,
      params: ObjectParams,
      querystring: GetParameters,
      response: { 200: AnyObject },
    },
    handler: async (request, reply) => {
      const object = await scales.get({ principal: request.principal, ...keyOf(place, request.params) });
      const { includeObject } = request.query;
      return sendObject(reply, { request, definition: Scale, object, includeObject });
    },
  });

  app.put(path, {
    bodyLimit,
    schema: { ...write, summary: `Replace the scale of a ${definition.kind}`, consumes: DOCUMENT_CONSUMES },
    handler: async (request, reply) => {
      const { object, warnings } = await scales.update({
        ...writeOf(request),
        ...keyOf(place, request.params),
        input: toDocument(request.body),
      });
      void reply.headers(asWarnings(warnings));
      return sendObject(reply, { request, definition: Scale, object });
    },
  });

  app.patch(path, {
    bodyLimit,
    schema: { ...write, summary: `Patch the scale of a ${definition.kind}`, consumes: PATCH_CONSUMES },
    handler: async (request, reply) => {
      const { object, warnings } = await scales.patch({
        ...writeOf(request),
        ...keyOf(place, request.params),
        patch: readPatch(request),
      });
      void reply.headers(asWarnings(warnings));
      return sendObject(reply, { request, definition: Scale, object });
    },
  });
}
