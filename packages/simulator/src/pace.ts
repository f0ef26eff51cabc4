/** Lets words pass one by one at a steady rate. */
export interface Pacer {
  /** Waits until the next word is due; the first one is due at once. */
  word: () => Promise<void>;
  /** Waits and puts everything that follows off by as much. */
  pause: (ms: number) => Promise<void>;
}

/**
 * Each word is due at a time reckoned from the start, so late timers do not add up. `wordsPerSecond`
 * 0 means no waiting. When `signal` aborts, waits end at once and leave no timer behind.
 */
export function createPacer(wordsPerSecond: number, signal: AbortSignal): Pacer {
  let start = performance.now();
  let count = 0;
  return {
    word: async () => {
      if (wordsPerSecond > 0) await sleepUntil(start + (count++ * 1000) / wordsPerSecond, signal);
    },
    pause: async (ms) => {
      start += ms;
      await sleepUntil(performance.now() + ms, signal);
    },
  };
}

/** Never resolves before `signal` aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function sleepUntil(due: number, signal: AbortSignal): Promise<void> {
  const wait = due - performance.now();
  if (wait <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, wait);
    signal.addEventListener('abort', done, { once: true });
  });
}
