/**
 * @wegent/bus — publish/subscribe and a small cache with TTL and locks.
 *
 * The port is `bus.ts`; `memory.ts` serves one process and is the reference, `redis.ts` serves many. Both pass
 * `test/contract.ts`. A new adapter is one file and one URL scheme below.
 * It may import `@wegent/api` and the drivers of its adapters.
 */
import { ApiError } from '@wegent/api';
import type { Bus, OnBusError } from './bus.ts';

export type { Bus, Lock, OnBusError, Unsubscribe } from './bus.ts';

/**
 * Opens the bus that the URL names: `redis://…` or `rediss://…`, or the one of this process when it is absent. Two
 * memory buses do not know each other: whoever wants to talk shares one.
 */
export async function openBus(
  options: { url?: string | undefined; onError?: OnBusError } = {},
): Promise<Bus> {
  const { url, onError = logError } = options;
  if (url === undefined) return (await import('./memory.ts')).createMemoryBus({ onError });
  const scheme = url.slice(0, url.indexOf(':') + 1);
  if (scheme === 'redis:' || scheme === 'rediss:')
    return (await import('./redis.ts')).connectRedisBus({ url, onError });
  throw new ApiError(
    'Invalid',
    `no bus for scheme "${scheme}"; available: redis:, rediss:, or no URL for one process`,
  );
}

function logError(error: unknown): void {
  console.error('bus:', error);
}
