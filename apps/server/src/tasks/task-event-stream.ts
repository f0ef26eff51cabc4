import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Principal } from '../auth/principal.ts';
import type { Publisher } from '../realtime/publisher.ts';
import type { TaskService } from './task.service.ts';

/** Milliseconds between looks at the database: events may have been stored by another server. */
const LOOK_MS = 1_000;
const PAGE = 1_000;
const KEEP_ALIVE_MS = 15_000;

/**
 * Writes the events of a task as server-sent events until the reader goes or loses its rights. What is not kept any
 * more comes first, as one event `snapshot` with the messages up to its number.
 */
export async function streamTaskEvents({
  tasks,
  publisher,
  authenticate,
  taskId,
  after,
  response,
}: {
  tasks: TaskService;
  publisher: Publisher;
  /** Who reads; rejects as soon as the token is not good any more. */
  authenticate: () => Promise<Principal>;
  taskId: string;
  after: number;
  response: ServerResponse;
}): Promise<void> {
  let last = after;
  let wake = () => {};
  let lastWrite = Date.now();
  const gone = new Promise<void>((resolve) => response.once('close', resolve));
  const unsubscribe = publisher.onTaskEvents(taskId, () => wake());
  const write = async (text: string) => {
    lastWrite = Date.now();
    // A reader that is slower than the run must not fill the memory.
    if (!response.write(text)) await Promise.race([once(response, 'drain'), gone]);
  };
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  try {
    while (!response.destroyed) {
      // Created before the read, so that an event stored during it wakes us.
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const { snapshot, events } = await tasks.eventsAfter(await authenticate(), taskId, last, PAGE);
      if (snapshot) {
        await write(serverSentEvent({ id: snapshot.seq, event: 'snapshot', data: snapshot }));
        last = snapshot.seq;
      }
      for (const item of events) {
        await write(serverSentEvent({ id: item.seq, event: item.event.type, data: item }));
        last = item.seq;
      }
      if (snapshot || events.length === PAGE) continue;
      if (Date.now() - lastWrite > KEEP_ALIVE_MS) await write(': still here\n\n');
      await Promise.race([woken, gone, pause(LOOK_MS)]);
    }
  } catch {
    // The task was deleted or the right withdrawn: the stream ends, a reconnect says why.
  } finally {
    unsubscribe();
    response.end();
  }
}

function serverSentEvent({ id, event, data }: { id: number; event: string; data: unknown }): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
