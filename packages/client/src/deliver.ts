import { ApiError, type ChatSend, type ChatSendAck } from '@wegent/api';
import type { ChatSocket } from './chat-socket.ts';
import { backoff, wait } from './wait.ts';

/** A new `clientMessageId`; works on pages without TLS too, where `crypto.randomUUID` is missing. */
export function newClientMessageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Sends a message until the server has taken or refused it. Because the `clientMessageId` stays the same, it is
 * written once however often the connection breaks. Rejects with the refusal, or the signal's reason.
 */
export async function deliver(
  socket: ChatSocket,
  payload: ChatSend,
  signal?: AbortSignal,
): Promise<ChatSendAck> {
  for (let attempt = 0; ; attempt += 1) {
    await untilOnline(socket, signal);
    try {
      return await socket.request('chat:send', payload);
    } catch (error) {
      if (!(error instanceof ApiError) || !isTransient(error)) throw error;
      // A broken connection is waited for above; a busy server says how long it wants to be left alone.
      const seconds = error.details?.retryAfterSeconds;
      if (socket.state().status === 'online')
        await wait(seconds === undefined ? backoff(attempt) : seconds * 1000, signal);
    }
  }
}

/** Starts a new task with its first message; give the same payload again to go on after a reload. */
export function sendNewTask(
  socket: ChatSocket,
  payload: Omit<ChatSend, 'taskId' | 'clientMessageId'> & { clientMessageId?: string },
  signal?: AbortSignal,
): Promise<ChatSendAck> {
  return deliver(socket, { clientMessageId: newClientMessageId(), ...payload }, signal);
}

/** May the same request succeed later? */
export function isTransient(error: ApiError): boolean {
  return (
    error.reason === 'ServiceUnavailable' || error.reason === 'Timeout' || error.reason === 'TooManyRequests'
  );
}

/** Waits until the socket is connected. Rejects when the server refuses the connection, or the signal aborts. */
export function untilOnline(socket: ChatSocket, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const state = socket.state();
      if (state.status === 'online') settle(resolve);
      else if (state.status === 'refused') {
        settle(() => reject(new ApiError('Unauthorized', 'the session has ended; sign in again')));
      }
    };
    const abort = () => settle(() => reject(signal?.reason));
    const stop = socket.onState(look);
    function settle(finish: () => void): void {
      stop();
      signal?.removeEventListener('abort', abort);
      finish();
    }
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    else look();
  });
}
