import { expect, test } from 'vitest';
import { createExpiringCache } from './expiring-cache.ts';

test('loads once for all who ask at the same time, and again when the time is over', async () => {
  const clock = { now: 0 };
  let loads = 0;
  const load = async () => {
    loads += 1;
    return loads;
  };
  const cache = createExpiringCache<number>({ ttlMs: 100, now: () => clock.now });
  expect(await Promise.all([cache.get('a', load), cache.get('a', load)])).toEqual([1, 1]);
  clock.now = 99;
  expect(await cache.get('a', load)).toBe(1);
  clock.now = 100;
  expect(await cache.get('a', load)).toBe(2);
});

test('keeps neither absent values nor failures', async () => {
  const cache = createExpiringCache<number>({ ttlMs: 100, now: () => 0 });
  expect(await cache.get('a', async () => undefined)).toBeUndefined();
  await expect(cache.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await cache.get('a', async () => 1)).toBe(1);
});

test('does not keep what was loaded before an invalidation', async () => {
  const cache = createExpiringCache<string>({ ttlMs: 100, now: () => 0 });
  const { promise, resolve } = Promise.withResolvers<string>();
  const first = cache.get('a', () => promise);
  cache.invalidate('a');
  resolve('old');
  expect(await first).toBe('old');
  expect(await cache.get('a', async () => 'new')).toBe('new');
});

test('lets the oldest go when it is full', async () => {
  const cache = createExpiringCache<number>({ ttlMs: 100, maxEntries: 2, now: () => 0 });
  for (const key of ['a', 'b', 'c']) await cache.get(key, async () => 1);
  expect(await cache.get('a', async () => 2)).toBe(2);
  expect(await cache.get('c', async () => 2)).toBe(1);
});
