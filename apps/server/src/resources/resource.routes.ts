import { API_GROUP, ApiError, KINDS, type KindDefinition, parseOrThrow, Status } from '@wegent/api';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import { acceptDocuments, DOCUMENT_CONSUMES, PATCH_CONSUMES, patchType } from './body-parsers.ts';
import { MAX_DOCUMENT_BYTES, toDocument } from './documents.ts';
import {
  AnyList,
  AnyObject,
  CollectionParams,
  DeleteBody,
  DeleteParameters,
  documentSchema,
  ListParameters,
  ObjectParams,
  WriteParameters,
} from './request-schemas.ts';
import type { ResourceService } from './resource.service.ts';
import type { Selection } from './resource-reader.ts';
import { asWarnings } from './warnings.ts';
import type { WatchService } from './watch.service.ts';
import { streamWatch } from './watch-stream.ts';

const PLATFORM_FACE = '/api/v1';
const KUBERNETES_FACE = `/apis/${API_GROUP}/v1`;

/** What the resource routes need. */
export interface ResourceRouteDeps {
  resources: ResourceService;
  watches: WatchService;
}

/** The resource API of all kinds on its two faces. */
export function registerResourceRoutes(app: App, deps: ResourceRouteDeps): void {
  // A scope of its own keeps the body parsers away from all other routes.
  app.register(async (scope: App) => {
    acceptDocuments(scope);
    for (const face of [PLATFORM_FACE, KUBERNETES_FACE]) {
      for (const definition of KINDS) {
        registerReads(scope, face, definition, deps);
        registerWrites(scope, face, definition, deps);
      }
    }
    for (const path of [`${PLATFORM_FACE}/namespaces/:namespace/*`, '/apis/*']) {
      scope.all(path, { schema: { hide: true } }, () => {
        throw new ApiError('NotFound', 'the server could not find the requested resource');
      });
    }
  });
}

function registerReads(
  app: App,
  face: string,
  definition: KindDefinition,
  { resources, watches }: ResourceRouteDeps,
): void {
  const { plural, kind } = definition;
  const tags = tagsOf(face, definition);
  const collection = `${face}/namespaces/:namespace/${plural}`;
  const listOrWatch = async (selection: Selection, query: ListParameters, reply: FastifyReply) => {
    if (!query.watch) return reply.send(await resources.list({ ...selection, ...query }));
    return streamWatch(reply, await watches.open({ ...selection, ...query }));
  };

  app.get(collection, {
    schema: {
      tags,
      summary: `List or watch ${plural} of a namespace`,
      params: CollectionParams,
      querystring: ListParameters,
      response: { 200: AnyList },
    },
    handler: (request, reply) =>
      listOrWatch({ principal: request.principal, definition, ...request.params }, request.query, reply),
  });

  app.get(`${collection}/:name`, {
    schema: { tags, summary: `Get a ${kind}`, params: ObjectParams, response: { 200: AnyObject } },
    handler: (request) => resources.get({ principal: request.principal, definition, ...request.params }),
  });

  // The platform's own list of tasks has another shape and stands at this path.
  if (face === PLATFORM_FACE && kind === 'Task') return;
  app.get(`${face}/${plural}`, {
    schema: {
      tags,
      summary: `List or watch all ${plural} that you may see`,
      querystring: ListParameters,
      response: { 200: AnyList },
    },
    handler: (request, reply) =>
      listOrWatch({ principal: request.principal, definition }, request.query, reply),
  });
}

function registerWrites(
  app: App,
  face: string,
  definition: KindDefinition,
  { resources }: ResourceRouteDeps,
): void {
  const { plural, kind } = definition;
  const tags = tagsOf(face, definition);
  const collection = `${face}/namespaces/:namespace/${plural}`;
  const bodyLimit = MAX_DOCUMENT_BYTES;
  const document = documentSchema(definition);

  app.post(collection, {
    bodyLimit,
    schema: {
      tags,
      summary: `Create a ${kind}`,
      params: CollectionParams,
      querystring: WriteParameters,
      consumes: DOCUMENT_CONSUMES,
      body: document,
      response: { 201: AnyObject },
    },
    handler: async (request, reply) => {
      const input = toDocument(request.body);
      const write = { principal: request.principal, definition, ...request.params, ...request.query, input };
      const { object, warnings } = await resources.create(write);
      return reply.headers(asWarnings(warnings)).code(201).send(object);
    },
  });

  app.put(`${collection}/:name`, {
    bodyLimit,
    schema: {
      tags,
      summary: `Replace a ${kind}`,
      params: ObjectParams,
      querystring: WriteParameters,
      consumes: DOCUMENT_CONSUMES,
      body: document,
      response: { 200: AnyObject },
    },
    handler: async (request, reply) => {
      const input = toDocument(request.body);
      const write = { principal: request.principal, definition, ...request.params, ...request.query, input };
      const { object, warnings } = await resources.update(write);
      return reply.headers(asWarnings(warnings)).send(object);
    },
  });

  app.patch(`${collection}/:name`, {
    bodyLimit,
    schema: {
      tags,
      summary: `Patch a ${kind}`,
      params: ObjectParams,
      querystring: WriteParameters,
      consumes: PATCH_CONSUMES,
      body: z.unknown(),
      response: { 200: AnyObject },
    },
    handler: async (request, reply) => {
      const patch = { type: patchType(request.headers['content-type']), body: request.body };
      const write = { principal: request.principal, definition, ...request.params, ...request.query, patch };
      const { object, warnings } = await resources.patch(write);
      return reply.headers(asWarnings(warnings)).send(object);
    },
  });

  app.delete(`${collection}/:name`, {
    schema: {
      tags,
      summary: `Delete a ${kind}`,
      params: ObjectParams,
      querystring: DeleteParameters,
      body: DeleteBody,
      response: { 200: Status },
    },
    handler: (request) => {
      const { query } = request;
      const options = parseOrThrow(DeleteBody, request.body, 'the body of the deletion');
      return resources.delete(
        { principal: request.principal, definition, ...request.params },
        {
          dryRun: query.dryRun || (options?.dryRun?.includes('All') ?? false),
          force: query.force || Boolean(query.propagationPolicy ?? options?.propagationPolicy),
          preconditions: {
            uid: options?.preconditions?.uid ?? undefined,
            resourceVersion: options?.preconditions?.resourceVersion ?? undefined,
          },
        },
      );
    },
  });
}

function tagsOf(face: string, { plural }: KindDefinition): string[] {
  return [face === PLATFORM_FACE ? plural : 'kubernetes'];
}
