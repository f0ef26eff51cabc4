import { randomUUID } from 'node:crypto';
import { ApiError } from '@wegent/api';
import { Redis } from 'ioredis';
import type { Bus, Lock, OnBusError } from './bus.ts';
import { checkTtl, closedError, jsonOf } from './check.ts';
import { createSubscriptions, type Subscription } from './subscriptions.ts';

const MAX_RECONNECT_DELAY_MS = 1000;
const COMMAND_TIMEOUT_MS = 5000;

const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;
const EXTEND = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`;

/**
 * The bus over Redis (6.2 or newer). Delivery is at most once: messages that are published while a process is
 * disconnected are lost to it; after a reconnect its subscriptions go on. Locks and cache are as durable as that
 * Redis. Rejects with `ServiceUnavailable` when Redis does not answer at the start.
 */
export async function connectRedisBus({ url, onError }: { url: string; onError: OnBusError }): Promise<Bus> {
  const commands = connect(url, onError);
  // A connection that subscribes may not do anything else.
  const subscriber = connect(url, onError);
  try {
    await Promise.all([call(() => commands.ping()), call(() => subscriber.ping())]);
  } catch (error) {
    commands.disconnect();
    subscriber.disconnect();
    throw error;
  }
  return createRedisBus({ commands, subscriber, onError });
}

function createRedisBus(deps: { commands: Redis; subscriber: Redis; onError: OnBusError }): Bus {
  const { commands, subscriber, onError } = deps;
  const subscriptions = createSubscriptions(onError);
  // Channels, unlike keys, are shared by all databases of a server.
  const channelPrefix = `wegent:${commands.options.db ?? 0}:topic:`;
  let closed = false;

  subscriber.on('message', (channel: string, text: string) => {
    subscriptions.deliver(channel.slice(channelPrefix.length), text);
  });

  function request<Reply>(command: () => Promise<Reply>): Promise<Reply> {
    return closed ? Promise.reject(closedError()) : call(command);
  }

  return {
    async publish(topic, message) {
      const text = jsonOf(message, 'a message');
      await request(() => commands.publish(channelPrefix + topic, text));
    },

    async subscribe(topic, handler) {
      const subscription: Subscription = { handler };
      subscriptions.add(topic, subscription);
      try {
        // Every subscriber asks, not only the first: it costs little, and each then knows that it is subscribed.
        await request(() => subscriber.subscribe(channelPrefix + topic));
      } catch (error) {
        subscriptions.remove(topic, subscription);
        throw error;
      }
      return async () => {
        if (!subscriptions.remove(topic, subscription) || closed) return;
        // The handler is gone already; a channel that stays subscribed costs traffic, nothing else.
        await call(() => subscriber.unsubscribe(channelPrefix + topic)).catch(onError);
      };
    },

    async get(key) {
      const text = await request(() => commands.get(cacheKey(key)));
      return text === null ? undefined : JSON.parse(text);
    },

    async set(key, value, ttlMs) {
      const text = jsonOf(value, 'a cached value');
      checkTtl(ttlMs);
      await request(() => commands.set(cacheKey(key), text, 'PX', ttlMs));
    },

    async delete(key) {
      await request(() => commands.del(cacheKey(key)));
    },

    async lock(key, ttlMs) {
      checkTtl(ttlMs);
      const token = randomUUID();
      const taken = await request(() => commands.set(lockKey(key), token, 'PX', ttlMs, 'NX'));
      return taken === 'OK' ? lockOf(lockKey(key), token) : undefined;
    },

    async close() {
      closed = true;
      subscriptions.clear();
      commands.disconnect();
      subscriber.disconnect();
    },
  };

  function lockOf(key: string, token: string): Lock {
    return {
      async release() {
        await request(() => commands.eval(RELEASE, 1, key, token));
      },
      async extend(ttlMs) {
        checkTtl(ttlMs);
        return (await request(() => commands.eval(EXTEND, 1, key, token, ttlMs))) === 1;
      },
    };
  }
}

const cacheKey = (key: string) => `wegent:cache:${key}`;
const lockKey = (key: string) => `wegent:lock:${key}`;

function connect(url: string, onError: OnBusError): Redis {
  const redis = new Redis(url, {
    // A publisher would rather know at once than wait: what it says is stored already.
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), MAX_RECONNECT_DELAY_MS),
  });
  let reported = false;
  redis.on('error', (error) => {
    // One report for each outage, not one for each attempt to reconnect.
    if (!reported) onError(error);
    reported = true;
  });
  redis.on('ready', () => {
    reported = false;
  });
  return redis;
}

async function call<Reply>(command: () => Promise<Reply>): Promise<Reply> {
  try {
    return await command();
  } catch (cause) {
    throw new ApiError('ServiceUnavailable', 'the message bus is away: Redis does not answer', { cause });
  }
}
