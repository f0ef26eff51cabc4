import type { ServerResponse } from 'node:http';
import type { Principal } from '../auth/principal.ts';
import type { Publisher } from '../realtime/publisher.ts';
import type { TaskService } from './task.service.ts';

/** Milliseconds between looks at the database: events may have been stored by another server. */
const LOOK_MS = 1_000;
const PAGE = 1_000;
const KEEP_ALIVE_MS = 15_000;

/** Writes the events of a task as server-sent events until the reader goes or loses its rights. */
export async function streamTaskEvents({
  tasks,
  publisher,
  principal,
  taskId,
  after,
  response,
}: {
  tasks: TaskService;
  publisher: Publisher;
  principal: Principal;
  taskId: string;
  after: number;
  response: ServerResponse;
}): Promise<void> {
  let last = after;
  let wake = () => {};
  let lastWrite = Date.now();
  const gone = new Promise<void>((resolve) => response.once('close', resolve));
  const unsubscribe = publisher.onTaskEvents(taskId, () => wake());
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  try {
    while (!response.destroyed && !isExpired(principal)) {
      // Created before the read, so that an event stored during it wakes us.
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const events = await tasks.eventsAfter(principal, taskId, last, PAGE);
      for (const item of events) {
        response.write(`id: ${item.seq}\nevent: ${item.event.type}\ndata: ${JSON.stringify(item)}\n\n`);
        last = item.seq;
        lastWrite = Date.now();
      }
      if (events.length === PAGE) continue;
      if (Date.now() - lastWrite > KEEP_ALIVE_MS) {
        response.write(': still here\n\n');
        lastWrite = Date.now();
      }
      await Promise.race([woken, gone, new Promise((resolve) => setTimeout(resolve, LOOK_MS).unref())]);
    }
  } catch {
    // The task was deleted or the right withdrawn: the stream ends, a reconnect says why.
  } finally {
    unsubscribe();
    response.end();
  }
}

function isExpired(principal: Principal): boolean {
  return principal.expiresAt !== undefined && principal.expiresAt < Date.now();
}
