import { pipeline } from 'node:stream/promises';
import { Terminal, TerminalRequest } from '@wegent/api';
import { z } from 'zod';
import type { Access } from '../access/access.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuthService } from '../auth/auth.service.ts';
import { bearerOf } from '../auth/bearer.ts';
import type { Principal } from '../auth/principal.ts';
import type { App } from '../http/app-type.ts';
import type { TaskService } from '../tasks/task.service.ts';
import { streamed, UNTRUSTED } from './streamed.ts';
import type { TaskSandboxes } from './task-sandbox.service.ts';

const TAGS = ['workspace'];
/** Bytes of one piece of input to a terminal. */
const MAX_INPUT_BYTES = 64 * 1024;

const TaskParams = z.object({ taskId: z.string().min(1).max(100).describe('Id of the task.') });
/** Becomes part of the path of another request. */
const Name = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be an id');
const TerminalParams = TaskParams.extend({
  terminalId: Name.describe('As it was answered when the terminal was opened.'),
});

/** `/api/v1/tasks/{taskId}/terminals`: shells in the sandbox of a task. */
export function registerTerminalRoutes(
  app: App,
  {
    sandboxes,
    tasks,
    auth,
    access,
    audit,
  }: {
    sandboxes: TaskSandboxes;
    tasks: TaskService;
    auth: Pick<AuthService, 'authenticate'>;
    access: Pick<Access, 'authorise'>;
    audit: Pick<Audit, 'record'>;
  },
): void {
  /** A shell takes the right to enter sandboxes besides, as `kubectl exec` does. */
  async function enter(principal: Principal, taskId: string) {
    const { namespace, name } = await tasks.require(principal, taskId);
    await access.authorise(principal, { verb: 'exec', kind: 'Pod', namespace, name });
    return { kind: 'Task', namespace, name };
  }

  app.post('/api/v1/tasks/:taskId/terminals', {
    schema: {
      tags: TAGS,
      summary: 'Open a shell in the sandbox of the task',
      params: TaskParams,
      body: TerminalRequest,
      response: { 201: Terminal },
    },
    handler: async ({ principal, params, body }, reply) => {
      const target = await enter(principal, params.taskId);
      const request = { method: 'POST', path: '/v1/terminals', json: body } as const;
      const terminal = await sandboxes.ask(principal, params.taskId, request, Terminal);
      audit.record({ principal, action: 'exec', target });
      return reply.code(201).send(terminal);
    },
  });

  app.get('/api/v1/tasks/:taskId/terminals/:terminalId/output', {
    schema: {
      tags: TAGS,
      summary: 'What a terminal shows, as a stream of bytes until it ends',
      params: TerminalParams,
      produces: ['application/octet-stream'],
    },
    handler: async (request, reply) => {
      const { taskId } = request.params;
      await enter(request.principal, taskId);
      const path = `${terminalPath(request.params)}/output`;
      const { body } = await sandboxes.call(request.principal, taskId, { method: 'GET', path });
      const token = bearerOf(request);
      const mayRead = async () => enter(await auth.authenticate(token), taskId);
      // The answer begins before the terminal says anything.
      reply.hijack();
      reply.raw.writeHead(200, {
        ...UNTRUSTED,
        'content-type': 'application/octet-stream',
        'x-accel-buffering': 'no',
      });
      reply.raw.flushHeaders();
      await pipeline(streamed(body, { mayRead }), reply.raw).catch(() => {});
    },
  });

  // What people type is bytes; other routes take JSON only.
  app.register(async (scope: App) => {
    scope.addContentTypeParser(
      ['application/octet-stream', 'text/plain'],
      { parseAs: 'buffer', bodyLimit: MAX_INPUT_BYTES },
      (_request, body, done) => done(null, body),
    );
    scope.post('/api/v1/tasks/:taskId/terminals/:terminalId/input', {
      bodyLimit: MAX_INPUT_BYTES,
      schema: {
        tags: TAGS,
        summary: 'Type into a terminal (application/octet-stream, or text/plain)',
        consumes: ['application/octet-stream', 'text/plain'],
        params: TerminalParams,
        body: z.unknown().describe('What is typed, as bytes.'),
        response: { 204: z.null() },
      },
      handler: async ({ principal, params, body }, reply) => {
        await enter(principal, params.taskId);
        const request = {
          method: 'POST',
          path: `${terminalPath(params)}/input`,
          body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
          contentType: 'application/octet-stream',
        } as const;
        await drain((await sandboxes.call(principal, params.taskId, request)).body);
        return reply.code(204).send(null);
      },
    });
  });

  app.post('/api/v1/tasks/:taskId/terminals/:terminalId/resize', {
    schema: {
      tags: TAGS,
      summary: 'Tell a terminal its size',
      params: TerminalParams,
      body: TerminalRequest,
      response: { 204: z.null() },
    },
    handler: async ({ principal, params, body }, reply) => {
      await enter(principal, params.taskId);
      const request = {
        method: 'POST',
        path: `${terminalPath(params)}/resize`,
        body: Buffer.from(JSON.stringify(body)),
        contentType: 'application/json',
      } as const;
      await drain((await sandboxes.call(principal, params.taskId, request)).body);
      return reply.code(204).send(null);
    },
  });

  app.delete('/api/v1/tasks/:taskId/terminals/:terminalId', {
    schema: { tags: TAGS, summary: 'Close a terminal', params: TerminalParams, response: { 204: z.null() } },
    handler: async ({ principal, params }, reply) => {
      await enter(principal, params.taskId);
      const request = { method: 'DELETE', path: terminalPath(params) } as const;
      await drain((await sandboxes.call(principal, params.taskId, request)).body);
      return reply.code(204).send(null);
    },
  });
}

function terminalPath({ terminalId }: { terminalId: string }): string {
  return `/v1/terminals/${encodeURIComponent(terminalId)}`;
}

async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _chunk of body);
}
