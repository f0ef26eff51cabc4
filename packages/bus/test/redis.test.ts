import { randomUUID } from 'node:crypto';
import { describeWith, freePort, startRedis, type TestRedis, waitFor } from '@wegent/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBus } from '../src/index.ts';
import { busContract } from './contract.ts';

describeWith(['redis'], 'redis bus', () => {
  let redis: TestRedis;

  beforeAll(async () => {
    redis = await startRedis();
  });

  afterAll(() => redis[Symbol.asyncDispose]());

  busContract(async (onError) => {
    const [here, there] = await Promise.all([
      openBus({ url: redis.url, onError }),
      openBus({ url: redis.url, onError }),
    ]);
    return { here, there };
  });

  test('databases of one server are worlds of their own', async () => {
    const topic = randomUUID();
    const [zero, one] = await Promise.all([openBus({ url: redis.url }), openBus({ url: `${redis.url}/1` })]);
    const messages: unknown[] = [];
    await zero.subscribe(topic, (message) => messages.push(message));
    await one.publish(topic, 'from another world');
    await zero.publish(topic, 'from this one');
    await waitFor(() => messages.length > 0, { what: 'a message' });
    expect(messages).toEqual(['from this one']);
    await Promise.all([zero.close(), one.close()]);
  });
});

describeWith(['redis-server'], 'redis bus without its server', () => {
  test('fails at once while Redis is away, and goes on when it is back', async () => {
    await using redis = await startRedis({ private: true });
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const [here, there] = await Promise.all([
      openBus({ url: redis.url, onError }),
      openBus({ url: redis.url, onError }),
    ]);
    const messages: unknown[] = [];
    await there.subscribe('topic', (message) => messages.push(message));

    await redis.kill();
    await expect(here.publish('topic', 'lost')).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    await expect(here.get('key')).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    await expect(here.subscribe('other', () => {})).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    await waitFor(() => errors.length > 0, { what: 'a report of the outage' });

    await redis.restart();
    await waitFor(
      async () => {
        await here.publish('topic', 'found');
        return messages.includes('found');
      },
      { what: 'the subscription to go on', timeoutMs: 20_000 },
    );
    expect(messages).not.toContain('lost');
    expect(errors.length).toBeLessThanOrEqual(4);
    await Promise.all([here.close(), there.close()]);
  });

  test('does not open when nobody listens', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    await expect(openBus({ url, onError: () => {} })).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  });
});

test('an unknown scheme is refused with those that exist', async () => {
  await expect(openBus({ url: 'nats://host' })).rejects.toThrow(/scheme "nats:"; available: redis:, rediss:/);
});
