import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, type EventAck, type ExecutionEvent } from '@wegent/api';
import type { AppendBatch, AppendResult, Store } from '@wegent/store';
import type { Publisher } from '../realtime/publisher.ts';

/** Writes events of runs: stored first, then published. */
export type EventWriter = ReturnType<typeof createEventWriter>;

type Appended = Extract<AppendResult, { status: 'appended' }>;

interface Waiting {
  batch: AppendBatch;
  resolve: (result: Appended) => void;
  reject: (error: unknown) => void;
}

/** Batches that one transaction takes at most; more wait for the next. */
const MAX_GROUP = 512;
/** Milliseconds between two transactions at most, however many batches come. */
const MAX_PAUSE_MS = 20;

/**
 * Group commit: while one transaction runs, whatever arrives is collected and becomes the next one, so the load
 * decides the size of a group. After a group of many there is a pause of a millisecond for each further batch: a
 * transaction costs as much as dozens of rows, and a server with little to do still waits for nobody.
 */
export function createEventWriter({
  store,
  publisher,
  onStateChange,
  onStored,
  now = Date.now,
}: {
  store: Store;
  publisher: Publisher;
  /** Called after a commit with the runs that started, waited, went on or ended in it. */
  onStateChange: (results: readonly Appended[]) => void;
  /** Called with the number of events that each batch added. */
  onStored: (count: number) => void;
  now?: () => number;
}) {
  let waiting: Waiting[] = [];
  let committing = false;

  async function commit(): Promise<void> {
    if (committing) return;
    committing = true;
    // One turn of the event loop lets batches that arrived together share the transaction.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const group = waiting.slice(0, MAX_GROUP);
      waiting = waiting.slice(MAX_GROUP);
      await commitGroup(group);
      if (group.length > 1) await delay(Math.min(group.length - 1, MAX_PAUSE_MS));
    }
    committing = false;
  }

  async function commitGroup(group: Waiting[]): Promise<void> {
    try {
      const results = await store.events.append(
        group.map(({ batch }) => batch),
        now(),
      );
      const changed: Appended[] = [];
      group.forEach(({ batch, resolve, reject }, index) => {
        const result = results[index];
        if (result?.status !== 'appended') {
          reject(refusal(batch, result));
          return;
        }
        publish(result);
        if (changesAnything(result)) changed.push(result);
        resolve(result);
      });
      if (changed.length > 0) onStateChange(changed);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  function publish({ taskId, messageId, execution, events }: Appended): void {
    if (events.length === 0) return;
    publisher.events({ taskId, messageId, executionId: execution.id, events, usage: execution.usage });
    onStored(events.length);
  }

  function submit(batch: AppendBatch): Promise<Appended> {
    return new Promise((resolve, reject) => {
      waiting.push({ batch, resolve, reject });
      void commit();
    });
  }

  return {
    /** Publishes what another transaction has stored, once it is committed. */
    publish,

    /** Stores a batch of a lease holder; a replay is a no-op. Conflict for an old attempt, a gap or a run that is over. */
    async append(batch: {
      executionId: string;
      attempt: number;
      firstSeq: number;
      events: ExecutionEvent[];
      cursor?: string | undefined;
    }): Promise<EventAck> {
      const result = await submit(batch);
      return { ackedSeq: result.ackedSeq };
    },

    /**
     * Ends a run in the server's own name; whoever holds it is fenced off. A run that is over stays as it is:
     * the answer says whether this call ended it.
     */
    async finish(
      executionId: string,
      finish: Extract<ExecutionEvent, { type: 'finish' }>,
      before: readonly ExecutionEvent[] = [],
    ): Promise<boolean> {
      try {
        await submit({ executionId, attempt: 'server', firstSeq: 'next', events: [...before, finish] });
        return true;
      } catch (error) {
        if (error instanceof ApiError && (error.reason === 'Conflict' || error.reason === 'NotFound'))
          return false;
        throw error;
      }
    },
  };
}

function refusal(batch: AppendBatch, result: AppendResult | undefined): ApiError {
  if (result?.status === 'gap') {
    return new ApiError(
      'Conflict',
      `events of execution "${batch.executionId}" must go on at ${result.expected}, the batch begins at ${batch.firstSeq}`,
    );
  }
  if (result?.status === 'stale') {
    return new ApiError('Conflict', `attempt ${batch.attempt} of execution "${batch.executionId}" is over`);
  }
  return new ApiError('NotFound', `execution "${batch.executionId}" not found`);
}

function changesAnything({ events, decisions }: Appended): boolean {
  return decisions.closed.length > 0 || events.some(({ event }) => changesState(event));
}

function changesState(event: ExecutionEvent): boolean {
  switch (event.type) {
    case 'run-start':
    case 'approval-request':
    case 'approval-decided':
    case 'question':
    case 'question-answered':
    case 'finish':
      return true;
    default:
      return false;
  }
}
