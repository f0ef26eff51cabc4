import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, type EventBatch, type ExecutionEvent, type ManagerLink } from '@wegent/api';
import { createEventBuffer } from './event-buffer.ts';

/** Carries the events of one attempt to the server: in order, each once, in as few batches as the load asks for. */
export interface EventSender {
  /** `cursor` is kept by the server with the event. */
  push(event: ExecutionEvent, cursor?: string): void;
  /** Resolves when there is room for more, or nothing can be sent any more. */
  ready(): Promise<void>;
  /** Resolves when all events are stored; rejects with what made that impossible. */
  flush(): Promise<void>;
  /** Gives up: nothing is sent any more. */
  stop(): void;
  /** Number of the next event that the server will store. */
  readonly nextSeq: number;
}

export interface EventSenderOptions {
  link: Pick<ManagerLink, 'events'>;
  executionId: string;
  attempt: number;
  /** Number of the first event. */
  nextSeq: number;
  /** Called once when the server refuses for good: Conflict (the lease is lost) or a batch that it cannot take. */
  onRefused: (error: ApiError) => void;
  onBatch?: (batch: { events: number; milliseconds: number }) => void;
  /** The first event goes at once, the next ones so many milliseconds after the last batch. */
  coalesceMs?: number;
  /** Pause after a failed delivery; doubles up to 5 s. */
  retryMs?: number;
}

const COALESCE_MS = 25;
const RETRY_MS = 200;
const MAX_RETRY_MS = 5_000;
/** Characters that may wait before an engine has to. */
const MAX_WAITING = 1_000_000;
const FOR_GOOD = new Set([
  'Conflict',
  'NotFound',
  'BadRequest',
  'Invalid',
  'RequestEntityTooLarge',
  'Unauthorized',
  'Forbidden',
]);

/**
 * Makes the sender of one attempt. One batch is under way at a time, so a slow server gets longer batches and not
 * more of them. A batch whose delivery failed is sent again as it was, for as long as it takes: the server ignores
 * what it has, and says Conflict when the attempt is over.
 */
export function createEventSender(options: EventSenderOptions): EventSender {
  const { link, executionId, attempt, coalesceMs = COALESCE_MS } = options;
  const buffer = createEventBuffer();
  const stopped = new AbortController();
  let nextSeq = options.nextSeq;
  let lastSent = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  // People wait for the first word, whatever went just before it.
  let firstDelta: 'none' | 'waiting' | 'sent' = 'none';
  let refused: ApiError | undefined;
  let room = Promise.withResolvers<void>();

  const schedule = () => {
    if (sending || buffer.isEmpty || stopped.signal.aborted) return;
    const wait = firstDelta === 'waiting' ? 0 : lastSent + coalesceMs - performance.now();
    if (wait <= 0) return void sendAll();
    timer ??= setTimeout(() => void sendAll(), wait);
  };
  const sendAll = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    sending ??= sendBatch().finally(() => {
      sending = undefined;
      room.resolve();
      room = Promise.withResolvers();
      schedule();
    });
    return sending;
  };
  const sendBatch = async () => {
    const { events, cursor } = buffer.take();
    if (firstDelta === 'waiting' && buffer.isEmpty) firstDelta = 'sent';
    if (events.length === 0) return;
    const started = performance.now();
    lastSent = started;
    const batch = { attempt, firstSeq: nextSeq, events, ...(cursor === undefined ? {} : { cursor }) };
    if (await deliver(batch)) {
      nextSeq += events.length;
      options.onBatch?.({ events: events.length, milliseconds: performance.now() - started });
    }
  };
  const deliver = async (batch: EventBatch): Promise<boolean> => {
    for (
      let pause = options.retryMs ?? RETRY_MS;
      !stopped.signal.aborted;
      pause = Math.min(pause * 2, MAX_RETRY_MS)
    ) {
      try {
        await link.events(executionId, batch);
        return true;
      } catch (cause) {
        if (cause instanceof ApiError && FOR_GOOD.has(cause.reason)) {
          refused = cause;
          end();
          options.onRefused(cause);
          return false;
        }
        await delay(pause, undefined, { signal: stopped.signal }).catch(() => undefined);
      }
    }
    return false;
  };
  const end = () => {
    stopped.abort();
    clearTimeout(timer);
    buffer.clear();
    room.resolve();
  };

  return {
    push(event, cursor) {
      if (stopped.signal.aborted) return;
      buffer.push(event, cursor);
      if (firstDelta === 'none' && isDelta(event)) firstDelta = 'waiting';
      schedule();
    },
    async ready() {
      while (buffer.size > MAX_WAITING && !stopped.signal.aborted) await room.promise;
    },
    async flush() {
      while (!stopped.signal.aborted && (sending || !buffer.isEmpty)) await sendAll();
      if (refused) throw refused;
    },
    stop: end,
    get nextSeq() {
      return nextSeq;
    },
  };
}

function isDelta({ type }: ExecutionEvent): boolean {
  return type === 'text-delta' || type === 'reasoning-delta';
}
