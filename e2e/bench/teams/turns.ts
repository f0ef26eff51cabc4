import { randomUUID } from 'node:crypto';
import type { ChatSend, ObjectReference, ServerEvent } from '@wegent/api';
import { io } from 'socket.io-client';
import { clock } from '../clock.ts';

/** A person at a socket who asks Teams. */
export interface Turns extends Disposable {
  /** Sends a message in a new conversation and waits until its task is over; answers when it was sent, by `clock`. */
  turn(team: ObjectReference, message: string): Promise<number>;
}

const DEADLINE_MS = 60_000;
const FINAL = new Set(['Completed', 'Failed', 'Cancelled']);

/** Connects somebody to the chat of a product. */
export async function connectTurns(url: string, token: string): Promise<Turns> {
  const socket = io(`${url}/chat`, { transports: ['websocket'], auth: { token } });
  const ended = new Map<string, PromiseWithResolvers<void>>();
  // The end of a short turn may come before the answer that names its task.
  const endOf = (taskId: string): PromiseWithResolvers<void> => {
    const known = ended.get(taskId) ?? Promise.withResolvers<void>();
    known.promise.catch(() => undefined);
    ended.set(taskId, known);
    return known;
  };
  socket.on('task:status', ({ taskId, phase }: ServerEvent<'task:status'>) => {
    if (phase === 'Completed') endOf(taskId).resolve();
    else if (FINAL.has(phase)) endOf(taskId).reject(new Error(`a turn ended as ${phase}`));
  });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  return {
    async turn(team, message) {
      const asked = clock();
      const answer = await socket.emitWithAck('chat:send', {
        clientMessageId: randomUUID(),
        team,
        message,
      } satisfies ChatSend);
      if (!answer.ok) throw new Error(`chat:send was refused: ${JSON.stringify(answer.error)}`);
      const end = endOf(String(answer.taskId));
      const deadline = setTimeout(() => end.reject(new Error('a turn did not end')), DEADLINE_MS);
      await end.promise.finally(() => clearTimeout(deadline));
      ended.delete(String(answer.taskId));
      return asked;
    },
    [Symbol.dispose]: () => void socket.disconnect(),
  };
}
