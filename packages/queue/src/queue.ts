/** A piece of work: the id of something in the store, and the group (namespace) it belongs to. */
export interface QueueJob {
  id: string;
  group: string;
}

/**
 * A queue of ids. It says that there is work, not what the work is, and never decides on retries: the store does, and
 * its sweep enqueues again what got lost. A handler may meet a job twice (when a process dies, when Redis is away for
 * long) and therefore claims the work at the store first. `ServiceUnavailable` while the network is away.
 */
export interface Queue {
  /** Adds the job unless one with its id waits or is being handled; true when it was added. */
  enqueue(job: QueueJob): Promise<boolean>;

  /** Starts to take jobs. Several consumers, of one process or of many, share the work. */
  consume(options: ConsumeOptions): Consumer;

  /** Takes a waiting job out; false when none with this id waits. Jobs that are being handled stay. */
  remove(id: string): Promise<boolean>;

  /** Does a job with this id wait, or is it being handled? */
  has(id: string): Promise<boolean>;

  /** How many jobs wait and how many are being handled, over all groups and processes. */
  counts(): Promise<{ waiting: number; active: number }>;

  /** Closes its consumers, then its connections. */
  close(): Promise<void>;
}

export interface ConsumeOptions {
  /** Handlers that run at once, at most. */
  concurrency: number;
  /** Does the work. When it ends, well or not, the job is over; what it throws goes to `onError`. */
  handler: (job: QueueJob, signal: AbortSignal) => Promise<void>;
}

/** Somebody who takes jobs. */
export interface Consumer {
  /**
   * Takes no more jobs and waits for those at work. After `deadlineMs` (10,000 when absent) it aborts the signals of
   * the rest without waiting for their handlers; these jobs go back to the head of the queue.
   */
  close(options?: { deadlineMs?: number }): Promise<void>;
}

/** Gets what handlers throw, with their job, and failures of connections, without one. */
export type OnQueueError = (error: unknown, job?: QueueJob) => void;
