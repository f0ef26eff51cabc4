import { apiGroup, apiResourceList, type Discoverable, discoveryRoot, versionInfo } from '@wegent/kube';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import { SERVED_KINDS, typeOf } from '../resources/served-types.ts';
import { REVIEW_TYPES } from './review-types.ts';

/** The version of Kubernetes whose conventions are spoken; clients warn when theirs is far from it. */
const KUBERNETES_VERSION = '1.33.0';

/** What there is, in the words of Kubernetes: `/api`, `/apis` and below, `/version`. */
export function registerDiscoveryRoutes(app: App, { version }: { version: string }): void {
  const schema = { hide: true } as const;

  app.get('/version', { config: { public: true }, schema }, (_request, reply) =>
    answer(reply, versionInfo({ kubernetes: KUBERNETES_VERSION, product: `wegent.${version}` })),
  );

  for (const root of ['api', 'apis'] as const) {
    app.get(`/${root}`, { schema }, (request, reply) => {
      const { contentType, body } = discoveryRoot(discoverable(), root, request.headers.accept);
      return reply.header('vary', 'Accept').header('content-type', contentType).send(JSON.stringify(body));
    });
  }

  app.get('/api/v1', { schema }, (_request, reply) =>
    answer(reply, apiResourceList(discoverable(), '', 'v1')),
  );

  app.get(
    '/apis/:group',
    { schema: { ...schema, params: z.object({ group: z.string() }) } },
    (request, reply) => answer(reply, apiGroup(discoverable(), request.params.group)),
  );

  app.get(
    '/apis/:group/:version',
    { schema: { ...schema, params: z.object({ group: z.string(), version: z.string() }) } },
    (request, reply) => {
      const { group, version: wanted } = request.params;
      return answer(reply, apiResourceList(discoverable(), group, wanted));
    },
  );
}

function discoverable(): Discoverable[] {
  return [...SERVED_KINDS.map(typeOf), ...REVIEW_TYPES];
}

function answer(reply: FastifyReply, body: object): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
}
