import {
  type Ack,
  ApiError,
  type ClientRequests,
  type ServerEvent,
  type ServerEventName,
  Status,
} from '@wegent/api';
import { io } from 'socket.io-client';
import { z } from 'zod';

/** An event that came from the server. */
export interface Received {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: suites look into payloads of many shapes
  payload: any;
}

/** One connection, which keeps what comes. */
export type ChatClient = Awaited<ReturnType<typeof connectChat>>;

/** An acknowledgement of any request. */
const RawAnswer = z.looseObject({ ok: z.boolean(), error: Status.optional() });
type RawAnswer = z.infer<typeof RawAnswer>;

const WAIT_MS = 20_000;

/** Opens a connection; rejects with the refusal of the handshake. */
export async function connectChat(
  url: string,
  auth: Record<string, unknown>,
  extraHeaders: Record<string, string> = {},
) {
  const socket = io(`${url}/chat`, {
    auth,
    extraHeaders,
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
  });
  const received: Received[] = [];
  const listeners = new Set<() => void>();
  let closed = false;
  const tell = () => {
    for (const listener of listeners) listener();
  };
  socket.onAny((name: string, payload: unknown) => {
    received.push({ name, payload });
    tell();
  });
  socket.on('disconnect', () => {
    closed = true;
    tell();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error) => {
      socket.close();
      reject(error);
    });
  });

  function until<Value>(look: () => Value | undefined, what: string): Promise<Value> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        listeners.delete(check);
        settle();
      };
      const check = () => {
        const value = look();
        if (value !== undefined) end(() => resolve(value));
      };
      const timer = setTimeout(
        () =>
          end(() =>
            reject(
              new Error(
                `waited ${WAIT_MS} ms for ${what}; came: ${received.map(({ name }) => name).join(', ')}`,
              ),
            ),
          ),
        WAIT_MS,
      );
      listeners.add(check);
      check();
    });
  }

  /** Sends anything under any name. */
  function raw(name: string, ...args: unknown[]): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      socket.timeout(WAIT_MS).emit(name, ...args, (error: Error | null, answer: unknown) => {
        if (error) reject(error);
        else resolve(RawAnswer.parse(answer));
      });
    });
  }

  async function request<Name extends keyof ClientRequests>(
    name: Name,
    payload: ClientRequests[Name][0],
  ): Promise<Ack<ClientRequests[Name][1]>> {
    return (await raw(name, payload)) as Ack<ClientRequests[Name][1]>;
  }

  return {
    socket,
    received,
    raw,
    request,

    /** A request that must succeed. */
    async ask<Name extends keyof ClientRequests>(
      name: Name,
      payload: ClientRequests[Name][0],
    ): Promise<ClientRequests[Name][1]> {
      const answer = await request(name, payload);
      if (answer.ok) return answer;
      throw ApiError.fromStatus(answer.error);
    },

    /** The first event of this name that fulfils the condition, of those that came or will come. */
    async until<Name extends ServerEventName>(
      name: Name,
      condition: (payload: ServerEvent<Name>) => boolean = () => true,
    ): Promise<ServerEvent<Name>> {
      return until(
        () => received.find((event) => event.name === name && condition(event.payload))?.payload,
        name,
      );
    },

    /** Resolves when the server has ended the connection. */
    ended: () => until(() => (closed ? true : undefined), 'the end of the connection'),
    isOpen: () => !closed,
    [Symbol.dispose]: () => void socket.close(),
  };
}

/** Why a handshake was refused; fails when it was not. */
export async function handshakeRefusal(
  url: string,
  auth: Record<string, unknown>,
  headers?: Record<string, string>,
): Promise<string> {
  try {
    using _client = await connectChat(url, auth, headers);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('the handshake was not refused');
}
