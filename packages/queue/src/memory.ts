import { abandonedError, checkConcurrency, checkJob, closedError, DEFAULT_DEADLINE_MS } from './check.ts';
import { createFairJobs } from './fair-jobs.ts';
import type { ConsumeOptions, Consumer, OnQueueError, Queue, QueueJob } from './queue.ts';
import { settledWithin } from './within.ts';

interface Run {
  job: QueueJob;
  controller: AbortController;
}

interface Worker extends Consumer {
  hasRoom(): boolean;
  start(job: QueueJob): void;
}

/**
 * The queue of one process; its semantics are the reference. Groups take turns, and jobs of one group keep their
 * order. It dies with the process: the store's sweep fills it again.
 */
export function createMemoryQueue({ onError }: { onError: OnQueueError }): Queue {
  const waiting = createFairJobs();
  const active = new Map<string, Run>();
  const workers = new Set<Worker>();
  let scheduled = false;
  let closed = false;

  function checkOpen(): void {
    if (closed) throw closedError();
  }

  /** Hands out jobs on a later turn of the event loop, so that no handler runs inside its producer. */
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      handOut();
    });
  }

  function handOut(): void {
    for (let worker = findRoom(); worker && waiting.size > 0; worker = findRoom()) {
      const job = waiting.take();
      if (job) worker.start(job);
    }
  }

  function findRoom(): Worker | undefined {
    return [...workers].find((worker) => worker.hasRoom());
  }

  function createWorker({ concurrency, handler }: ConsumeOptions): Worker {
    checkConcurrency(concurrency);
    const runs = new Map<Run, Promise<void>>();

    async function work(run: Run): Promise<void> {
      const { job, controller } = run;
      try {
        await handler({ ...job }, controller.signal);
      } catch (error) {
        // An abandoned handler was told to fail.
        if (!controller.signal.aborted) onError(error, job);
      } finally {
        runs.delete(run);
        if (active.get(job.id) === run) active.delete(job.id);
        schedule();
      }
    }

    function abandon(run: Run): void {
      active.delete(run.job.id);
      waiting.putBack(run.job);
      run.controller.abort(abandonedError(run.job));
    }

    const worker: Worker = {
      hasRoom: () => runs.size < concurrency,

      start(job) {
        const run: Run = { job, controller: new AbortController() };
        active.set(job.id, run);
        runs.set(run, work(run));
      },

      async close({ deadlineMs = DEFAULT_DEADLINE_MS } = {}) {
        workers.delete(worker);
        await settledWithin(Promise.all(runs.values()), deadlineMs);
        for (const run of [...runs.keys()].reverse()) {
          if (active.get(run.job.id) === run) abandon(run);
        }
        schedule();
      },
    };
    return worker;
  }

  return {
    async enqueue(job) {
      checkOpen();
      const checked = checkJob(job);
      if (waiting.has(job.id) || active.has(job.id)) return false;
      waiting.add(checked);
      schedule();
      return true;
    },

    consume(options) {
      checkOpen();
      const worker = createWorker(options);
      workers.add(worker);
      schedule();
      return worker;
    },

    async remove(id) {
      checkOpen();
      return waiting.remove(id);
    },

    async has(id) {
      checkOpen();
      return waiting.has(id) || active.has(id);
    },

    async counts() {
      checkOpen();
      return { waiting: waiting.size, active: active.size };
    },

    async close() {
      closed = true;
      await Promise.all([...workers].map((worker) => worker.close()));
    },
  };
}
