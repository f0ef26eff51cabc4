import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApiError, Pod, Terminal } from '@wegent/api';
import { chooseExecProtocol, EXEC_PROTOCOLS, impersonationOf, parseExecOptions } from '@wegent/kube';
import type { FastifyBaseLogger } from 'fastify';
import { WebSocketServer } from 'ws';
import type { Access } from '../access/access.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuthService } from '../auth/auth.service.ts';
import { bearerOf } from '../auth/bearer.ts';
import type { TaskSandboxes } from '../executors/task-sandbox.service.ts';
import type { ResourceService } from '../resources/resource.service.ts';
import { AGENT_CONTAINER } from '../resources/views.ts';
import { runExecSession } from './exec-session.ts';

const PATH = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/exec$/;
const SIZE = { cols: 80, rows: 24 };
const MAX_FRAME_BYTES = 1024 * 1024;
/** Paths of others who take upgrades of the same server. */
const OTHERS = ['/socket.io'];

/**
 * `…/pods/{name}/exec`: a command in the sandbox of a Task, over WebSocket as newer kubectl speaks. It takes the right
 * `exec` besides a place in the Task; both are asked for again while the session lives.
 */
export function createExecServer({
  http,
  auth,
  access,
  resources,
  sandboxes,
  audit,
  allowedOrigin,
  logger,
}: {
  http: Server;
  auth: Pick<AuthService, 'authenticate'>;
  access: Access;
  resources: Pick<ResourceService, 'get'>;
  sandboxes: TaskSandboxes;
  audit: Pick<Audit, 'record'>;
  allowedOrigin: (origin: string | undefined, host: string | undefined) => boolean;
  logger: Pick<FastifyBaseLogger, 'error'>;
}) {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => chooseExecProtocol(offered) ?? false,
  });

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (OTHERS.some((path) => pathname === path || pathname.startsWith(`${path}/`))) return;
    // A client that goes away while it is decided is no failure.
    socket.on('error', () => socket.destroy());
    open(request, socket, head, { pathname, searchParams }).catch((error: unknown) => {
      if (!(error instanceof ApiError)) logger.error({ err: error }, 'a shell could not be opened');
      refuse(
        socket,
        error instanceof ApiError ? error : new ApiError('InternalError', 'the shell could not be opened'),
      );
    });
  };
  http.on('upgrade', upgrade);

  async function open(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    { pathname, searchParams }: { pathname: string; searchParams: URLSearchParams },
  ): Promise<void> {
    const [, namespace = '', name = ''] = (PATH.exec(pathname) ?? []).map(decode);
    if (name === '') throw new ApiError('NotFound', 'the server could not find the requested resource');
    if (!allowedOrigin(request.headers.origin, request.headers.host))
      throw new ApiError('Forbidden', 'pages of other origins may not open shells');
    if (impersonationOf(request.headers))
      throw new ApiError('Forbidden', 'impersonation is not granted to anyone on this server');
    const token = bearerOf(request);
    const authorise = async () => {
      const principal = await auth.authenticate(token);
      const pod = await resources.get({ principal, definition: Pod, namespace, name });
      await access.authorise(principal, { verb: 'exec', kind: Pod.kind, namespace, name });
      return { principal, taskId: pod.metadata.uid ?? '' };
    };
    const { principal, taskId } = await authorise();
    const options = parseExecOptions(searchParams);
    if (options.container !== '' && options.container !== AGENT_CONTAINER)
      throw new ApiError(
        'BadRequest',
        `container ${options.container} is not valid for pod ${name}; there is one, "${AGENT_CONTAINER}"`,
      );
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((text) => text.trim());
    if (!chooseExecProtocol(offered))
      throw new ApiError('BadRequest', `none of the protocols ${EXEC_PROTOCOLS.join(', ')} was offered`);
    const call = { method: 'POST', path: '/v1/terminals', json: SIZE } as const;
    const { terminalId } = await sandboxes.ask(principal, taskId, call, Terminal);
    audit.record({ principal, action: 'exec', target: { kind: 'Task', namespace, name } });
    if (socket.destroyed) {
      await sandboxes.call(principal, taskId, { method: 'DELETE', path: `/v1/terminals/${terminalId}` });
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      void runExecSession({
        client,
        options,
        nonce: randomBytes(8).toString('hex'),
        authorise,
        terminal: {
          call: async (method, action, body) => {
            const path = `/v1/terminals/${encodeURIComponent(terminalId)}${action}`;
            const answer = await sandboxes.call(principal, taskId, { method, path, ...body });
            return answer.body;
          },
        },
      }).catch((error: unknown) => logger.error({ err: error }, 'a shell failed'));
    });
  }

  return {
    /** Ends all sessions. */
    close(): void {
      http.off('upgrade', upgrade);
      for (const client of sockets.clients) client.terminate();
      sockets.close();
    },
  };
}

function refuse(socket: Duplex, error: ApiError): void {
  if (socket.destroyed) return;
  const body = JSON.stringify(error.toStatus());
  socket.end(
    [
      `HTTP/1.1 ${error.code} ${error.reason}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
