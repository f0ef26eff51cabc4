import { ChangeList, CommitRequest, CommitResult, FolderListing, RevertResult } from '@wegent/api';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { contentDisposition } from '../attachments/file-name.ts';
import type { App } from '../http/app-type.ts';
import type { TaskService } from '../tasks/task.service.ts';
import type { CommitAuthors } from './commit-author.ts';
import { sandboxPath } from './sandbox-path.ts';
import { streamed, UNTRUSTED } from './streamed.ts';
import type { TaskSandboxes } from './task-sandbox.service.ts';

const TAGS = ['workspace'];

/** Becomes part of the path of another request. */
const Name = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be an id');
const TaskParams = z.object({ taskId: z.string().min(1).max(100).describe('Id of the task.') });
const TurnParams = TaskParams.extend({
  executionId: Name.describe('Id of the run whose changes are meant.'),
});
const PathParams = TaskParams.extend({
  '*': z.string().min(1).max(4096).describe('Path relative to the work tree.'),
});
const Turn = z.object({
  turn: z.string().min(1).max(100).optional().describe('Only what the run with this id changed.'),
});

/** `/api/v1/tasks/{taskId}/…`: the work tree of a task. */
export function registerSandboxRoutes(
  app: App,
  {
    sandboxes,
    tasks,
    authors,
  }: {
    sandboxes: TaskSandboxes;
    tasks: TaskService;
    authors: CommitAuthors;
  },
): void {
  app.get('/api/v1/tasks/:taskId/changes', {
    schema: {
      tags: TAGS,
      summary: 'Files that differ from the base branch, or that one turn changed',
      params: TaskParams,
      querystring: Turn,
      response: { 200: ChangeList },
    },
    handler: ({ principal, params, query }) =>
      sandboxes.ask(
        principal,
        params.taskId,
        { method: 'GET', path: withQuery('/v1/changes', query) },
        ChangeList,
      ),
  });

  app.get('/api/v1/tasks/:taskId/changes/*', {
    schema: {
      tags: TAGS,
      summary: 'The patch of one file, as text',
      params: PathParams,
      querystring: Turn,
      produces: ['text/plain'],
    },
    handler: async ({ principal, params, query }, reply) => {
      const path = withQuery(`/v1/changes/${sandboxPath(params['*'])}`, query);
      const { body } = await sandboxes.call(principal, params.taskId, { method: 'GET', path });
      return asUntrusted(reply).type('text/plain; charset=utf-8').send(streamed(body));
    },
  });

  app.get('/api/v1/tasks/:taskId/files', {
    schema: {
      tags: TAGS,
      summary: 'A folder of the work tree',
      params: TaskParams,
      querystring: z.object({
        path: z
          .string()
          .max(4096)
          .default('')
          .describe('Path of the folder; the work tree itself when empty.'),
      }),
      response: { 200: FolderListing },
    },
    handler: ({ principal, params, query }) => {
      sandboxPath(query.path, { optional: true });
      const path = withQuery('/v1/files', { path: query.path });
      return sandboxes.ask(principal, params.taskId, { method: 'GET', path }, FolderListing);
    },
  });

  app.get('/api/v1/tasks/:taskId/files/*', {
    schema: {
      tags: TAGS,
      summary: 'Download a file of the work tree',
      params: PathParams,
      produces: ['application/octet-stream'],
    },
    handler: async ({ principal, params }, reply) => {
      const path = `/v1/files/${sandboxPath(params['*'])}`;
      const { body } = await sandboxes.call(principal, params.taskId, { method: 'GET', path });
      const name = params['*'].split('/').at(-1) ?? 'file';
      return asUntrusted(reply)
        .header('content-disposition', contentDisposition('attachment', name))
        .type('application/octet-stream')
        .send(streamed(body));
    },
  });

  app.post('/api/v1/tasks/:taskId/commit', {
    schema: {
      tags: TAGS,
      summary: 'Commit all changes to the branch of the task, in the name of the caller',
      params: TaskParams,
      body: CommitRequest,
      response: { 200: CommitResult },
    },
    handler: async ({ principal, params, body }) => {
      await tasks.require(principal, params.taskId);
      const json = { message: body.message, author: await authors.of(principal) };
      return sandboxes.ask(
        principal,
        params.taskId,
        { method: 'POST', path: '/v1/git/commit', json },
        CommitResult,
      );
    },
  });

  app.post('/api/v1/tasks/:taskId/push', {
    schema: {
      tags: TAGS,
      summary: 'Push the branch of the task',
      params: TaskParams,
      body: z.strictObject({}).nullish(),
      response: { 200: CommitResult },
    },
    handler: ({ principal, params }) =>
      sandboxes.ask(
        principal,
        params.taskId,
        { method: 'POST', path: '/v1/git/push', json: {} },
        CommitResult,
      ),
  });

  app.post('/api/v1/tasks/:taskId/turns/:executionId/revert', {
    schema: {
      tags: TAGS,
      summary: 'Take back what one turn changed',
      description: '409 when later changes touch the same lines.',
      params: TurnParams,
      body: z.strictObject({}).nullish(),
      response: { 200: RevertResult },
    },
    handler: ({ principal, params: { taskId, executionId } }) =>
      sandboxes.ask(
        principal,
        taskId,
        { method: 'POST', path: `/v1/turns/${encodeURIComponent(executionId)}/revert`, json: {} },
        RevertResult,
      ),
  });
}

function withQuery(path: string, query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

function asUntrusted(reply: FastifyReply): FastifyReply {
  return reply.headers(UNTRUSTED);
}
