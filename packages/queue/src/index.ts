/**
 * @wegent/queue — who works on what next.
 *
 * The port is `queue.ts`; `memory.ts` serves one process and is the reference, `bullmq.ts` serves many. Both pass
 * `test/contract.ts`. A new adapter is one file and one URL scheme below.
 * It may import `@wegent/api` and the drivers of its adapters.
 */
import { ApiError } from '@wegent/api';
import type { OnQueueError, Queue } from './queue.ts';

export type { ConsumeOptions, Consumer, OnQueueError, Queue, QueueJob } from './queue.ts';
export { sandboxQueueOf } from './queue-names.ts';

export interface OpenQueueOptions {
  /** `redis://…` or `rediss://…`; the queue of this process when absent. */
  url?: string | undefined;
  /** Which queue: lower-case letters, digits and `-`. Queues of other names on the same server know nothing of it. */
  name: string;
  /** A job whose process died is delivered again after one to two times this; 30,000 ms when absent. */
  redeliverAfterMs?: number;
  onError?: OnQueueError;
}

/** Opens the queue that the URL names. Two memory queues do not know each other: whoever wants to work shares one. */
export async function openQueue(options: OpenQueueOptions): Promise<Queue> {
  const { url, name, redeliverAfterMs = 30_000, onError = logError } = options;
  if (!/^[a-z0-9-]+$/.test(name)) {
    throw new ApiError(
      'Invalid',
      `queue name "${name}" has to be made of lower-case letters, digits and "-"`,
    );
  }
  if (url === undefined) return (await import('./memory.ts')).createMemoryQueue({ onError });
  const scheme = url.slice(0, url.indexOf(':') + 1);
  if (scheme === 'redis:' || scheme === 'rediss:') {
    return (await import('./bullmq.ts')).connectBullQueue({ url, name, redeliverAfterMs, onError });
  }
  throw new ApiError(
    'Invalid',
    `no queue for scheme "${scheme}"; available: redis:, rediss:, or no URL for one process`,
  );
}

const logError: OnQueueError = (error, job) => console.error('queue:', job?.id ?? '', error);
