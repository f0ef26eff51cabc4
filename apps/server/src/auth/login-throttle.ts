import { ApiError } from '@wegent/api';
import type { Bus } from '@wegent/bus';
import { z } from 'zod';

/** How often one may fail freely, and how long the wait can become. */
interface Limit {
  free: number;
  maxDelaySeconds: number;
}

/** A person who mistypes is told to wait for seconds; one who guesses, for a quarter of an hour. */
const PAIR_LIMIT: Limit = { free: 5, maxDelaySeconds: 15 * 60 };
/** Guessing one account from many addresses. The wait is short, because its owner suffers it too. */
const USER_LIMIT: Limit = { free: 50, maxDelaySeconds: 60 };
/** Trying many accounts from one address, which may also be the proxy of a whole office. */
const ADDRESS_LIMIT: Limit = { free: 30, maxDelaySeconds: 60 };

const FIRST_DELAY_SECONDS = 2;
const FAILURES_KEPT_MS = 60 * 60_000;
const KNOWN_KEPT_MS = 14 * 24 * 60 * 60_000;

const Failures = z.object({ count: z.number(), blockedUntil: z.number() });

/**
 * Counts wrong passwords by user name and address in the shared cache, so that all replicas count together,
 * and answers `TooManyRequests` while a wait lasts. Waiting costs no password check, so it tells nothing.
 * Who has signed in from an address before is held up there by their own mistakes only, not by an
 * attacker's. Attempts on one account run one after the other: a burst cannot overtake its own count.
 */
export function createLoginThrottle(deps: { bus: Bus; now: () => number }) {
  const { bus, now } = deps;
  const inLine = createLine();

  async function failuresOf(key: string) {
    const parsed = Failures.safeParse(await bus.get(key));
    return parsed.success ? parsed.data : { count: 0, blockedUntil: 0 };
  }

  async function refuseWhileBlocked(keys: string[]): Promise<void> {
    const failures = await Promise.all(keys.map(failuresOf));
    const waitMs = Math.max(...failures.map(({ blockedUntil }) => blockedUntil)) - now();
    if (waitMs <= 0) return;
    const seconds = Math.ceil(waitMs / 1000);
    throw new ApiError('TooManyRequests', `too many wrong passwords; try again in ${seconds} s`, {
      details: { retryAfterSeconds: seconds },
    });
  }

  function countFailure(key: string, limit: Limit): Promise<void> {
    return inLine(key, async () => {
      const count = (await failuresOf(key)).count + 1;
      const delayMs = delaySeconds(count, limit) * 1000;
      await bus.set(key, { count, blockedUntil: now() + delayMs }, FAILURES_KEPT_MS + delayMs);
    });
  }

  return {
    /** Runs one check of a password, which answers undefined when it is wrong. */
    attempt<Result>(
      who: { username: string; address: string },
      check: () => Promise<Result | undefined>,
    ): Promise<Result | undefined> {
      const user = who.username.toLowerCase();
      const address = network(who.address);
      const pairKey = `auth:failures:pair:${user}|${address}`;
      const userKey = `auth:failures:user:${user}`;
      const addressKey = `auth:failures:address:${address}`;
      const knownKey = `auth:known:${user}|${address}`;

      return inLine(`attempt:${user}`, async () => {
        const known = (await bus.get(knownKey)) !== undefined;
        await refuseWhileBlocked(known ? [pairKey] : [pairKey, userKey, addressKey]);
        const result = await check();
        if (result !== undefined) {
          await Promise.all([bus.delete(pairKey), bus.set(knownKey, true, KNOWN_KEPT_MS)]);
          return result;
        }
        await Promise.all([
          countFailure(pairKey, PAIR_LIMIT),
          countFailure(userKey, USER_LIMIT),
          countFailure(addressKey, ADDRESS_LIMIT),
        ]);
        return undefined;
      });
    },
  };
}

/** The wait after so many failures: none while they are free, then doubling up to the limit. */
export function delaySeconds(failures: number, limit: Limit): number {
  if (failures < limit.free) return 0;
  return Math.min(limit.maxDelaySeconds, FIRST_DELAY_SECONDS * 2 ** Math.min(failures - limit.free, 30));
}

/** What counts as one address: a whole /64 of IPv6, since every home has that many to choose from. */
export function network(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('%', 1).join('').split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const tailGroups = tail?.split(':').filter((group) => group !== '') ?? [];
  const zeros = tail === undefined ? 0 : 8 - groups.length - tailGroups.length;
  return [...groups, ...Array<string>(Math.max(zeros, 0)).fill('0'), ...tailGroups].slice(0, 4).join(':');
}

// Runs work of one key strictly one after the other within this process.
function createLine() {
  const tails = new Map<string, Promise<unknown>>();
  return function inLine<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const run = (tails.get(key) ?? Promise.resolve()).then(work, work);
    const tail = run
      .catch(() => undefined)
      .then(() => {
        if (tails.get(key) === tail) tails.delete(key);
      });
    tails.set(key, tail);
    return run;
  };
}
