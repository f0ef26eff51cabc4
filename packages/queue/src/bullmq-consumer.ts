import { type Job, WaitingError, Worker } from 'bullmq';
import { abandonedError, checkConcurrency, DEFAULT_DEADLINE_MS } from './check.ts';
import type { ConsumeOptions, Consumer, OnQueueError, QueueJob } from './queue.ts';
import { connectConsumer, reportOutagesOnce } from './redis-connection.ts';
import { settledWithin } from './within.ts';

/** Time for Redis to take back abandoned jobs; without an answer they come back when their locks end. */
const HAND_BACK_MS = 2000;

export interface BullConsumerOptions extends ConsumeOptions {
  url: string;
  name: string;
  prefix: string;
  redeliverAfterMs: number;
  /** Hears the priority of each job that begins. */
  onStart: (priority: number) => Promise<void>;
  onError: OnQueueError;
}

/** A BullMQ worker with a connection of its own. */
export function createBullConsumer(options: BullConsumerOptions): Consumer {
  const { url, name, prefix, redeliverAfterMs, onError, handler } = options;
  const concurrency = checkConcurrency(options.concurrency);
  const abandoners = new Set<() => void>();
  const redis = connectConsumer(url);

  async function handle(job: QueueJob, signal: AbortSignal): Promise<void> {
    try {
      await handler(job, signal);
    } catch (error) {
      // The store decides what becomes of the work, so the job ends as if all were well.
      if (!signal.aborted) onError(error, job);
    }
  }

  async function process(job: Job<QueueJob>, token: string | undefined): Promise<void> {
    const controller = new AbortController();
    const outcome = Promise.withResolvers<'handled' | 'abandoned'>();
    const abandon = () => outcome.resolve('abandoned');
    abandoners.add(abandon);
    // Nobody waits for it: without it groups are less fair for a moment, and nothing else.
    if (job.priority > 0) options.onStart(job.priority).catch(() => {});
    void handle(job.data, controller.signal).then(() => outcome.resolve('handled'));
    const how = await outcome.promise;
    abandoners.delete(abandon);
    if (how === 'handled') return;
    controller.abort(abandonedError(job.data));
    await job.moveToWait(token);
    // BullMQ's sign that the job is not finished.
    throw new WaitingError();
  }

  const worker = new Worker<QueueJob>(name, process, {
    connection: redis,
    prefix,
    concurrency,
    lockDuration: redeliverAfterMs,
    stalledInterval: Math.ceil(redeliverAfterMs / 2),
    // How often a job may lose its worker is the store's decision too.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
    // The default makes workers idle for 15 s after Redis came back.
    runRetryDelay: 1000,
  });
  const report = reportOutagesOnce(redis, onError);
  redis.on('error', report);
  worker.on('error', report);

  return {
    async close({ deadlineMs = DEFAULT_DEADLINE_MS } = {}) {
      const closing = worker.close();
      if (!(await settledWithin(closing, deadlineMs))) {
        for (const abandon of abandoners) abandon();
        await settledWithin(closing, HAND_BACK_MS);
      }
      redis.disconnect();
    },
  };
}
