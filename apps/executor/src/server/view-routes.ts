import { ApiError, ExecutorCommand, ExecutorWorkspace, TerminalRequest } from '@wegent/api';
import { z } from 'zod';
import { listFolder, openFile } from '../views/files.ts';
import { readBytes, readJson, sendError, sendJson, sendNothing, sendStream } from './answers.ts';
import type { RouteDeps } from './route-deps.ts';
import type { Call, Route } from './router.ts';
import { countOf } from './turn-routes.ts';

const Commit = z.object({
  message: z.string().trim().min(1).max(10_000),
  author: z.object({ name: Identity(), email: Identity() }),
});
const MAX_KEYS = 64 * 1024;

function Identity() {
  return z
    .string()
    .min(1)
    .max(300)
    .regex(/^[^\p{Cc}<>]+$/u, 'must not have control characters or < and >');
}

/** Routes of the work tree: files, changes, repository, terminals, archive. */
export function viewRoutes(deps: RouteDeps): Route[] {
  const { changes, repository, terminals, commands, archive, requireTree, folder, prepareWorkspace } = deps;
  return [
    [
      'PUT',
      '/v1/workspace',
      async ({ request, response, signal }) => {
        await prepareWorkspace(await readJson(request, ExecutorWorkspace), signal);
        sendNothing(response, 204);
      },
    ],
    [
      'GET',
      '/v1/changes',
      async ({ response, query }) =>
        sendJson(response, 200, await changes.list(await requireTree(), turnOf(query))),
    ],
    [
      'GET',
      '/v1/changes/*',
      async ({ response, params: [path = ''], query }) => {
        const patch = await changes.patch(await requireTree(), path, turnOf(query));
        response.writeHead(200, {
          'content-type': 'text/plain; charset=utf-8',
          'content-length': patch.length,
        });
        response.end(patch);
      },
    ],
    [
      'GET',
      '/v1/files',
      async ({ response, query }) =>
        sendJson(response, 200, await listFolder(await folder(), query.get('path') ?? '')),
    ],
    ['GET', '/v1/files/*', async (call) => sendFile(call, await folder())],
    [
      'GET',
      '/v1/repository',
      async ({ response }) => sendJson(response, 200, await repository.state(await requireTree())),
    ],
    [
      'POST',
      '/v1/git/commit',
      async ({ request, response }) => {
        const commit = await readJson(request, Commit);
        sendJson(response, 200, await repository.commit(await requireTree(), commit));
      },
    ],
    [
      'POST',
      '/v1/git/push',
      async ({ response }) => sendJson(response, 200, await repository.push(await requireTree())),
    ],
    [
      'POST',
      '/v1/terminals',
      async ({ request, response }) => {
        const size = await readJson(request, TerminalRequest);
        sendJson(response, 201, { terminalId: terminals.open(await folder(), size) });
      },
    ],
    [
      'GET',
      '/v1/terminals/:/output',
      ({ response, params: [id = ''], signal }) =>
        sendStream(response, 'application/octet-stream', terminals.output(id, signal)),
    ],
    [
      'POST',
      '/v1/terminals/:/input',
      async ({ request, response, params: [id = ''] }) => {
        terminals.input(id, await readBytes(request, MAX_KEYS));
        sendNothing(response, 204);
      },
    ],
    [
      'POST',
      '/v1/terminals/:/resize',
      async ({ request, response, params: [id = ''] }) => {
        await terminals.resize(id, await readJson(request, TerminalRequest));
        sendNothing(response, 204);
      },
    ],
    [
      'DELETE',
      '/v1/terminals/:',
      ({ response, params: [id = ''] }) => {
        terminals.close(id);
        sendNothing(response, 204);
      },
    ],
    [
      'POST',
      '/v1/commands',
      async ({ request, response }) => {
        const command = await readJson(request, ExecutorCommand);
        sendJson(response, 201, { commandId: commands.start(await folder(), command) });
      },
    ],
    [
      'GET',
      '/v1/commands/:/output',
      ({ response, params: [id = ''], signal }) =>
        sendStream(response, 'application/octet-stream', commands.output(id, signal)),
    ],
    [
      'POST',
      '/v1/commands/:/input',
      async ({ request, response, params: [id = ''] }) => {
        await commands.input(id, await readBytes(request, MAX_KEYS));
        sendNothing(response, 204);
      },
    ],
    [
      'POST',
      '/v1/commands/:/end',
      async ({ response, params: [id = ''] }) => {
        await commands.end(id);
        sendNothing(response, 204);
      },
    ],
    [
      'POST',
      '/v1/commands/:/resize',
      async ({ request, response, params: [id = ''] }) => {
        await commands.resize(id, await readJson(request, TerminalRequest));
        sendNothing(response, 204);
      },
    ],
    [
      'DELETE',
      '/v1/commands/:',
      ({ response, params: [id = ''] }) => {
        commands.close(id);
        sendNothing(response, 204);
      },
    ],
    [
      'GET',
      '/v1/archive',
      async ({ response }) => {
        response.writeHead(200, { 'content-type': 'application/x-tar' });
        try {
          await archive.write(response);
          response.end();
        } catch (cause) {
          sendError(response, cause);
        }
      },
    ],
    [
      'PUT',
      '/v1/archive',
      async ({ request, response }) => {
        await archive.restore(request);
        sendNothing(response, 204);
      },
    ],
  ];
}

async function sendFile({ response, params: [path = ''], query }: Call, folder: string): Promise<void> {
  const { handle, start, length } = await openFile(folder, path, {
    offset: countOf(query, 'offset') ?? 0,
    limit: countOf(query, 'limit'),
  });
  try {
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': length,
      'x-content-type-options': 'nosniff',
    });
    if (length === 0) return void response.end();
    const bytes = handle.createReadStream({ start, end: start + length - 1, autoClose: false });
    for await (const chunk of bytes) {
      if (!response.write(chunk))
        await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
      if (response.destroyed) return;
    }
    response.end();
  } finally {
    await handle.close();
  }
}

function turnOf(query: URLSearchParams): string | undefined {
  const turnId = query.get('turn');
  if (turnId === null || turnId === '') return undefined;
  if (/^[A-Za-z0-9_-]{1,100}$/.test(turnId)) return turnId;
  throw new ApiError('NotFound', 'there is no such turn here');
}
