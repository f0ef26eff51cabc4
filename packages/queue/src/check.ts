import { ApiError } from '@wegent/api';
import type { QueueJob } from './queue.ts';

export const DEFAULT_DEADLINE_MS = 10_000;

export function checkJob(job: QueueJob): QueueJob {
  if (job.id === '') throw new ApiError('Invalid', 'a job needs an id');
  return { id: job.id, group: job.group };
}

export function checkConcurrency(concurrency: number): number {
  if (Number.isInteger(concurrency) && concurrency >= 1) return concurrency;
  throw new ApiError('Invalid', `concurrency has to be a whole number from 1 on, not ${concurrency}`);
}

/** What a queue answers after `close()`. */
export function closedError(): ApiError {
  return new ApiError('ServiceUnavailable', 'the queue is closed');
}

/** Why the signal of a handler is aborted. */
export function abandonedError(job: QueueJob): Error {
  return new Error(`the consumer of job ${job.id} is closing; the job goes back to the queue`);
}
