import { pipeline } from 'node:stream/promises';
import { ApiError, Pod } from '@wegent/api';
import { parseLogOptions } from '@wegent/kube';
import { z } from 'zod';
import type { AuthService } from '../auth/auth.service.ts';
import { bearerOf } from '../auth/bearer.ts';
import type { App } from '../http/app-type.ts';
import { ObjectParams } from '../resources/request-schemas.ts';
import type { ResourceService } from '../resources/resource.service.ts';
import { AGENT_CONTAINER } from '../resources/views.ts';
import type { PodLogs } from './pod-log.ts';

const Text = z.string().max(100).optional();
/** What they mean is read elsewhere: clients write them in several ways. */
const LogParameters = z.object({
  container: Text.describe(`There is one: ${AGENT_CONTAINER}.`),
  follow: Text.describe('Go on until the Task has ended.'),
  timestamps: Text.describe('The time in front of each line.'),
  tailLines: Text.describe('Only so many of the last lines.'),
  limitBytes: Text.describe('Only so many bytes.'),
  sinceSeconds: Text.describe('Nothing older.'),
  sinceTime: Text.describe('Nothing before.'),
  previous: Text.describe('There is no log of a container before this one.'),
});

/** `…/pods/{name}/log`: what the agents of a Task said and did, as text. */
export function registerPodRoutes(
  app: App,
  {
    resources,
    podLogs,
    auth,
  }: {
    resources: Pick<ResourceService, 'get'>;
    podLogs: PodLogs;
    auth: Pick<AuthService, 'authenticate'>;
  },
): void {
  app.get('/api/v1/namespaces/:namespace/pods/:name/log', {
    schema: {
      tags: ['kubernetes'],
      summary: 'The log of a Task as text',
      params: ObjectParams,
      querystring: LogParameters,
      produces: ['text/plain'],
    },
    handler: async (request, reply) => {
      const { namespace, name } = request.params;
      const options = parseLogOptions(new URLSearchParams(request.url.split('?')[1]), Date.now());
      const { container, previous } = options;
      const pod = await resources.get({ principal: request.principal, definition: Pod, namespace, name });
      if (container !== '' && container !== AGENT_CONTAINER)
        throw new ApiError(
          'BadRequest',
          `container ${container} is not valid for pod ${name}; there is one, "${AGENT_CONTAINER}"`,
        );
      if (previous)
        throw new ApiError(
          'BadRequest',
          `previous terminated container "${AGENT_CONTAINER}" in pod "${name}" not found`,
        );
      const token = bearerOf(request);
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const lines = podLogs.read({
        taskId: pod.metadata.uid ?? '',
        authenticate: () => auth.authenticate(token),
        ...options,
        signal: gone.signal,
      });
      reply.hijack();
      reply.raw.writeHead(200, {
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-accel-buffering': 'no',
      });
      reply.raw.flushHeaders();
      // The task was deleted, the right withdrawn or the reader is gone: the stream ends.
      await pipeline(lines, reply.raw).catch(() => reply.raw.destroy());
    },
  });
}
