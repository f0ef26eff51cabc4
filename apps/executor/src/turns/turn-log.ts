import type { ExecutionEvent, ExecutorEvent } from '@wegent/api';

/** Events of a turn, from the first to `finish`, for any number of readers. */
export type TurnLog = ReturnType<typeof createTurnLog>;

/** Bytes that nobody has read yet, above which engines are asked to wait. */
const UNREAD_BYTES = 8 * 1024 * 1024;
/** Lines that are handed to a reader at once. */
const CHUNK_LINES = 256;

/** Numbers events from 1 and keeps them as the lines that readers get. */
export function createTurnLog() {
  const lines: string[] = [];
  let bytes = 0;
  /** Lines that some reader has taken, and their bytes. */
  let taken = 0;
  let takenBytes = 0;
  let finished = false;
  let changed = Promise.withResolvers<void>();
  let room = Promise.withResolvers<void>();

  function wake(): void {
    changed.resolve();
    changed = Promise.withResolvers();
  }

  function noteTaken(upTo: number): void {
    for (; taken < upTo; taken++) takenBytes += lines[taken]?.length ?? 0;
    if (bytes - takenBytes > UNREAD_BYTES) return;
    room.resolve();
    room = Promise.withResolvers();
  }

  return {
    get finished(): boolean {
      return finished;
    },
    get bytes(): number {
      return bytes;
    },

    append(event: ExecutionEvent): void {
      if (finished) return;
      const line = `${JSON.stringify({ seq: lines.length + 1, event } satisfies ExecutorEvent)}\n`;
      lines.push(line);
      bytes += line.length;
      finished = event.type === 'finish';
      wake();
    },

    /** Resolves when the readers have caught up so far that memory stays small. */
    async ready(): Promise<void> {
      while (!finished && bytes - takenBytes > UNREAD_BYTES)
        await Promise.race([room.promise, changed.promise]);
    },

    /** Lines after a number, then live, until after `finish`. */
    async *read(after: number, signal: AbortSignal): AsyncIterable<string> {
      const aborted = new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      let next = after;
      while (!signal.aborted) {
        if (next < lines.length) {
          const chunk = lines.slice(next, next + CHUNK_LINES);
          next += chunk.length;
          yield chunk.join('');
          noteTaken(next);
          continue;
        }
        if (finished) return;
        await Promise.race([changed.promise, aborted]);
      }
    },
  };
}
