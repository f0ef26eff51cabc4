import { setTimeout as delay } from 'node:timers/promises';

/** True when the promise is settled within the time, false when the time is over first. Never rejects. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const settled = promise.then(
    () => true,
    () => true,
  );
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false);
  const answer = await Promise.race([settled, late]);
  timer.abort();
  return answer;
}
