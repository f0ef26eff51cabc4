import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 3_000;
const LONGEST_PAUSE_MS = 50;

/**
 * For a write that was overtaken by another one: is it worth another attempt? Answers after a short random pause, so
 * that those who met do not meet again, and gives up after three seconds.
 */
export function createRetry(): () => Promise<boolean> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  let pause = 5;
  return async () => {
    if (Date.now() >= giveUpAt) return false;
    await delay(Math.random() * pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    return true;
  };
}
