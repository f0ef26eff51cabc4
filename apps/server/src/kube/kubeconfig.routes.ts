import { ApiError } from '@wegent/api';
import type { FastifyRequest } from 'fastify';
import { stringify } from 'yaml';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import type { HttpsListener } from '../tls/https-listener.ts';
import { makeKubeconfig } from './kubeconfig.ts';

/** `GET /api/v1/kubeconfig`: what kubectl needs to reach this server, without a secret in it. */
export function registerKubeconfigRoute(
  app: App,
  { publicUrl, https }: { publicUrl: string; https: () => HttpsListener | undefined },
): void {
  app.get('/api/v1/kubeconfig', {
    schema: {
      tags: ['kubernetes'],
      summary: 'A kubeconfig for this server, as YAML, or as JSON when that is asked for',
      querystring: z.object({
        namespace: z.string().min(1).max(100).optional().describe('Default namespace; your own when absent.'),
      }),
      produces: ['application/yaml', 'application/json'],
    },
    handler: async (request, reply) => {
      const { principal } = request;
      const config = makeKubeconfig({
        ...addressOf(request, publicUrl, https()),
        username: principal.username,
        namespace: request.query.namespace ?? principal.namespace,
      });
      const wantsJson = request.headers.accept?.includes('application/json') ?? false;
      return wantsJson
        ? reply.type('application/json; charset=utf-8').send(JSON.stringify(config))
        : reply.type('application/yaml; charset=utf-8').send(stringify(config, { lineWidth: 0 }));
    },
  });
}

function addressOf(request: FastifyRequest, publicUrl: string, listener: HttpsListener | undefined) {
  // Behind a proxy with a real certificate there is nothing to embed.
  if (publicUrl.startsWith('https:')) return { server: publicUrl, platform: publicUrl };
  if (!listener)
    throw new ApiError(
      'ServiceUnavailable',
      'HTTPS is off on this server, and kubectl needs it: set HTTPS_PORT',
    );
  const { hostname } = new URL(`${request.protocol}://${request.host}`);
  return {
    server: `https://${hostname}:${listener.port}`,
    authority: listener.authority(),
    platform: `${request.protocol}://${request.host}`,
  };
}
