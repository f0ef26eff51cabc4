import {
  type Ack,
  ApiError,
  type ClientRequests,
  type ClientToServer,
  type ServerEvent,
  type ServerEventName,
  type ServerToClient,
} from '@wegent/api';
import { io, type Socket } from 'socket.io-client';
import { backoff } from './wait.ts';

/** What a person may know about the connection. `refused` lasts until `connect` is called again. */
export type ConnectionState =
  | { status: 'connecting' }
  | { status: 'online' }
  | { status: 'offline' }
  | { status: 'refused'; reason: string };

/** An event of the server with its name. */
export type ServerSignal = {
  [Name in ServerEventName]: { name: Name; payload: ServerEvent<Name> };
}[ServerEventName];

/** A connection to the chat of a server; it comes back by itself until it is closed. */
export interface ChatSocket {
  /** Sends a request and answers its acknowledgement; rejects with ApiError, at once while there is no connection. */
  request<Name extends keyof ClientRequests>(
    name: Name,
    payload: ClientRequests[Name][0],
    options?: { timeoutMs?: number },
  ): Promise<ClientRequests[Name][1]>;
  /** Calls back with each event of a name; the returned function ends it. */
  on<Name extends ServerEventName>(name: Name, handler: (payload: ServerEvent<Name>) => void): () => void;
  /** Calls back with each event of every name; the returned function ends it. */
  onSignal(handler: (signal: ServerSignal) => void): () => void;
  /** The state now; the same object until it changes. */
  state(): ConnectionState;
  /** Calls back after each change of state; the returned function ends it. */
  onState(handler: (state: ConnectionState) => void): () => void;
  /** Connects, or tries again after a refusal. */
  connect(): void;
  /** Ends the connection for good. */
  close(): void;
}

/** Where to connect and as whom. */
export interface ChatSocketOptions {
  /** Origin of the server; '' means the page's own. */
  url: string;
  /** Gets a token for each handshake; `renew` after the server refused the last one. */
  getToken: (options: { renew: boolean }) => Promise<string | undefined> | string | undefined;
  /** Milliseconds to wait for an acknowledgement, 30,000 by default. */
  requestTimeoutMs?: number;
  /** In Node, the `http.Agent` that opens connections, as for a proxy. */
  agent?: object | undefined;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** Creates the connection and connects. It retries for ever, 0.5–5 s apart; a refused token is renewed once. */
export function createChatSocket(options: ChatSocketOptions): ChatSocket {
  const stateHandlers = new Set<(state: ConnectionState) => void>();
  let current: ConnectionState = { status: 'connecting' };
  let renew = false;
  let attempts = 0;
  let handshakes = 0;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  const socket: Socket<ServerToClient, ClientToServer> = io(`${options.url}/chat`, {
    transports: ['websocket', 'polling'],
    // Without it a network that blocks websockets would never get to the second transport.
    tryAllTransports: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5000,
    randomizationFactor: 0.5,
    auth: (send) => void authenticate(send),
    // The library says that it is a string, hands it to Node, and Node wants an agent.
    ...(options.agent === undefined ? {} : { agent: options.agent as unknown as string }),
  });

  async function authenticate(send: (auth: object) => void): Promise<void> {
    handshakes += 1;
    const handshake = handshakes;
    try {
      const token = await options.getToken({ renew });
      // The connection may have been replaced meanwhile; the new one asks for itself.
      if (handshake === handshakes) send(token === undefined ? {} : { token });
    } catch {
      // No token for now, for example because the renewal found no network: the handshake is tried anew.
      change({ status: 'offline' });
      socket.disconnect();
      retryLater();
    }
  }

  function change(state: ConnectionState): void {
    if (state.status === current.status && state.status !== 'refused') return;
    current = state;
    for (const handler of stateHandlers) handler(state);
  }

  function retryLater(): void {
    clearTimeout(retryTimer);
    retryTimer = setTimeout(() => socket.connect(), backoff(attempts));
    attempts += 1;
  }

  socket.on('connect', () => {
    renew = false;
    attempts = 0;
    change({ status: 'online' });
  });

  socket.on('disconnect', (reason) => {
    if (reason === 'io client disconnect') return;
    change({ status: 'offline' });
    // Whoever is thrown out by the server does not come back by itself; a renewed token may be all it takes.
    if (!socket.active) retryLater();
  });

  socket.on('connect_error', (error) => {
    // An active socket could not reach the server and goes on trying; otherwise the server said no.
    if (socket.active) return change({ status: 'offline' });
    const tokenRefused = error.message === 'unauthorized' || error.message === 'expired';
    if (tokenRefused && renew) {
      renew = false;
      return change({ status: 'refused', reason: error.message });
    }
    renew = tokenRefused;
    if (tokenRefused) socket.connect();
    else {
      change({ status: 'offline' });
      retryLater();
    }
  });

  return {
    async request<Name extends keyof ClientRequests>(
      name: Name,
      payload: ClientRequests[Name][0],
      { timeoutMs = options.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS }: { timeoutMs?: number } = {},
    ) {
      if (!socket.connected) throw new ApiError('ServiceUnavailable', 'there is no connection to the server');
      const answer = await acknowledged<Ack<ClientRequests[Name][1]>>(socket, { name, payload, timeoutMs });
      if (answer.ok) return answer;
      throw ApiError.fromStatus(answer.error);
    },

    on(name, handler) {
      // Socket.IO cannot relate a generic name to its handler; the event map above does.
      const listener = handler as never;
      socket.on(name, listener);
      return () => socket.off(name, listener);
    },

    onSignal(handler) {
      const listener = (name: string, payload: unknown) => handler({ name, payload } as ServerSignal);
      socket.onAny(listener);
      return () => socket.offAny(listener);
    },

    state: () => current,

    onState(handler) {
      stateHandlers.add(handler);
      return () => stateHandlers.delete(handler);
    },

    connect() {
      clearTimeout(retryTimer);
      attempts = 0;
      if (current.status === 'refused') change({ status: 'connecting' });
      socket.connect();
    },

    close() {
      clearTimeout(retryTimer);
      socket.disconnect();
      change({ status: 'offline' });
      stateHandlers.clear();
    },
  };
}

function acknowledged<Answer>(
  socket: Socket<ServerToClient, ClientToServer>,
  { name, payload, timeoutMs }: { name: keyof ClientRequests; payload: unknown; timeoutMs: number },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const untyped: Socket = socket;
    untyped.timeout(timeoutMs).emit(name, payload, (error: Error | null, answer: Answer) => {
      if (!error) return resolve(answer);
      const reason = socket.connected ? 'Timeout' : 'ServiceUnavailable';
      reject(
        new ApiError(reason, 'the server did not answer in time; the connection may be broken', {
          cause: error,
        }),
      );
    });
  });
}
