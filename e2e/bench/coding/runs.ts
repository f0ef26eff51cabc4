import { randomUUID } from 'node:crypto';
import type { ChatSend, ServerEvent } from '@wegent/api';
import { io } from 'socket.io-client';
import { clock } from '../clock.ts';

/** One run, with times by `clock`. */
export interface Run {
  taskId: string;
  asked: number;
  /** A manager began to work on it. */
  started: number;
  /** The first thing that the agent did arrived. */
  first: number;
  ended: number;
}

/** A person at a socket who sends messages and looks at the clock. */
export interface Runs extends Disposable {
  /** Sends a message and waits for the end of the answer. */
  run(message: Partial<ChatSend> & { message: string }): Promise<Run>;
}

interface Watched extends Omit<Run, 'taskId' | 'asked'> {
  over: PromiseWithResolvers<void>;
}

const DEADLINE_MS = 120_000;

/** Connects somebody to the chat of a product. */
export async function connectRuns(url: string, token: string): Promise<Runs> {
  const socket = io(`${url}/chat`, { transports: ['websocket'], auth: { token } });
  const watched = new Map<string, Watched>();
  // What happens in a run may arrive before the answer that names it.
  const of = (executionId: string): Watched => {
    const known = watched.get(executionId);
    if (known) return known;
    const over = Promise.withResolvers<void>();
    over.promise.catch(() => undefined);
    const made = { started: Number.NaN, first: Number.NaN, ended: Number.NaN, over };
    watched.set(executionId, made);
    return made;
  };
  socket.on('chat:start', ({ executionId }: ServerEvent<'chat:start'>) => {
    of(executionId).started = clock();
  });
  socket.on('chat:chunk', ({ executionId, events }: ServerEvent<'chat:chunk'>) => {
    const run = of(executionId);
    if (Number.isNaN(run.first) && events.some(({ type }) => type === 'text-start')) run.first = clock();
  });
  socket.on('chat:done', ({ executionId }: ServerEvent<'chat:done'>) => {
    const run = of(executionId);
    run.ended = clock();
    run.over.resolve();
  });
  socket.on('chat:error', ({ executionId, error }: ServerEvent<'chat:error'>) =>
    of(executionId).over.reject(new Error(`${error.message} ${error.detail ?? ''}`)),
  );
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  return {
    async run(message) {
      const asked = clock();
      const answer = await socket.emitWithAck('chat:send', {
        clientMessageId: randomUUID(),
        ...message,
      } satisfies ChatSend);
      if (!answer.ok) throw new Error(`chat:send was refused: ${JSON.stringify(answer.error)}`);
      const run = of(String(answer.executionIds[0]));
      const deadline = setTimeout(() => run.over.reject(new Error('a run did not end')), DEADLINE_MS);
      await run.over.promise.finally(() => clearTimeout(deadline));
      const { started, first, ended } = run;
      return { taskId: String(answer.taskId), asked, started, first, ended };
    },
    [Symbol.dispose]: () => void socket.disconnect(),
  };
}
