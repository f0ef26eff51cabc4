/** Waits some milliseconds, or until the signal aborts: then it rejects with the signal's reason. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Milliseconds before attempt `attempt` (from 0): doubles from 500 up to 5,000, with up to half taken off
 * at random, so that clients which lost the same server do not come back together.
 */
export function backoff(attempt: number): number {
  const full = Math.min(5000, 500 * 2 ** Math.min(attempt, 10));
  return full * (1 - Math.random() / 2);
}
