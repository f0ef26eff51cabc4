import { ApiError } from '@wegent/api';
import { Redis } from 'ioredis';
import type { OnQueueError } from './queue.ts';

const MAX_RECONNECT_DELAY_MS = 1000;
const COMMAND_TIMEOUT_MS = 5000;

const retryStrategy = (times: number) => Math.min(50 * 2 ** Math.min(times, 10), MAX_RECONNECT_DELAY_MS);

/** For producers: fails soon while Redis is away, because the caller can go on without. */
export function connectProducer(url: string): Redis {
  return new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: COMMAND_TIMEOUT_MS, retryStrategy });
}

/** For consumers: waits as long as Redis is away. BullMQ insists on `maxRetriesPerRequest: null`. */
export function connectConsumer(url: string): Redis {
  return new Redis(url, { maxRetriesPerRequest: null, retryStrategy });
}

/** Passes errors on, but while the connection is down only the first of them: each attempt to reconnect makes one. */
export function reportOutagesOnce(redis: Redis, onError: OnQueueError): (error: unknown) => void {
  let reported = false;
  redis.on('ready', () => {
    reported = false;
  });
  return (error) => {
    if (redis.status === 'ready') {
      onError(error);
      return;
    }
    if (!reported) onError(error);
    reported = true;
  };
}

/** Runs a command; its failure is `ServiceUnavailable`. */
export async function call<Reply>(command: () => Promise<Reply>): Promise<Reply> {
  try {
    return await command();
  } catch (cause) {
    throw new ApiError('ServiceUnavailable', 'the queue is away: Redis does not answer', { cause });
  }
}
