import type { ExecutionEvent } from '@wegent/api';

/** A merged delta grows no further than this. */
const MAX_DELTA = 64_000;
/** One batch: well below the limits of the wire. */
const MAX_EVENTS = 1_000;
const MAX_CHARACTERS = 500_000;

/** Events that wait to be sent, in order; deltas of one block that follow each other are one event. */
export interface EventBuffer {
  push(event: ExecutionEvent, cursor?: string): void;
  /** Takes out what fits into one batch, with the newest cursor of it. */
  take(): { events: ExecutionEvent[]; cursor?: string };
  clear(): void;
  readonly isEmpty: boolean;
  /** Characters that wait, roughly. */
  readonly size: number;
}

/** Makes an empty buffer. */
export function createEventBuffer(): EventBuffer {
  let waiting: { event: ExecutionEvent; size: number; cursor: string | undefined }[] = [];
  let size = 0;
  return {
    push(event, cursor) {
      const last = waiting.at(-1);
      const merged = last && mergeDeltas(last.event, event);
      const added = sizeOf(event);
      size += added;
      if (last && merged) {
        last.event = merged;
        last.size += added;
        last.cursor = cursor ?? last.cursor;
      } else {
        waiting.push({ event, size: added, cursor });
      }
    },
    take() {
      let count = 0;
      let characters = 0;
      for (const entry of waiting) {
        if (count === MAX_EVENTS || (count > 0 && characters + entry.size > MAX_CHARACTERS)) break;
        count++;
        characters += entry.size;
      }
      size -= characters;
      const taken = waiting.splice(0, count);
      const cursor = taken.findLast((entry) => entry.cursor !== undefined)?.cursor;
      return { events: taken.map(({ event }) => event), ...(cursor === undefined ? {} : { cursor }) };
    },
    clear() {
      waiting = [];
      size = 0;
    },
    get isEmpty() {
      return waiting.length === 0;
    },
    get size() {
      return size;
    },
  };
}

function mergeDeltas(last: ExecutionEvent, next: ExecutionEvent): ExecutionEvent | undefined {
  if (last.type !== next.type || (last.type !== 'text-delta' && last.type !== 'reasoning-delta'))
    return undefined;
  if (!('blockId' in next) || !('text' in next) || next.blockId !== last.blockId) return undefined;
  if (last.text.length + next.text.length > MAX_DELTA) return undefined;
  return { ...last, text: last.text + next.text };
}

function sizeOf(event: ExecutionEvent): number {
  if (event.type === 'text-delta' || event.type === 'reasoning-delta') return event.text.length;
  return JSON.stringify(event).length;
}
