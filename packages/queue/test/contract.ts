import { randomUUID } from 'node:crypto';
import { waitFor } from '@wegent/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConsumeOptions, Consumer, OnQueueError, Queue, QueueJob } from '../src/index.ts';

/** What every queue does. `open` gives an empty queue. */
export function queueContract(open: (onError: OnQueueError) => Promise<Queue>): void {
  let errors: { error: unknown; job: QueueJob | undefined }[];
  let queue: Queue;

  beforeEach(async () => {
    errors = [];
    queue = await open((error, job) => errors.push({ error, job }));
  });

  afterEach(() => queue.close());

  const job = (id: string, group = 'default'): QueueJob => ({ id, group });
  const idle = () =>
    waitFor(
      async () => {
        const { waiting, active } = await queue.counts();
        return waiting + active === 0;
      },
      { what: 'an idle queue' },
    );

  describe('jobs', () => {
    test('come to the handler once, with id and group, first in first out', async () => {
      const handled: QueueJob[] = [];
      const jobs = Array.from({ length: 30 }, (_, index) => job(`${index}`, 'team:a/b'));
      for (const each of jobs) await expect(queue.enqueue(each)).resolves.toBe(true);
      await expect(queue.counts()).resolves.toEqual({ waiting: 30, active: 0 });
      queue.consume({ concurrency: 1, handler: async (received) => void handled.push(received) });
      await idle();
      expect(handled).toEqual(jobs);
    });

    test('are there once while they wait and while they are handled, and can come again after that', async () => {
      const id = randomUUID();
      await expect(queue.enqueue(job(id))).resolves.toBe(true);
      await expect(queue.enqueue(job(id))).resolves.toBe(false);
      await expect(queue.has(id)).resolves.toBe(true);
      await expect(queue.counts()).resolves.toEqual({ waiting: 1, active: 0 });

      const work = gate();
      queue.consume({ concurrency: 2, handler: work.handler });
      await work.started(id);
      await expect(queue.enqueue(job(id))).resolves.toBe(false);
      await expect(queue.has(id)).resolves.toBe(true);
      await expect(queue.counts()).resolves.toEqual({ waiting: 0, active: 1 });

      work.finish(id);
      await idle();
      await expect(queue.has(id)).resolves.toBe(false);
      await expect(queue.enqueue(job(id))).resolves.toBe(true);
      await work.started(id);
      work.finish(id);
      await idle();
      expect(work.starts).toEqual([id, id]);
    });

    test('are added once, whoever enqueues them at the same time', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => queue.enqueue(job('same'))));
      expect(answers.filter(Boolean)).toHaveLength(1);
    });

    test('can be taken out while they wait, not while they are handled', async () => {
      const work = gate();
      await queue.enqueue(job('active'));
      queue.consume({ concurrency: 1, handler: work.handler });
      await work.started('active');
      await queue.enqueue(job('waiting'));
      await expect(queue.remove('waiting')).resolves.toBe(true);
      await expect(queue.remove('waiting')).resolves.toBe(false);
      await expect(queue.has('waiting')).resolves.toBe(false);
      await expect(queue.remove('active')).resolves.toBe(false);
      await expect(queue.remove('unknown')).resolves.toBe(false);
      work.finish('active');
      await idle();
      expect(work.starts).toEqual(['active']);
      await expect(queue.enqueue(job('waiting'))).resolves.toBe(true);
      await work.started('waiting');
      work.finish('waiting');
    });

    test('end when their handler throws, which is reported', async () => {
      const error = new Error('broken');
      await queue.enqueue(job('bad'));
      queue.consume({ concurrency: 1, handler: () => Promise.reject(error) });
      await waitFor(() => errors.length > 0, { what: 'a report' });
      expect(errors).toEqual([{ error, job: job('bad') }]);
      await idle();
      await expect(queue.enqueue(job('bad'))).resolves.toBe(true);
    });

    test('need an id', async () => {
      await expect(queue.enqueue(job(''))).rejects.toMatchObject({ reason: 'Invalid' });
    });
  });

  describe('groups', () => {
    const many = (group: string, count: number, from = 0): QueueJob[] =>
      Array.from({ length: count }, (_, index) => job(`${group}-${from + index}`, group));
    const enqueueAll = async (jobs: readonly QueueJob[]) => {
      for (const each of jobs) await queue.enqueue(each);
    };
    /** Handles one job after the other until none is left, and answers their ids in order. */
    const drain = async (onJob: (id: string) => Promise<void> = async () => {}): Promise<string[]> => {
      const handled: string[] = [];
      const consumer = queue.consume({
        concurrency: 1,
        handler: async ({ id }) => {
          handled.push(id);
          await onJob(id);
        },
      });
      await idle();
      await consumer.close();
      return handled;
    };
    const placesOf = (handled: readonly string[], group: string) =>
      handled.flatMap((id, place) => (id.startsWith(`${group}-`) ? [place] : []));

    test('take turns, and jobs of one group keep their order', async () => {
      await enqueueAll([...many('a', 20), ...many('b', 4), ...many('c', 1)]);
      const handled = await drain();
      expect(handled).toHaveLength(25);
      expect(handled.filter((id) => id.startsWith('a-'))).toEqual(many('a', 20).map(({ id }) => id));
      expect(placesOf(handled, 'c')[0]).toBeLessThan(3);
      const places = placesOf(handled, 'b');
      for (const [index, place] of places.entries()) expect(place).toBeLessThan(3 * (index + 1));
    });

    test('that come late do not wait for those that came before', async () => {
      await enqueueAll(many('a', 20));
      const handled = await drain(async (id) => {
        if (id === 'a-9') await enqueueAll(many('b', 3));
      });
      const places = placesOf(handled, 'b');
      expect(places).toHaveLength(3);
      for (const [index, place] of places.entries()) expect(place - 10).toBeLessThan(2 * (index + 1) + 1);
    });

    test('are treated alike, whoever had more to do before', async () => {
      await enqueueAll(many('a', 15));
      expect(await drain()).toHaveLength(15);
      await enqueueAll([...many('b', 6), ...many('a', 6, 100)]);
      const handled = await drain();
      for (const group of ['a', 'b'])
        for (const [index, place] of placesOf(handled, group).entries())
          expect(place).toBeLessThanOrEqual(2 * index + 2);
    });

    test('lose no turn by what is enqueued again and again', async () => {
      await enqueueAll(many('a', 3));
      for (let round = 0; round < 20; round += 1) await enqueueAll(many('a', 3));
      await enqueueAll([...many('b', 6), ...many('a', 3, 3)]);
      const handled = await drain();
      expect(handled).toHaveLength(12);
      expect(placesOf(handled, 'a').at(-1)).toBeLessThan(12);
      expect(placesOf(handled, 'a')[2]).toBeLessThan(7);
    });
  });

  describe('consumers', () => {
    test('handle at most as many jobs at once as they said', async () => {
      let running = 0;
      let most = 0;
      let handled = 0;
      queue.consume({
        concurrency: 5,
        handler: async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
          handled++;
        },
      });
      await Promise.all(Array.from({ length: 40 }, (_, index) => queue.enqueue(job(`job-${index}`))));
      await waitFor(() => handled === 40, { what: 'all jobs' });
      expect(most).toBeLessThanOrEqual(5);
      expect(most).toBeGreaterThan(1);
    });

    test('share the work', async () => {
      const one = gate();
      const two = gate();
      queue.consume({ concurrency: 1, handler: one.handler });
      queue.consume({ concurrency: 1, handler: two.handler });
      await queue.enqueue(job('a'));
      await queue.enqueue(job('b'));
      await waitFor(() => one.starts.length === 1 && two.starts.length === 1, { what: 'both at work' });
      for (const work of [one, two]) work.finish(...work.starts);
      await idle();
    });

    test('finish what they began before they close, and take nothing more', async () => {
      const work = gate();
      const consumer = queue.consume({ concurrency: 1, handler: work.handler });
      await queue.enqueue(job('first'));
      await work.started('first');
      await queue.enqueue(job('second'));
      let closed = false;
      const closing = consumer.close().then(() => {
        closed = true;
      });
      await queue.counts();
      expect(closed).toBe(false);
      work.finish('first');
      await closing;
      expect(work.starts).toEqual(['first']);
      expect(work.signals.get('first')?.aborted).toBe(false);
      await expect(queue.counts()).resolves.toEqual({ waiting: 1, active: 0 });
    });

    test('give back, at the deadline, what they could not finish: it comes first', async () => {
      const work = gate();
      const consumer: Consumer = queue.consume({ concurrency: 1, handler: work.handler });
      await queue.enqueue(job('unfinished'));
      await work.started('unfinished');
      await queue.enqueue(job('next'));
      await consumer.close({ deadlineMs: 20 });
      expect(work.signals.get('unfinished')?.aborted).toBe(true);
      await expect(queue.enqueue(job('unfinished'))).resolves.toBe(false);

      const handled: string[] = [];
      queue.consume({ concurrency: 1, handler: async ({ id }) => void handled.push(id) });
      await idle();
      expect(handled).toEqual(['unfinished', 'next']);
      work.finish('unfinished');
      expect(errors).toEqual([]);
    });

    test('need a concurrency from 1 on', () => {
      const handler = async () => {};
      expect(() => queue.consume({ concurrency: 0, handler })).toThrow(/concurrency/);
    });
  });

  test('a closed queue refuses to work', async () => {
    await queue.close();
    await expect(queue.enqueue(job('late'))).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    await expect(queue.counts()).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    expect(() => queue.consume({ concurrency: 1, handler: async () => {} })).toThrow(/closed/);
  });
}

/** A handler whose jobs end when the test says so. */
function gate() {
  const starts: string[] = [];
  const signals = new Map<string, AbortSignal>();
  const ends = new Map<string, () => void>();
  const handler: ConsumeOptions['handler'] = ({ id }, signal) => {
    starts.push(id);
    signals.set(id, signal);
    return new Promise((resolve) => ends.set(id, resolve));
  };
  return {
    handler,
    starts,
    signals,
    started: (id: string) => waitFor(() => ends.has(id), { what: `the start of ${id}` }),
    finish(...ids: string[]) {
      for (const id of ids) {
        ends.get(id)?.();
        ends.delete(id);
      }
    },
  };
}
