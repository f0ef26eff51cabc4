import {
  encodeOpenapiV2,
  type GroupDocument,
  OPENAPI_V2_PROTOBUF,
  openapiV2Document,
  openapiV3Documents,
  openapiV3Root,
} from '@wegent/kube';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import { SERVED_KINDS, typeOf } from '../resources/served-types.ts';

const TITLE = 'Wegent';
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** What resources look like, in the documents that Kubernetes clients read: `/openapi/v3` and below, `/openapi/v2`. */
export function registerKubeOpenapiRoutes(app: App, { version }: { version: string }): void {
  const route = { config: { public: true }, schema: { hide: true } } as const;
  const info = { title: TITLE, version };
  // Made once, when they are asked for.
  let v3: GroupDocument[] | undefined;
  let v2: Buffer | undefined;
  const documents = () => {
    v3 ??= openapiV3Documents(SERVED_KINDS.map(typeOf), info);
    return v3;
  };

  app.get('/openapi/v3', route, (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(JSON.stringify(openapiV3Root(documents()))),
  );

  app.get(
    '/openapi/v3/*',
    {
      ...route,
      schema: {
        hide: true,
        params: z.object({ '*': z.string() }),
        querystring: z.object({ hash: z.string().optional() }),
      },
    },
    (request, reply) => {
      const found = documents().find(({ path }) => path === request.params['*']);
      if (!found) return reply.callNotFound();
      // An address with the digest of its document never changes.
      const isFixed = request.query.hash === found.hash;
      const etag = `"${found.hash}"`;
      void reply
        .header('etag', etag)
        .header('cache-control', isFixed ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.type('application/json; charset=utf-8').send(found.text);
    },
  );

  app.get('/openapi/v2', route, (request, reply) => {
    const document = openapiV2Document(SERVED_KINDS.map(typeOf), info);
    if (!request.headers.accept?.includes('proto-openapi'))
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(document));
    v2 ??= Buffer.from(encodeOpenapiV2(document));
    return reply.type(OPENAPI_V2_PROTOBUF).send(v2);
  });
}
