import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError, type ChatSend, type ClientToServer, type Message, type ServerToClient } from '@wegent/api';
import { Server, type Socket } from 'socket.io';
import type { ServerSignal } from '../src/chat-socket.ts';
import { joinAckOf, messagesOf, resumeAckOf, type Step, TASK_ID, userMessage } from './scripted-task.ts';

type ChatServerSocket = Socket<ClientToServer, ServerToClient>;

/** A server with one task whose life is a script, on a port of its own. */
export interface ScriptServer extends AsyncDisposable {
  url: string;
  /** Tokens that the handshake takes; others are refused as `refusal` says. */
  tokens: Set<string>;
  refusal: string;
  /** What is stored; signals are sent by `send`. */
  stored: Step[];
  send(signal: ServerSignal): void;
  /** Breaks all connections as a failing network does. */
  cut(): void;
  /** Settles when the next client has joined. */
  nextJoin(): Promise<void>;
  /** Called when a message has been stored, before it is acknowledged. */
  onStored: (message: Message) => void;
  /** The numbers that clients asked to resume after. */
  resumes: number[];
  /** Swallows the next requests of this name. */
  deaf: Set<string>;
}

/** Starts the server. */
export async function startScriptServer(): Promise<ScriptServer> {
  const http = createServer();
  const io = new Server<ClientToServer, ServerToClient>(http);
  const chat = io.of('/chat');
  const joins = new EventEmitter();
  const byClientId = new Map<string, Message>();

  const server: ScriptServer = {
    url: '',
    tokens: new Set(['good']),
    refusal: 'unauthorized',
    stored: [],
    send: ({ name, payload }) => {
      chat.to(TASK_ID).emit(name, payload as never);
    },
    cut: () => {
      for (const socket of chat.sockets.values()) socket.conn.close();
    },
    nextJoin: async () => {
      await once(joins, 'joined');
    },
    onStored: () => undefined,
    resumes: [],
    deaf: new Set(),
    async [Symbol.asyncDispose]() {
      await io.close();
    },
  };

  chat.use((socket, next) => {
    next(server.tokens.has(String(socket.handshake.auth.token)) ? undefined : new Error(server.refusal));
  });
  chat.on('connection', (socket: ChatServerSocket) => {
    socket.use(([name], next) => (server.deaf.has(name) ? undefined : next()));
    socket.on('task:join', async ({ taskId }, ack) => {
      if (taskId !== TASK_ID)
        return ack({ ok: false, error: new ApiError('NotFound', `task "${taskId}" not found`).toStatus() });
      await socket.join(TASK_ID);
      ack({ ok: true, ...joinAckOf(server.stored) });
      joins.emit('joined');
    });
    socket.on('chat:resume', ({ afterSeq }, ack) => {
      server.resumes.push(afterSeq);
      ack({ ok: true, ...resumeAckOf(server.stored, { afterSeq }) });
    });
    socket.on('chat:send', (payload, ack) => {
      const message = byClientId.get(payload.clientMessageId) ?? store(payload);
      ack({ ok: true, taskId: TASK_ID, messageId: message.id, executionIds: [] });
    });
  });

  function store(payload: ChatSend): Message {
    const question: Message = {
      ...userMessage(messagesOf(server.stored).length),
      text: payload.message,
      clientMessageId: payload.clientMessageId,
    };
    byClientId.set(payload.clientMessageId, question);
    server.stored.push({ question });
    server.send({ name: 'chat:message', payload: { taskId: TASK_ID, message: question } });
    server.onStored(question);
    return question;
  }

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  server.url = `http://127.0.0.1:${port}`;
  return server;
}
