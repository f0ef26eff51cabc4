import type { Bus } from '@wegent/bus';
import { type ExecutionRow, NOT_YET, type Store } from '@wegent/store';
import type { Logger } from 'pino';
import type { EventWriter } from './event-writer.ts';
import { LEASE_MS } from './execution.service.ts';
import type { RunQueues } from './sandbox-queues.ts';

/** Milliseconds after which a pending run that nobody took is put into the queue again. */
const ENQUEUE_AGAIN_MS = 10_000;
const SWEEP_MS = 5_000;
const SWEEP_LIMIT = 500;
/** Between two sweeps there are seconds; after so many more nobody could tell the server that he is alive. */
const AWAY_MS = 10_000;

/** Puts runs into queues, and sees to it that none is forgotten. */
export type Dispatcher = ReturnType<typeof createDispatcher>;

/**
 * Queues hold ids only; the database says what is to be done. The sweep puts pending runs back that a crash or a
 * lost queue forgot, turns a lost lease into a new attempt or a failure, and finishes answers that were left open.
 * After a time without sweeps, while the server or its database was away, managers that are alive get the time of a
 * lease to say so.
 * Every step is a compare-and-set, so several servers may sweep; the lock only saves them the work.
 */
export function createDispatcher({
  store,
  queues,
  bus,
  writer,
  recoverTurns,
  logger,
  sweepMs = SWEEP_MS,
  graceMs = LEASE_MS,
  now = Date.now,
}: {
  store: Store;
  queues: RunQueues;
  bus: Bus;
  writer: EventWriter;
  /** Finishes answers that were left open, and lets waiting turns and messages go on. */
  recoverTurns: () => Promise<void>;
  logger: Logger;
  sweepMs?: number;
  graceMs?: number;
  now?: () => number;
}) {
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> | undefined;
  let sweptAt = Number.NEGATIVE_INFINITY;
  let graceUntil = Number.NEGATIVE_INFINITY;

  async function enqueue(
    executions: readonly Pick<ExecutionRow, 'id' | 'shellType' | 'taskId' | 'enqueuedAt'>[],
    group: string,
  ): Promise<void> {
    for (const execution of executions) {
      if (execution.enqueuedAt === NOT_YET) continue;
      const queue = await queues.of(execution);
      await queue.enqueue({ id: execution.id, group });
    }
  }

  /** Puts runs back into their queues, each in the group of its task's namespace as at first. */
  async function enqueueAgain(executions: readonly ExecutionRow[]): Promise<void> {
    const tasks = await store.tasks.getMany([...new Set(executions.map(({ taskId }) => taskId))]);
    const namespaces = new Map(tasks.map((task) => [task.id, task.namespace]));
    for (const execution of executions)
      await enqueue([execution], namespaces.get(execution.taskId) ?? execution.taskId);
  }

  async function sweep({
    enqueuedBefore,
    gone,
  }: {
    enqueuedBefore: number;
    gone?: string | undefined;
  }): Promise<void> {
    if (now() - sweptAt > sweepMs + AWAY_MS) graceUntil = now() + graceMs;
    for (const execution of await store.executions.expired(now(), SWEEP_LIMIT)) {
      if (now() >= graceUntil || execution.managerId === gone) await recoverLost(execution);
    }
    const forgotten = await store.executions.pending(enqueuedBefore, SWEEP_LIMIT);
    await enqueueAgain(forgotten);
    await store.executions.markEnqueued(
      forgotten.map((execution) => execution.id),
      now(),
    );
    await recoverTurns();
    sweptAt = now();
  }

  async function recoverLost(execution: ExecutionRow): Promise<void> {
    if (execution.state === 'cancelling') {
      await writer.finish(execution.id, { type: 'finish', outcome: 'cancelled' });
      return;
    }
    // With a cursor its sandbox may live: then another manager reads on there, and nothing is done twice.
    const mayGoOn = !execution.irreversible || execution.cursor !== null;
    if (execution.attempt < execution.maxAttempts && mayGoOn) {
      // Another server may have been first, and the next attempt may be running already.
      if (!(await store.executions.retry(execution.id, execution.attempt))) return;
      logger.warn({ executionId: execution.id, attempt: execution.attempt }, 'lease lost, trying again');
      await enqueueAgain([execution]);
      return;
    }
    await writer.finish(execution.id, {
      type: 'finish',
      outcome: 'failed',
      error: {
        reason: 'LeaseLost',
        message: execution.irreversible
          ? 'The process that ran this was lost after it had used tools, so it was not repeated by itself. Check what was done, then try again.'
          : `The process that ran this was lost ${execution.attempt} times. Try again; if it keeps happening, look at the log of the manager.`,
        retryable: true,
      },
    });
  }

  async function sweepLocked(): Promise<void> {
    const lock = await bus.lock('executions.sweep', sweepMs * 4);
    if (!lock) {
      // Another server does it.
      sweptAt = now();
      return;
    }
    try {
      await sweep({ enqueuedBefore: now() - ENQUEUE_AGAIN_MS });
    } finally {
      await lock.release();
    }
  }

  return {
    enqueue,
    enqueueAgain,

    /**
     * Sweeps now and from then on every few seconds. A queue in memory is empty now, so all that waits goes in. `gone` is
     * a manager that has ended for sure.
     */
    async start({ gone }: { gone?: string | undefined } = {}): Promise<void> {
      await sweep({ enqueuedBefore: now() + 1, gone });
      timer = setInterval(() => {
        sweeping ??= sweepLocked()
          .catch((error: unknown) => logger.error({ err: error }, 'sweep of executions failed'))
          .finally(() => {
            sweeping = undefined;
          });
      }, sweepMs);
      timer.unref();
    },

    /** Stops sweeping and waits for the one that runs. */
    async close(): Promise<void> {
      clearInterval(timer);
      await sweeping;
    },
  };
}
