import { Queue as BullQueue, type Job } from 'bullmq';
import { createBullConsumer } from './bullmq-consumer.ts';
import { checkJob, closedError } from './check.ts';
import { createFairTurns } from './fair-turns.ts';
import type { Consumer, OnQueueError, Queue, QueueJob } from './queue.ts';
import { call, connectProducer, reportOutagesOnce } from './redis-connection.ts';

/** All keys of all queues share the hash tag, as one script may touch several of them. */
const PREFIX = '{wegent}';

/** The events stream of BullMQ has no reader here. */
const KEPT_EVENTS = 100;

export interface BullQueueOptions {
  url: string;
  name: string;
  redeliverAfterMs: number;
  onError: OnQueueError;
}

/**
 * The queue over Redis with BullMQ; priorities make the groups take turns. A job whose process died is delivered again after one to two times `redeliverAfterMs`. Rejects with
 * `ServiceUnavailable` when Redis does not answer at the start. The server's `maxmemory-policy` must be `noeviction`.
 */
export async function connectBullQueue({
  url,
  name,
  redeliverAfterMs,
  onError,
}: BullQueueOptions): Promise<Queue> {
  const redis = connectProducer(url);
  const report = reportOutagesOnce(redis, onError);
  redis.on('error', report);
  try {
    await call(() => redis.ping());
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  const queue = new BullQueue<QueueJob>(name, {
    connection: redis,
    prefix: PREFIX,
    streams: { events: { maxLen: KEPT_EVENTS } },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  queue.on('error', report);
  const turns = createFairTurns(redis, {
    turns: queue.toKey('turns'),
    prioritized: queue.toKey('prioritized'),
    known: (id) => queue.toKey(`de:${id}`),
  });
  const consumers = new Set<Consumer>();
  let closed = false;

  function request<Reply>(command: () => Promise<Reply>): Promise<Reply> {
    return closed ? Promise.reject(closedError()) : call(command);
  }

  /** Our id is BullMQ's deduplication id: its own job ids are new each time, so its answer tells whether it added one. */
  async function find(id: string): Promise<Job<QueueJob> | undefined> {
    const jobId = await queue.getDeduplicationJobId(id);
    return jobId === null ? undefined : queue.getJob(jobId);
  }

  return {
    async enqueue(job) {
      const checked = checkJob(job);
      const jobId = crypto.randomUUID();
      const priority = await request(() => turns.next(checked));
      if (priority === undefined) return false;
      const added = await request(() =>
        queue.add(name, checked, { jobId, priority, deduplication: { id: job.id } }),
      );
      return added.id === jobId;
    },

    consume(options) {
      if (closed) throw closedError();
      const consumer = createBullConsumer({
        ...options,
        url,
        name,
        prefix: PREFIX,
        redeliverAfterMs,
        onStart: (priority) => turns.began(priority),
        onError,
      });
      consumers.add(consumer);
      return {
        async close(closeOptions) {
          consumers.delete(consumer);
          await consumer.close(closeOptions);
        },
      };
    },

    remove: (id) =>
      request(async () => {
        const job = await find(id);
        // BullMQ refuses to remove what a worker has locked.
        return job?.id !== undefined && (await queue.remove(job.id)) === 1;
      }),

    has: (id) => request(async () => (await find(id)) !== undefined),

    counts: () =>
      request(async () => {
        const {
          waiting = 0,
          prioritized = 0,
          active = 0,
        } = await queue.getJobCounts('waiting', 'prioritized', 'active');
        return { waiting: waiting + prioritized, active };
      }),

    async close() {
      if (closed) return;
      closed = true;
      await Promise.all([...consumers].map((consumer) => consumer.close()));
      await queue.close();
      redis.disconnect();
    },
  };
}
