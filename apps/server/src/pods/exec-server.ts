import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { ApiError, type ExecutorCommand, Pod, StartedCommand, Task } from '@wegent/api';
import {
  chooseExecProtocol,
  EXEC_PROTOCOLS,
  type ExecOptions,
  impersonationOf,
  parseExecOptions,
} from '@wegent/kube';
import type { FastifyBaseLogger } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Access } from '../access/access.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuthService } from '../auth/auth.service.ts';
import { bearerOf } from '../auth/bearer.ts';
import type { Principal } from '../auth/principal.ts';
import type { ChatService } from '../chat/chat.service.ts';
import type { TaskSandboxes } from '../executors/task-sandbox.service.ts';
import type { ResourceService } from '../resources/resource.service.ts';
import { AGENT_CONTAINER } from '../resources/views.ts';
import type { TaskService } from '../tasks/task.service.ts';
import { runAttachSession } from './attach-session.ts';
import { runExecSession, terminalSize } from './exec-session.ts';
import { createPodChannel, type PodChannel } from './pod-channel.ts';
import { hasEnded, type PodLogs } from './pod-log.ts';

const PATH = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/(exec|attach)$/;
const MAX_FRAME_BYTES = 1024 * 1024;
/** How long clients have to hear how their sessions ended. */
const FAREWELL_MS = 1_000;
/** Paths of others who take upgrades of the same server. */
const OTHERS = ['/socket.io'];
/** What is no address leads nowhere. */
const NOWHERE = new URL('http://localhost/');

/** Somebody who asks for a session. */
interface Caller {
  principal: Principal;
  namespace: string;
  name: string;
  taskId: string;
  options: ExecOptions;
  authorise: () => Promise<Principal>;
}

/**
 * `…/pods/{name}/exec`, a command in the sandbox of a Task, and `…/attach`, what its agents say and what is said to
 * them; over WebSocket as newer kubectl speaks. `exec` takes the right of that name, `attach` that to change the Task,
 * besides a place in the Task; all is asked for again while the session lives.
 */
export function createExecServer({
  http,
  auth,
  access,
  resources,
  sandboxes,
  tasks,
  chat,
  podLogs,
  audit,
  allowedOrigin,
  logger,
}: {
  http: Server;
  auth: Pick<AuthService, 'authenticate'>;
  access: Access;
  resources: Pick<ResourceService, 'get'>;
  sandboxes: TaskSandboxes;
  tasks: Pick<TaskService, 'require'>;
  chat: Pick<ChatService, 'send'>;
  podLogs: PodLogs;
  audit: Pick<Audit, 'record'>;
  allowedOrigin: (origin: string | undefined, host: string | undefined) => boolean;
  logger: Pick<FastifyBaseLogger, 'error'>;
}) {
  const channels = new Set<PodChannel>();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => chooseExecProtocol(offered) ?? false,
  });

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Whatever a client writes there: what is no address leads nowhere.
    const { pathname, searchParams } = URL.parse(request.url ?? '/', 'http://localhost') ?? NOWHERE;
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
    const [, namespace = '', name = '', action = ''] = (PATH.exec(pathname) ?? []).map(decode);
    if (name === '' || (action !== 'exec' && action !== 'attach'))
      throw new ApiError('NotFound', 'the server could not find the requested resource');
    if (!allowedOrigin(request.headers.origin, request.headers.host))
      throw new ApiError('Forbidden', 'pages of other origins may not open shells');
    if (impersonationOf(request.headers))
      throw new ApiError('Forbidden', 'impersonation is not granted to anyone on this server');
    const token = bearerOf(request);
    const enter = async () => {
      const principal = await auth.authenticate(token);
      const pod = await resources.get({ principal, definition: Pod, namespace, name });
      const wish =
        action === 'exec'
          ? ({ verb: 'exec', kind: Pod.kind } as const)
          : ({ verb: 'update', kind: Task.kind } as const);
      await access.authorise(principal, { ...wish, namespace, name });
      return { principal, taskId: pod.metadata.uid ?? '' };
    };
    const { principal, taskId } = await enter();
    const options = parseExecOptions(searchParams, action);
    if (options.container !== '' && options.container !== AGENT_CONTAINER)
      throw new ApiError(
        'BadRequest',
        `container ${options.container} is not valid for pod ${name}; there is one, "${AGENT_CONTAINER}"`,
      );
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((text) => text.trim());
    if (!chooseExecProtocol(offered))
      throw new ApiError('BadRequest', `none of the protocols ${EXEC_PROTOCOLS.join(', ')} was offered`);
    const authorise = async () => (await enter()).principal;
    const caller = { principal, namespace, name, taskId, options, authorise };
    sockets.handleUpgrade(request, socket, head, (client: WebSocket) => {
      const channel = createPodChannel({ client, authorise });
      channels.add(channel);
      void channel.gone.then(() => channels.delete(channel));
      audit.record({ principal, action, target: { kind: Task.kind, namespace, name } });
      // Now that there is a channel for it, clients show why something is refused.
      (action === 'exec' ? runCommand(caller, channel) : joinTask(caller, channel)).catch(
        (error: unknown) => {
          if (!(error instanceof ApiError)) logger.error({ err: error }, 'a shell failed');
          channel.fail(error);
        },
      );
    });
  }

  async function runCommand({ principal, taskId, options }: Caller, channel: PodChannel): Promise<void> {
    const { command, stdin, tty } = options;
    const size = tty ? { tty: terminalSize(await channel.firstSize()) } : {};
    const json: ExecutorCommand = { command: [...command], stdin, ...size };
    const started = await sandboxes.ask(
      principal,
      taskId,
      { method: 'POST', path: '/v1/commands', json },
      StartedCommand,
    );
    const path = `/v1/commands/${encodeURIComponent(started.commandId)}`;
    await runExecSession({
      channel,
      options,
      command: {
        call: async (method, action, body) => {
          const request = { method, path: `${path}${action}`, ...body };
          return (await sandboxes.call(principal, taskId, request)).body;
        },
      },
    });
  }

  async function joinTask(
    { principal, name, taskId, options, authorise }: Caller,
    channel: PodChannel,
  ): Promise<void> {
    if (options.tty)
      throw new ApiError('BadRequest', 'a Task has no terminal to attach to: use "attach -i" without "-t"');
    const wasAtRest = hasEnded(await tasks.require(principal, taskId));
    if (wasAtRest && !options.stdin)
      throw new ApiError(
        'BadRequest',
        `nothing runs in pod ${name}: see "kubectl logs", or say something with "attach -i"`,
      );
    const task = {
      wasAtRest,
      follow: (given: { stays: () => boolean; signal: AbortSignal }) =>
        podLogs.read({
          taskId,
          authenticate: authorise,
          follow: true,
          timestamps: false,
          tailLines: 0,
          ...given,
        }),
      say: async (message: string) =>
        chat.send(await authorise(), { clientMessageId: randomUUID(), taskId, message, whenBusy: 'steer' }),
      hasCompleted: async () => (await tasks.require(await authorise(), taskId)).phase === 'Completed',
    };
    await runAttachSession({ channel, options, task });
  }

  return {
    /** Ends all sessions. */
    async close(): Promise<void> {
      http.off('upgrade', upgrade);
      const left = [...channels].map(({ end, gone }) => {
        end({ error: 'the server ends, and this session with it: try again in a moment' });
        return gone;
      });
      await Promise.race([Promise.all(left), setTimeout(FAREWELL_MS, undefined, { ref: false })]);
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
