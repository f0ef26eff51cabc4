import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describeWith, freePort, startRedis, type TestRedis, waitFor } from '@wegent/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openQueue } from '../src/index.ts';
import { queueContract } from './contract.ts';

const FOREVER = fileURLToPath(new URL('consume-forever.ts', import.meta.url));

describeWith(['redis'], 'bullmq queue', () => {
  let redis: TestRedis;

  beforeAll(async () => {
    redis = await startRedis();
  });

  afterAll(() => redis[Symbol.asyncDispose]());

  queueContract((onError) => openQueue({ url: redis.url, name: randomUUID(), onError }));

  test('two processes share one queue; other names are other queues', async () => {
    const name = randomUUID();
    const [producer, consumer, other] = await Promise.all(
      [name, name, `${name}-other`].map((each) => openQueue({ url: redis.url, name: each })),
    );
    const handled = Promise.withResolvers<string>();
    const strayed: string[] = [];
    other?.consume({ concurrency: 1, handler: async ({ id }) => void strayed.push(id) });
    consumer?.consume({ concurrency: 1, handler: async ({ id }) => handled.resolve(id) });
    await expect(producer?.enqueue({ id: 'far', group: 'g' })).resolves.toBe(true);
    await expect(handled.promise).resolves.toBe('far');
    expect(strayed).toEqual([]);
    await Promise.all([producer?.close(), consumer?.close(), other?.close()]);
  });

  test('groups take turns however many jobs there were before', async () => {
    const name = randomUUID();
    const queue = await openQueue({ url: redis.url, name });
    const client = new Redis(redis.url);
    const key = `{wegent}:${name}:turns`;
    const handled: string[] = [];
    // As if a million turns had been served: the numbers of turns are at the end of what a priority can be.
    for (const now of [2 ** 20 + 5, 2 ** 22]) {
      await client.hset(key, { now, base: 0, 'g:a': now + 3 });
      for (const [id, group] of [
        ['a-1', 'a'],
        ['a-2', 'a'],
        ['b-1', 'b'],
      ] as const)
        await expect(queue.enqueue({ id, group })).resolves.toBe(true);
      handled.length = 0;
      const consumer = queue.consume({ concurrency: 1, handler: async ({ id }) => void handled.push(id) });
      await waitFor(() => handled.length === 3, { what: 'all jobs' });
      await waitFor(async () => (await queue.counts()).active === 0, { what: 'an idle queue' });
      await consumer.close();
      expect(handled).toEqual(['a-1', 'b-1', 'a-2']);
      expect(Number(await client.hget(key, 'base'))).toBe(now);
    }
    client.disconnect();
    await queue.close();
  });

  test('a job whose process was killed is delivered again', { timeout: 60_000 }, async () => {
    const name = randomUUID();
    const queue = await openQueue({ url: redis.url, name, redeliverAfterMs: 1000 });
    const doomed = spawn(process.execPath, [FOREVER, redis.url, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await queue.enqueue({ id: 'orphan', group: 'g' });
    await once(doomed.stdout, 'data');
    doomed.kill('SIGKILL');
    await once(doomed, 'exit');
    await expect(queue.enqueue({ id: 'orphan', group: 'g' })).resolves.toBe(false);

    const handled = Promise.withResolvers<string>();
    queue.consume({ concurrency: 1, handler: async ({ id }) => handled.resolve(id) });
    await expect(handled.promise).resolves.toBe('orphan');
    await waitFor(async () => !(await queue.has('orphan')), { what: 'the end of the job' });
    await queue.close();
  });
});

describeWith(['redis-server'], 'bullmq queue without its server', () => {
  test('refuses work while Redis is away, and goes on when it is back', { timeout: 60_000 }, async () => {
    await using redis = await startRedis({ private: true });
    const errors: unknown[] = [];
    const queue = await openQueue({ url: redis.url, name: 'test', onError: (error) => errors.push(error) });
    const handled: string[] = [];
    const release = Promise.withResolvers<void>();
    queue.consume({
      concurrency: 2,
      handler: async ({ id }) => {
        handled.push(id);
        if (id === 'during') await release.promise;
      },
    });
    await queue.enqueue({ id: 'during', group: 'g' });
    await waitFor(() => handled.includes('during'), { what: 'a running job' });

    await redis.kill();
    await expect(queue.enqueue({ id: 'refused', group: 'g' })).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
    });
    await expect(queue.has('during')).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    release.resolve();
    await waitFor(() => errors.length > 0, { what: 'a report of the outage' });

    await redis.restart();
    await waitFor(() => queue.enqueue({ id: 'after', group: 'g' }), {
      what: 'Redis to be back',
      timeoutMs: 20_000,
    });
    await waitFor(() => handled.includes('after'), { what: 'the consumer to go on', timeoutMs: 30_000 });
    await waitFor(async () => (await queue.counts()).active === 0, {
      what: 'both jobs to end',
      timeoutMs: 30_000,
    });
    expect(handled).toEqual(['during', 'after']);
    await queue.close();
  });

  test('closes in time while Redis is away', async () => {
    await using redis = await startRedis({ private: true });
    const queue = await openQueue({ url: redis.url, name: 'test', onError: () => {} });
    let started = false;
    const consumer = queue.consume({
      concurrency: 1,
      handler: () => {
        started = true;
        return new Promise(() => {});
      },
    });
    await queue.enqueue({ id: 'stuck', group: 'g' });
    await waitFor(() => started, { what: 'a running job' });
    await redis.kill();
    await consumer.close({ deadlineMs: 10 });
    await queue.close();
  });

  test('does not open when nobody listens', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    await expect(openQueue({ url, name: 'test', onError: () => {} })).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
    });
  });
});
