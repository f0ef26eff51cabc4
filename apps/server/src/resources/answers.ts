import type { KindDefinition, ResourceList, ResourceObject } from '@wegent/api';
import {
  createWatchFrames,
  type Negotiated,
  negotiate,
  parseIncludeObject,
  partialObject,
  partialObjectList,
  tableOf,
  type WatchFrames,
} from '@wegent/kube';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { stringify } from 'yaml';
import { typeOf } from './served-types.ts';
import { toWire } from './wire.ts';

/** What of a request decides on the form of its answer. */
interface Asked {
  request: FastifyRequest;
  definition: KindDefinition;
  includeObject?: string | undefined;
}

/** Answers one object in the form that the client asked for. */
export function sendObject(reply: FastifyReply, asked: Asked & { object: ResourceObject }): FastifyReply {
  const { definition, object } = asked;
  const form = negotiate(asked.request.headers.accept, ['Object', 'Table', 'PartialObjectMetadata']);
  const { resourceVersion } = object.metadata;
  switch (form.form) {
    case 'Table':
      return send(reply, form, toTable(asked, form, { objects: [object], metadata: { resourceVersion } }));
    case 'PartialObjectMetadata':
      return send(reply, form, partialObject(toWire(definition, object), form.metaVersion));
    default:
      return send(reply, form, toWire(definition, object));
  }
}

/** Answers a list in the form that the client asked for. */
export function sendList(reply: FastifyReply, asked: Asked & { list: ResourceList }): FastifyReply {
  const { definition, list } = asked;
  const form = negotiate(asked.request.headers.accept, ['Object', 'Table', 'PartialObjectMetadataList']);
  const { items, metadata } = list;
  switch (form.form) {
    case 'Table':
      return send(reply, form, toTable(asked, form, { objects: items, metadata }));
    case 'PartialObjectMetadataList':
      return send(
        reply,
        form,
        partialObjectList(
          { metadata, items: items.map((item) => toWire(definition, item)) },
          form.metaVersion,
        ),
      );
    default:
      return send(reply, form, { ...list, items: items.map((item) => toWire(definition, item)) });
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
    present: (object) => toWire(definition, object),
  });
}

function toTable(
  { definition, includeObject }: Asked,
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
    present: (object) => toWire(definition, object),
  });
}

function send(reply: FastifyReply, { encoding, contentType }: Negotiated, body: object): FastifyReply {
  // As text it goes out as it is, past the serialiser of the route, which knows one form only.
  return reply
    .type(`${contentType}; charset=utf-8`)
    .send(encoding === 'json' ? JSON.stringify(body) : stringify(body, { lineWidth: 0 }));
}
