import type { Server as HttpServer } from 'node:http';
import {
  type Ack,
  ApiError,
  CLIENT_REQUESTS,
  type ClientRequests,
  type ClientToServer,
  parseOrThrow,
  type ServerToClient,
} from '@wegent/api';
import type { Logger } from 'pino';
import { type DefaultEventsMap, Server, type ServerOptions, type Socket } from 'socket.io';
import type { AuthService } from '../auth/auth.service.ts';
import type { Principal } from '../auth/principal.ts';
import { isExpired } from '../auth/unauthorized.ts';
import type { ChatService } from '../chat/chat.service.ts';
import type { TaskService } from '../tasks/task.service.ts';
import type { Publisher, Rooms } from './publisher.ts';
import { createTokenBucket } from './token-bucket.ts';

interface SocketData {
  principal: Principal;
}
type ChatServer = Server<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>;
type ChatSocket = Socket<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>;
type Handlers = {
  [Name in keyof ClientRequests]: (
    socket: ChatSocket,
    payload: ClientRequests[Name][0],
  ) => Promise<ClientRequests[Name][1]>;
};

/** Bytes of one frame: above the longest message, so that a message that is too long gets an answer that says so. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;
/** Requests a second of one socket, and how many may come at once. */
const REQUESTS = { perSecond: 200, burst: 400 };

/**
 * Serves the realtime contract: each request is checked against its schema, answered with an acknowledgement,
 * and never throws out of here. Membership ends with the token, the account or the session.
 */
export function createSocketServer({
  http,
  adapter,
  auth,
  tasks,
  chat,
  publisher,
  logger,
  allowedOrigin,
}: {
  http: HttpServer;
  /** The Redis adapter, where there are several servers. */
  adapter: ServerOptions['adapter'] | undefined;
  auth: AuthService;
  tasks: TaskService;
  chat: ChatService;
  publisher: Publisher;
  logger: Logger;
  /** May a page of this origin connect? Programs send none. */
  allowedOrigin: (origin: string | undefined, host: string | undefined) => boolean;
}) {
  const io: ChatServer = new Server(http, {
    path: '/socket.io',
    serveClient: false,
    // Upgrades of other paths belong to others, who also refuse those of nobody.
    destroyUpgrade: false,
    maxHttpBufferSize: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    allowRequest: (request, callback) =>
      callback(null, allowedOrigin(request.headers.origin, request.headers.host)),
    ...(adapter ? { adapter } : {}),
  });
  const namespace = io.of('/chat');

  const handlers: Handlers = {
    'chat:send': async (socket, payload) => chat.send(socket.data.principal, payload),
    'chat:regenerate': async (socket, payload) => chat.regenerate(socket.data.principal, payload),
    'chat:queued': async (socket, payload) => {
      await chat.changeQueued(socket.data.principal, payload);
      return {};
    },
    'chat:cancel': async (socket, payload) => chat.cancel(socket.data.principal, payload),
    'chat:resume': async (socket, { taskId, afterSeq }) =>
      tasks.resume(socket.data.principal, taskId, afterSeq),
    'task:join': async (socket, { taskId }) => {
      await tasks.require(socket.data.principal, taskId);
      // First the room, then the read: an event in between comes twice at worst, and never not at all.
      await socket.join(taskRoom(taskId));
      return tasks.open(socket.data.principal, taskId);
    },
    'task:leave': async (socket, { taskId }) => {
      await socket.leave(taskRoom(taskId));
      return {};
    },
    'task:select': async (socket, { taskId, messageId }) => {
      await tasks.select(socket.data.principal, taskId, messageId);
      return tasks.open(socket.data.principal, taskId);
    },
    'task:read': async (socket, { taskId }) => {
      await tasks.markRead(socket.data.principal, taskId);
      return {};
    },
    'history:sync': async (socket, { taskId, afterMessageId }) => ({
      messages: await tasks.messagesAfter(socket.data.principal, taskId, afterMessageId ?? null),
    }),
  };

  namespace.use((socket, next) => {
    const token: unknown = socket.handshake.auth.token;
    auth
      .authenticate(typeof token === 'string' ? token : undefined)
      .then((principal) => {
        socket.data = { principal };
        next();
      })
      .catch((error: unknown) => next(handshakeRefusal(error)));
  });

  namespace.on('connection', (socket) => {
    const { principal } = socket.data;
    void socket.join([
      userRoom(principal.userId),
      ...(principal.sessionId === undefined ? [] : [sessionRoom(principal.sessionId)]),
    ]);
    endWithToken(socket, principal);
    const bucket = createTokenBucket(REQUESTS);
    socket.onAny((name: string, ...args: unknown[]) => {
      if (Object.hasOwn(handlers, name)) return;
      answerWith(args.at(-1), {
        ok: false,
        error: new ApiError(
          'BadRequest',
          `there is no event "${name.slice(0, 100)}"; there are ${Object.keys(handlers).join(', ')}`,
        ).toStatus(),
      });
    });
    for (const name of Object.keys(handlers) as (keyof ClientRequests)[]) listen(socket, name, bucket);
  });

  function listen<Name extends keyof ClientRequests>(
    socket: ChatSocket,
    name: Name,
    bucket: { take(): boolean },
  ): void {
    const listener = (...args: unknown[]) => {
      const ack = args.at(-1);
      respond(socket, name, bucket, args[0])
        .then((answer) => answerWith(ack, { ok: true, ...answer }))
        .catch((error: unknown) => answerWith(ack, { ok: false, error: asApiError(error, name).toStatus() }));
    };
    // Payloads come from outside: the typed signature holds only after the schema has been checked.
    socket.on(name, listener as never);
  }

  async function respond<Name extends keyof ClientRequests>(
    socket: ChatSocket,
    name: Name,
    bucket: { take(): boolean },
    payload: unknown,
  ): Promise<ClientRequests[Name][1]> {
    if (!bucket.take()) {
      throw new ApiError('TooManyRequests', 'too many requests on this connection; try again in a second', {
        details: { retryAfterSeconds: 1 },
      });
    }
    refuseBinary(name, payload);
    const input = parseOrThrow(CLIENT_REQUESTS[name], payload, `${name} payload`) as ClientRequests[Name][0];
    return handlers[name](socket, input);
  }

  function asApiError(error: unknown, name: string): ApiError {
    if (error instanceof ApiError) return error;
    logger.error({ err: error, event: name }, 'socket request failed');
    return new ApiError('InternalError', 'something went wrong on the server; its log says more');
  }

  const rooms: Rooms = {
    toTask: (taskId, event, payload) =>
      void namespace.to(taskRoom(taskId)).emit(event, ...([payload] as never)),
    toUsers: (userIds, event, payload) => {
      if (userIds.length > 0) namespace.to(userIds.map(userRoom)).emit(event, ...([payload] as never));
    },
    joinTask: (userId, taskId) => namespace.in(userRoom(userId)).socketsJoin(taskRoom(taskId)),
    leaveTask: (userId, taskId) => namespace.in(userRoom(userId)).socketsLeave(taskRoom(taskId)),
  };
  publisher.attach(rooms);
  auth.onRevoked((userId) => namespace.in(userRoom(userId)).disconnectSockets(true));
  auth.onSessionEnded((sessionId) => namespace.in(sessionRoom(sessionId)).disconnectSockets(true));

  return {
    /** Sockets connected to this process. */
    connections: () => namespace.sockets.size,
    /** Ends all connections; clients come back by themselves. */
    close: () => io.close(),
  };
}

function endWithToken(socket: ChatSocket, principal: Principal): void {
  if (principal.expiresAt === undefined) return;
  const timer = setTimeout(
    () => socket.disconnect(true),
    Math.min(principal.expiresAt - Date.now(), 2 ** 31 - 1),
  );
  timer.unref();
  socket.once('disconnect', () => clearTimeout(timer));
}

function handshakeRefusal(error: unknown): Error {
  const expired = isExpired(error);
  const refusal = new Error(
    expired
      ? 'expired'
      : error instanceof ApiError && error.reason === 'Unauthorized'
        ? 'unauthorized'
        : 'unavailable',
  );
  return Object.assign(refusal, error instanceof ApiError ? { data: error.toStatus() } : {});
}

// A schema would take binary data for an object that has a field for each byte, and look at every one.
function refuseBinary(name: keyof ClientRequests, payload: unknown): void {
  const values: unknown[] =
    typeof payload === 'object' && payload !== null
      ? Object.keys(CLIENT_REQUESTS[name].shape).map((field) => Reflect.get(payload, field))
      : [];
  if ([payload, ...values].some((value) => ArrayBuffer.isView(value)))
    throw new ApiError('Invalid', `${name} payload is invalid: binary data is not understood`);
}

function answerWith(ack: unknown, answer: Ack<object>): void {
  if (typeof ack === 'function') ack(answer);
}

function userRoom(userId: string): string {
  return `user:${userId}`;
}

function taskRoom(taskId: string): string {
  return `task:${taskId}`;
}

function sessionRoom(sessionId: string): string {
  return `session:${sessionId}`;
}
