import { describe, expect, test } from 'vitest';
import { openQueue } from '../src/index.ts';
import { queueContract } from './contract.ts';

describe('memory queue', () => {
  queueContract((onError) => openQueue({ name: 'test', onError }));

  test('lets groups take turns', async () => {
    const queue = await openQueue({ name: 'test' });
    const handled = Promise.withResolvers<string[]>();
    const ids: string[] = [];
    for (const id of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) await queue.enqueue({ id, group: id.slice(0, 1) });
    queue.consume({
      concurrency: 1,
      handler: async ({ id }) => {
        if (ids.push(id) === 6) handled.resolve(ids);
      },
    });
    await expect(handled.promise).resolves.toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    await queue.close();
  });

  test.each(['', 'Host', 'a:b'])('refuses the name "%s"', async (name) => {
    await expect(openQueue({ name })).rejects.toMatchObject({ reason: 'Invalid' });
  });

  test('an unknown scheme is refused with those that exist', async () => {
    await expect(openQueue({ url: 'amqp://host', name: 'test' })).rejects.toThrow(
      /"amqp:"; available: redis:, rediss:/,
    );
  });
});
