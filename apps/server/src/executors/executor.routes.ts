import { EngineName, ExecutorOverview, ExecutorSummary, LogPage } from '@wegent/api';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import type { ExecutorService } from './executor-overview.ts';
import type { LogService } from './log.service.ts';

const EngineParams = z.object({ name: EngineName.describe('The engine to install.') });
const TaskParams = z.object({ taskId: z.string().min(1).max(100).describe('Id of the task.') });

/** Where agents run: what everybody may know, what administrators see, and what runs wrote. */
export function registerExecutorRoutes(
  app: App,
  { executors, logs }: { executors: ExecutorService; logs: LogService },
): void {
  app.get('/api/v1/executors', {
    schema: {
      tags: ['executors'],
      summary: 'What somebody who starts a task has to know: sandboxes, engines, places',
      response: { 200: ExecutorSummary },
    },
    handler: () => executors.summary(),
  });

  app.get('/api/v1/admin/executors', {
    schema: {
      tags: ['admin'],
      summary: 'Managers with their sandboxes, and the runs that wait, each with its reason',
      response: { 200: ExecutorOverview },
    },
    handler: (request) => executors.overview(request.principal),
  });

  app.post('/api/v1/admin/engines/:name/install', {
    schema: {
      tags: ['admin'],
      summary: 'Install an engine on all managers that lack it',
      description: 'Answers at once; GET /api/v1/admin/executors tells the progress.',
      params: EngineParams,
      body: z.strictObject({}).nullish(),
      response: { 202: z.object({ name: EngineName }) },
    },
    handler: async (request, reply) => {
      await executors.install(request.principal, request.params.name, request.ip);
      return reply.code(202).send({ name: request.params.name });
    },
  });

  app.get('/api/v1/tasks/:taskId/logs', {
    schema: {
      tags: ['workspace'],
      summary: 'What set-up, git, network and engine wrote, oldest first',
      params: TaskParams,
      querystring: z.object({
        after: z.coerce
          .number()
          .int()
          .min(0)
          .default(0)
          .describe('Number of the last line that the reader has.'),
        limit: z.coerce.number().int().min(1).max(5000).default(1000),
      }),
      response: { 200: LogPage },
    },
    handler: (request) => logs.page(request.principal, request.params.taskId, request.query),
  });
}
