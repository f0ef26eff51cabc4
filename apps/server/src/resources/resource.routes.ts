import { ApiError, type KindDefinition, parseOrThrow, type ResourceVerb, Task } from '@wegent/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import { sendList, sendObject, sendPlain, watchFrames } from './answers.ts';
import { acceptDocuments, DOCUMENT_CONSUMES, PATCH_CONSUMES } from './body-parsers.ts';
import { MAX_DOCUMENT_BYTES, toDocument } from './documents.ts';
import { readPatch } from './read-patch.ts';
import {
  AnyList,
  AnyObject,
  CollectionParams,
  DeleteBody,
  DeleteParameters,
  documentSchema,
  GetParameters,
  ListParameters,
  ObjectParams,
  WriteParameters,
} from './request-schemas.ts';
import type { DeleteOptions, ResourceService } from './resource.service.ts';
import { KUBERNETES_FACE, keyOf, objectPath, type Place, writeOf } from './resource-place.ts';
import type { Selection } from './resource-reader.ts';
import { registerScaleRoutes } from './scale.routes.ts';
import type { ScaleService } from './scale.service.ts';
import { SERVED_KINDS } from './served-types.ts';
import { registerStatusRoutes } from './status.routes.ts';
import type { StatusService } from './status.service.ts';
import { asWarnings } from './warnings.ts';
import type { WatchService } from './watch.service.ts';
import { streamWatch } from './watch-stream.ts';
import { wholeList } from './whole-list.ts';

/** The platform's own API, which holds Kubernetes' core group as well. */
const PLATFORM_FACE = '/api/v1';
/** Pages of a list that is asked for without a limit: more would hold up everybody else. */
const MAX_PAGES = 20;

/** What the resource routes need. */
export interface ResourceRouteDeps {
  resources: ResourceService;
  watches: WatchService;
  statuses: StatusService;
  scales: ScaleService;
}

/** The resource API of all kinds on its two faces. */
export function registerResourceRoutes(app: App, deps: ResourceRouteDeps): void {
  // A scope of its own keeps the body parsers away from all other routes.
  app.register(async (scope: App) => {
    acceptDocuments(scope);
    for (const place of SERVED_KINDS.flatMap(placesOf)) {
      registerReads(scope, place, deps);
      registerWrites(scope, place, deps);
      registerDeletions(scope, place, deps);
      if (place.definition.group !== '') registerStatusRoutes(scope, place, deps);
      if (place.definition.scale) registerScaleRoutes(scope, place, deps);
    }
    for (const path of ['pods', 'pods/:name']) {
      scope.route({
        method: ['POST', 'PUT', 'PATCH', 'DELETE'],
        url: `${PLATFORM_FACE}/namespaces/:namespace/${path}`,
        schema: { hide: true },
        handler: () => {
          throw new ApiError(
            'MethodNotAllowed',
            'a Pod is a view of a Task and cannot be changed; to delete both, delete the Task: "kubectl delete task NAME"',
          );
        },
      });
    }
    for (const path of [`${PLATFORM_FACE}/namespaces/:namespace/*`, '/apis/*']) {
      scope.all(path, { schema: { hide: true } }, () => {
        throw new ApiError('NotFound', 'the server could not find the requested resource');
      });
    }
  });
}

function placesOf(definition: KindDefinition): Place[] {
  const { group, plural, namespaced } = definition;
  const faces = group === '' ? [PLATFORM_FACE] : [PLATFORM_FACE, KUBERNETES_FACE];
  return faces.map((face) => ({
    definition,
    collection: namespaced ? `${face}/namespaces/:namespace/${plural}` : `${face}/${plural}`,
    // The platform's own list of tasks has another shape and stands at this path.
    everywhere:
      namespaced && !(face === PLATFORM_FACE && definition.kind === Task.kind)
        ? `${face}/${plural}`
        : undefined,
    tags: [face === PLATFORM_FACE && group !== '' ? plural : 'kubernetes'],
  }));
}

function registerReads(app: App, place: Place, { resources, watches }: ResourceRouteDeps): void {
  const { definition, collection, everywhere, tags } = place;
  const { plural, kind, namespaced } = definition;
  const listOrWatch = async (
    request: FastifyRequest,
    reply: FastifyReply,
    query: ListParameters,
    namespace?: string,
  ) => {
    const { includeObject } = query;
    const selection: Selection = { principal: request.principal, definition, namespace };
    if (!query.watch)
      return sendList(reply, {
        request,
        definition,
        includeObject,
        list: query.limit
          ? await resources.list({ ...query, ...selection })
          : await wholeList(resources, { ...query, ...selection }, MAX_PAGES),
      });
    const frames = watchFrames({ request, definition, includeObject });
    return streamWatch(reply, await watches.open({ ...query, ...selection, frames }));
  };

  app.get(collection, {
    schema: {
      tags,
      summary: `List or watch ${plural}${namespaced ? ' of a namespace' : ''}`,
      ...(namespaced ? { params: CollectionParams } : {}),
      querystring: ListParameters,
      response: { 200: AnyList },
    },
    handler: (request, reply) => listOrWatch(request, reply, request.query, namespaceOf(request.params)),
  });

  app.get(objectPath(place), {
    schema: {
      tags,
      summary: `Get a ${kind}`,
      params: namespaced ? ObjectParams : CollectionParams,
      querystring: GetParameters,
      response: { 200: AnyObject },
    },
    handler: async (request, reply) => {
      const { includeObject } = request.query;
      const object = await resources.get({ principal: request.principal, ...keyOf(place, request.params) });
      return sendObject(reply, { request, definition, includeObject, object });
    },
  });

  if (everywhere === undefined) return;
  app.get(everywhere, {
    schema: {
      tags,
      summary: `List or watch all ${plural} that you may see`,
      querystring: ListParameters,
      response: { 200: AnyList },
    },
    handler: (request, reply) => listOrWatch(request, reply, request.query),
  });
}

function registerWrites(app: App, place: Place, { resources }: ResourceRouteDeps): void {
  const { definition, collection, tags } = place;
  const { kind, namespaced } = definition;
  const bodyLimit = MAX_DOCUMENT_BYTES;
  const params = namespaced ? ObjectParams : CollectionParams;
  const document = documentSchema(definition);

  if (allows(definition, 'create'))
    app.post(collection, {
      bodyLimit,
      schema: {
        tags,
        summary: `Create a ${kind}`,
        ...(namespaced ? { params: CollectionParams } : {}),
        querystring: WriteParameters,
        consumes: DOCUMENT_CONSUMES,
        body: document,
        response: { 201: AnyObject },
      },
      handler: async (request, reply) => {
        const { object, warnings } = await resources.create({
          ...writeOf(request),
          definition,
          namespace: namespaceOf(request.params) ?? '',
          input: toDocument(request.body),
        });
        void reply.headers(asWarnings(warnings)).code(201);
        return sendObject(reply, { request, definition, object });
      },
    });

  if (allows(definition, 'update'))
    app.put(objectPath(place), {
      bodyLimit,
      schema: {
        tags,
        summary: `Replace a ${kind}`,
        params,
        querystring: WriteParameters,
        consumes: DOCUMENT_CONSUMES,
        body: document,
        response: { 200: AnyObject },
      },
      handler: async (request, reply) => {
        const input = toDocument(request.body);
        const { object, warnings } = await resources.update({
          ...writeOf(request),
          ...keyOf(place, request.params),
          input,
        });
        void reply.headers(asWarnings(warnings));
        return sendObject(reply, { request, definition, object });
      },
    });

  if (allows(definition, 'patch'))
    app.patch(objectPath(place), {
      bodyLimit,
      schema: {
        tags,
        summary: `Patch a ${kind}, or apply a configuration to it`,
        params,
        querystring: WriteParameters,
        consumes: PATCH_CONSUMES,
        body: z.unknown(),
        response: { 200: AnyObject, 201: AnyObject },
      },
      handler: async (request, reply) => {
        const { object, warnings, operation } = await resources.patch({
          ...writeOf(request),
          ...keyOf(place, request.params),
          patch: readPatch(request),
        });
        void reply.headers(asWarnings(warnings)).code(operation === 'created' ? 201 : 200);
        return sendObject(reply, { request, definition, object });
      },
    });
}

function registerDeletions(app: App, place: Place, { resources }: ResourceRouteDeps): void {
  const { definition, collection, tags } = place;
  const { kind, plural, namespaced } = definition;
  if (!allows(definition, 'delete')) return;

  app.delete(objectPath(place), {
    schema: {
      tags,
      summary: `Delete a ${kind}`,
      params: namespaced ? ObjectParams : CollectionParams,
      querystring: DeleteParameters,
      body: DeleteBody,
      response: { 200: z.unknown().describe('A Status; the object itself while something keeps it.') },
    },
    handler: async (request, reply) => {
      const key = { principal: request.principal, ...keyOf(place, request.params) };
      const { object, status } = await resources.delete(key, deleteOptions(request.query, request.body));
      return object ? sendObject(reply, { request, definition, object }) : sendPlain(reply, request, status);
    },
  });

  if (!namespaced) return;
  app.delete(collection, {
    schema: {
      tags,
      summary: `Delete all ${plural} of a selection`,
      params: CollectionParams,
      querystring: DeleteParameters.extend(
        ListParameters.pick({ labelSelector: true, fieldSelector: true }).shape,
      ),
      body: DeleteBody,
      response: { 200: AnyList },
    },
    handler: async (request, reply) => {
      const { principal } = request;
      const { namespace } = request.params;
      await resources.authorise(principal, { verb: 'deletecollection', definition, namespace });
      const options = deleteOptions(request.query, request.body);
      const list = await wholeList(resources, { ...request.query, principal, definition, namespace });
      for (const { metadata } of list.items)
        await resources
          .delete({ principal, definition, namespace, name: metadata.name }, options)
          .catch(unlessGone);
      return sendList(reply, { request, definition, list });
    },
  });
}

/** Somebody else deleted it in the meantime: as good. */
function unlessGone(error: unknown): void {
  if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error;
}

function deleteOptions(query: DeleteParameters, body: unknown): DeleteOptions {
  const options = parseOrThrow(DeleteBody, body, 'the body of the deletion');
  const propagationPolicy = query.propagationPolicy ?? options?.propagationPolicy ?? undefined;
  return {
    dryRun: query.dryRun || (options?.dryRun?.includes('All') ?? false),
    force: query.force || propagationPolicy !== undefined,
    propagationPolicy,
    preconditions: {
      uid: options?.preconditions?.uid ?? undefined,
      resourceVersion: options?.preconditions?.resourceVersion ?? undefined,
    },
  };
}

function namespaceOf(params: unknown): string | undefined {
  const parsed = CollectionParams.safeParse(params);
  return parsed.success ? parsed.data.namespace : undefined;
}

function allows({ verbs }: KindDefinition, verb: ResourceVerb): boolean {
  return verbs.includes(verb);
}
