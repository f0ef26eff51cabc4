import { setTimeout as delay } from 'node:timers/promises';

/** How long to wait, and the words for it in the error. */
export interface WaitOptions {
  /** What is awaited: the end of the sentence "waited … ms for …". */
  what: string;
  /** Milliseconds; 10,000 when absent. */
  timeoutMs?: number;
}

type Falsy = undefined | null | false | 0 | '';

const INTERVAL_MS = 10;

/**
 * Asks again and again until the condition gives something truthy, and returns that. For state that has no event
 * to wait on. A condition that throws counts as not fulfilled; its last error is the `cause` of the time-out.
 */
export async function waitFor<Value>(
  condition: () => Value | Promise<Value>,
  { what, timeoutMs = 10_000 }: WaitOptions,
): Promise<Exclude<Value, Falsy>> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  do {
    try {
      const value = await condition();
      if (isTruthy(value)) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await delay(INTERVAL_MS);
  } while (performance.now() < deadline);
  throw new Error(
    `waited ${timeoutMs} ms for ${what}`,
    lastError === undefined ? undefined : { cause: lastError },
  );
}

function isTruthy<Value>(value: Value): value is Exclude<Value, Falsy> {
  return Boolean(value);
}
