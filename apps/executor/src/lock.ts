/** One after the other, in the order it came. Who waits leaves the line at once when its signal aborts. */
export type Lock = <Result>(work: () => Promise<Result>, signal?: AbortSignal) => Promise<Result>;

/** Makes a lock. */
export function createLock(): Lock {
  let tail: Promise<unknown> = Promise.resolve();
  return async (work, signal) => {
    const before = tail;
    const mine = Promise.withResolvers<void>();
    tail = before.then(() => mine.promise);
    try {
      await unlessAborted(before, signal);
      return await work();
    } finally {
      mine.resolve();
    }
  };
}

async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return void (await promise);
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
