import type { KindDefinition, ResourceList, ResourceObject } from '@wegent/api';
import {
  createWatchFrames,
  type Negotiated,
  negotiate,
  parseIncludeObject,
  partialObject,
  partialObjectList,
  spelledAsApplied,
  tableOf,
  type WatchFrames,
} from '@wegent/kube';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { stringify } from 'yaml';
import { onKubernetesFace } from './resource-place.ts';
import { typeOf } from './served-types.ts';
import { toWire, type WireObject } from './wire.ts';

/** What of a request decides on the form of its answer. */
interface Asked {
  request: FastifyRequest;
  definition: KindDefinition;
  includeObject?: string | undefined;
}

/** Answers one object in the form that the client asked for. */
export function sendObject(reply: FastifyReply, asked: Asked & { object: ResourceObject }): FastifyReply {
  const { object } = asked;
  const form = negotiate(asked.request.headers.accept, ['Object', 'Table', 'PartialObjectMetadata']);
  const { resourceVersion } = object.metadata;
  switch (form.form) {
    case 'Table':
      return send(reply, form, toTable(asked, form, { objects: [object], metadata: { resourceVersion } }));
    case 'PartialObjectMetadata':
      return send(reply, form, partialObject(presenter(asked)(object), form.metaVersion));
    default:
      return send(reply, form, presenter(asked)(object));
  }
}

/** Answers a list in the form that the client asked for. */
export function sendList(reply: FastifyReply, asked: Asked & { list: ResourceList }): FastifyReply {
  const { list } = asked;
  const form = negotiate(asked.request.headers.accept, ['Object', 'Table', 'PartialObjectMetadataList']);
  const { items, metadata } = list;
  switch (form.form) {
    case 'Table':
      return send(reply, form, toTable(asked, form, { objects: items, metadata }));
    case 'PartialObjectMetadataList':
      return send(
        reply,
        form,
        partialObjectList({ metadata, items: items.map(presenter(asked)) }, form.metaVersion),
      );
    default:
      return send(reply, form, { ...list, items: items.map(presenter(asked)) });
  }
}

/** Answers whatever has one form only, such as a Status. */
export function sendPlain(reply: FastifyReply, request: FastifyRequest, body: object): FastifyReply {
  return send(reply, negotiate(request.headers.accept, ['Object', 'Table', 'PartialObjectMetadata']), body);
}

/** Writes a watch in the form that the client asked for; throws when there is none. */
export function watchFrames({ request, definition, includeObject }: Asked): WatchFrames {
  return createWatchFrames({
    type: typeOf(definition),
    negotiated: negotiate(
      request.headers.accept,
      ['Object', 'Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'],
      ['json'],
    ),
    includeObject: parseIncludeObject(includeObject),
    present: presenter({ request, definition }),
  });
}

/** How objects look to a client on the face that it asks. */
function presenter({ request, definition }: Asked): (object: ResourceObject) => WireObject {
  if (!onKubernetesFace(request)) return (object) => toWire(definition, object);
  return (object) => toWire(definition, spelledAsApplied(definition, object));
}

function toTable(
  { request, definition, includeObject }: Asked,
  { metaVersion }: Negotiated,
  {
    objects,
    metadata,
  }: { objects: readonly ResourceObject[]; metadata: { resourceVersion?: string | undefined } },
) {
  return tableOf(objects, {
    type: typeOf(definition),
    metadata,
    includeObject: parseIncludeObject(includeObject),
    metaVersion,
    now: Date.now(),
    present: presenter({ request, definition }),
  });
}

function send(reply: FastifyReply, { encoding, contentType }: Negotiated, body: object): FastifyReply {
  // As text it goes out as it is, past the serialiser of the route, which knows one form only.
  return reply
    .type(`${contentType}; charset=utf-8`)
    .send(encoding === 'json' ? JSON.stringify(body) : stringify(body, { lineWidth: 0 }));
}
