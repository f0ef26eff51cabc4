import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { waitFor } from '@wegent/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Bus, OnBusError } from '../src/index.ts';

/** Two buses that reach each other; in one process they may be the same. */
export interface BusPair {
  here: Bus;
  there: Bus;
}

/** What every bus does. */
export function busContract(open: (onError: OnBusError) => Promise<BusPair>): void {
  const errors: unknown[] = [];
  let here: Bus;
  let there: Bus;
  let name: string;

  beforeAll(async () => {
    ({ here, there } = await open((error) => errors.push(error)));
  });

  beforeEach(() => {
    errors.length = 0;
    name = randomUUID();
  });

  afterAll(async () => {
    await here.close();
    await there.close();
  });

  /** Resolves with the messages once there are `count` of them. */
  async function collect(bus: Bus, topic: string, count: number) {
    const arrivals = new EventEmitter();
    const messages: unknown[] = [];
    const unsubscribe = await bus.subscribe(topic, (message) => {
      messages.push(message);
      arrivals.emit('message');
    });
    return {
      messages,
      unsubscribe,
      async all() {
        while (messages.length < count) await once(arrivals, 'message');
        return messages;
      },
    };
  }

  describe('publish and subscribe', () => {
    test('delivers JSON in order to every subscriber, the publisher’s process included', async () => {
      const mine = await collect(here, name, 100);
      const theirs = await collect(there, name, 100);
      const sent = Array.from({ length: 100 }, (_, index) => ({ index, text: 'ü' }));
      await Promise.all(sent.map((message) => here.publish(name, message)));
      await expect(mine.all()).resolves.toEqual(sent);
      await expect(theirs.all()).resolves.toEqual(sent);
    });

    test('keeps topics apart', async () => {
      const other = await collect(here, `${name}-other`, 1);
      const wanted = await collect(here, name, 1);
      await here.publish(name, 'wanted');
      await expect(wanted.all()).resolves.toEqual(['wanted']);
      expect(other.messages).toEqual([]);
    });

    test('calls the handler later, not from within publish', async () => {
      let called = false;
      const received = new Promise<void>((resolve) => {
        void here.subscribe(name, () => {
          called = true;
          resolve();
        });
      });
      await here.subscribe(name, () => {});
      const published = here.publish(name, 1);
      expect(called).toBe(false);
      await published;
      await received;
    });

    test('gives each handler a copy of its own', async () => {
      const message = { list: [1] };
      await here.subscribe(name, (received) => (received as typeof message).list.push(2));
      const second = await collect(here, name, 1);
      await here.publish(name, message);
      await expect(second.all()).resolves.toEqual([{ list: [1] }]);
      expect(message.list).toEqual([1]);
    });

    test('one function subscribed twice is called twice, and leaves one by one', async () => {
      const messages: unknown[] = [];
      const handler = (message: unknown) => messages.push(message);
      const leaveFirst = await here.subscribe(name, handler);
      await here.subscribe(name, handler);
      await here.publish(name, 'both');
      await waitFor(() => messages.length === 2, { what: 'two calls' });
      await leaveFirst();
      await leaveFirst();
      await here.publish(name, 'one');
      await here.publish(name, 'end');
      await waitFor(() => messages.includes('end'), { what: 'the last message' });
      expect(messages).toEqual(['both', 'both', 'one', 'end']);
    });

    test('nothing comes after unsubscribing, and a topic can be taken up again', async () => {
      const first = await collect(here, name, 1);
      const leaving = first.unsubscribe();
      const second = await collect(here, name, 2);
      await leaving;
      await there.publish(name, 1);
      await there.publish(name, 2);
      await expect(second.all()).resolves.toEqual([1, 2]);
      expect(first.messages).toEqual([]);
    });

    test('reports what handlers throw and reject with, and still serves the others', async () => {
      await here.subscribe(name, () => {
        throw new Error('thrown');
      });
      await here.subscribe(name, () => Promise.reject(new Error('rejected')));
      const healthy = await collect(here, name, 2);
      await here.publish(name, 1);
      await here.publish(name, 2);
      await healthy.all();
      await waitFor(() => errors.length === 4, { what: 'four reports' });
      expect(new Set(errors.map(String))).toEqual(new Set(['Error: thrown', 'Error: rejected']));
    });

    test('refuses what is not JSON', async () => {
      await expect(here.publish(name, undefined)).rejects.toMatchObject({ reason: 'Invalid' });
    });
  });

  describe('cache', () => {
    test('gives copies back until deleted', async () => {
      const value = { a: [1, null, 'x'] };
      await here.set(name, value, 60_000);
      value.a.push(2);
      await expect(there.get(name)).resolves.toEqual({ a: [1, null, 'x'] });
      await there.delete(name);
      await expect(here.get(name)).resolves.toBeUndefined();
      await there.delete(name);
    });

    test('forgets in time, and a new value has a new time', async () => {
      await here.set(name, 'short', 30);
      await here.set(`${name}-2`, 'short', 30);
      await here.set(`${name}-2`, 'long', 60_000);
      await waitFor(async () => (await there.get(name)) === undefined, {
        what: 'the end of the time to live',
      });
      await expect(there.get(`${name}-2`)).resolves.toBe('long');
    });

    test.each([0, -1, 1.5, Number.NaN, 2 ** 31])('refuses a ttlMs of %d', async (ttlMs) => {
      await expect(here.set(name, 1, ttlMs)).rejects.toMatchObject({ reason: 'Invalid' });
      await expect(here.lock(name, ttlMs)).rejects.toMatchObject({ reason: 'Invalid' });
    });
  });

  describe('lock', () => {
    test('has one holder, whoever asks at the same time', async () => {
      const locks = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 ? here : there).lock(name, 60_000)),
      );
      const held = locks.filter((lock) => lock !== undefined);
      expect(held).toHaveLength(1);
      await held[0]?.release();
      await expect(there.lock(name, 60_000)).resolves.toBeDefined();
    });

    test('ends by itself; the former holder can neither extend nor release it', async () => {
      const former = await here.lock(name, 30);
      const current = await waitFor(() => there.lock(name, 60_000), { what: 'the lock to expire' });
      await expect(former?.extend(60_000)).resolves.toBe(false);
      await former?.release();
      await expect(here.lock(name, 60_000)).resolves.toBeUndefined();
      await expect(current.extend(60_000)).resolves.toBe(true);
    });

    test('lasts longer when extended', async () => {
      const lock = await here.lock(name, 1000);
      await here.set(name, 'the first time', 1100);
      await expect(lock?.extend(60_000)).resolves.toBe(true);
      await waitFor(async () => (await here.get(name)) === undefined, { what: 'the first time to be over' });
      await expect(there.lock(name, 1000)).resolves.toBeUndefined();
    });
  });

  test('a closed bus refuses to work and drops its subscriptions', async () => {
    const { here: bus, there: other } = await open(() => {});
    await bus.close();
    await other.close();
    await expect(bus.publish(name, 1)).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    await expect(bus.subscribe(name, () => {})).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    await expect(bus.get(name)).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    await expect(bus.lock(name, 1000)).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  });
}
