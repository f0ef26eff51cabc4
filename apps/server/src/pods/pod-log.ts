import type { Message } from '@wegent/api';
import type { Store } from '@wegent/store';
import type { Principal } from '../auth/principal.ts';
import type { Publisher } from '../realtime/publisher.ts';
import { readConversation } from '../tasks/conversation.ts';
import type { TaskService } from '../tasks/task.service.ts';
import { createLogWriter, type LogOptions, lastLines } from './log-lines.ts';
import { createRunLog, logOfMessage } from './run-log.ts';

/** Milliseconds between looks at the database: events may have been stored by another server. */
const LOOK_MS = 1_000;
const PAGE = 500;
/** Characters of a log that are held while its last lines are looked for. */
const MAX_HELD = 4 * 1024 * 1024;
const ENDED = new Set(['Completed', 'Failed', 'Cancelled']);

/** Has the turn of a task ended? */
export function hasEnded({ phase }: { phase: string }): boolean {
  return ENDED.has(phase);
}

/** Logs of tasks as text, see `createPodLogs`. */
export type PodLogs = ReturnType<typeof createPodLogs>;

/** The log of a task: what its agents said and did, as `kubectl logs` shows it. */
export function createPodLogs({
  store,
  tasks,
  publisher,
}: {
  store: Store;
  tasks: TaskService;
  publisher: Publisher;
}) {
  return {
    /**
     * The log as pieces of text. With `follow` it goes on until the task has ended, or `authenticate`, which says who
     * reads and rejects when the token is not good any more, or the right to see the task ends it. While `stays` says
     * so it goes on after that, too.
     */
    async *read({
      taskId,
      authenticate,
      follow,
      signal,
      limitBytes = Number.POSITIVE_INFINITY,
      stays = () => false,
      ...options
    }: LogOptions & {
      stays?: () => boolean;
      limitBytes?: number | undefined;
      taskId: string;
      authenticate: () => Promise<Principal>;
      follow: boolean;
      signal: AbortSignal;
    }): AsyncGenerator<Buffer> {
      const log = createRunLog();
      const write = createLogWriter(options);
      const tail = createTail(options.tailLines ?? 0);
      let emit = options.tailLines === undefined;
      let last = 0;
      let room = limitBytes;
      let wake = () => {};
      const unsubscribe = publisher.onTaskEvents(taskId, () => wake());
      try {
        while (!signal.aborted) {
          // Created before the read, so that an event stored during it wakes us.
          const woken = new Promise<void>((resolve) => {
            wake = resolve;
          });
          // What is said before the read is in it.
          const isStaying = stays();
          const task = await tasks.require(await authenticate(), taskId);
          let text = '';
          if (last < task.compactedSeq) {
            text += (await kept(taskId, task.activeLeafId, task.lastSeq)).map(write).join('');
            last = task.lastSeq;
          }
          const events = await store.events.timed(taskId, { after: last, upTo: task.lastSeq, limit: PAGE });
          for (const event of events) text += write({ text: log.write(event), at: event.at });
          last = events.at(-1)?.seq ?? last;
          const more = events.length === PAGE;
          // The phase was read before the events, so what ended has told everything.
          const isLast = !more && (!follow || (hasEnded(task) && !isStaying));
          if (isLast) text += write({ text: log.rest(), at: events.at(-1)?.at ?? Date.now() });
          if (!emit) {
            tail.push(text);
            text = more ? '' : tail.end();
            emit = !more;
          }
          const piece = Buffer.from(text).subarray(0, room);
          room -= piece.length;
          if (piece.length > 0) yield piece;
          if (room <= 0) return;
          if (more) continue;
          if (isLast) return;
          await Promise.race([woken, pause(LOOK_MS, signal)]);
        }
      } finally {
        unsubscribe();
      }
    },
  };

  async function kept(taskId: string, leafId: string | null, upTo: number) {
    const messages: Message[] = [];
    let before: string | undefined;
    do {
      const page = await readConversation(store, { taskId, leafId, limit: PAGE, before, upTo });
      messages.unshift(...page.messages);
      before = page.continue;
    } while (before !== undefined);
    return messages.flatMap(logOfMessage);
  }
}

/** Takes a text in pieces for the sake of its last lines. */
function createTail(lines: number) {
  let held: string[] = [];
  let size = 0;
  return {
    push(text: string): void {
      held.push(text);
      size += text.length;
      if (size <= MAX_HELD) return;
      const kept = lastLines(held.join(''), lines);
      held = [kept];
      size = kept.length;
    },
    end: () => lastLines(held.join(''), lines),
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener('abort', finish);
  });
}
