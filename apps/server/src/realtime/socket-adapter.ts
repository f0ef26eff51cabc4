import type { ServerOptions } from 'socket.io';

/** The adapter that carries events between servers, and how to end it; nothing without Redis. */
export async function openSocketAdapter(
  redisUrl: string | undefined,
): Promise<{ adapter: ServerOptions['adapter']; close: () => Promise<void> } | undefined> {
  if (redisUrl === undefined) return undefined;
  const [{ createAdapter }, { Redis }] = await Promise.all([
    import('@socket.io/redis-streams-adapter'),
    import('ioredis'),
  ]);
  const client = new Redis(redisUrl, { maxRetriesPerRequest: null });
  return {
    adapter: createAdapter(client),
    close: async () => {
      client.disconnect();
    },
  };
}
