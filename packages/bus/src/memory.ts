import type { Bus, Lock, OnBusError } from './bus.ts';
import { checkTtl, closedError, jsonOf } from './check.ts';
import { createExpiringMap } from './expiring-map.ts';
import { createSubscriptions, type Subscription } from './subscriptions.ts';

/** The bus of one process. Its semantics are the reference for the other adapters. */
export function createMemoryBus({ onError }: { onError: OnBusError }): Bus {
  const subscriptions = createSubscriptions(onError);
  const cache = createExpiringMap<string>();
  const holders = createExpiringMap<symbol>();
  let closed = false;

  function checkOpen(): void {
    if (closed) throw closedError();
  }

  return {
    async publish(topic, message) {
      checkOpen();
      subscriptions.deliver(topic, jsonOf(message, 'a message'));
    },

    async subscribe(topic, handler) {
      checkOpen();
      const subscription: Subscription = { handler };
      subscriptions.add(topic, subscription);
      return async () => {
        subscriptions.remove(topic, subscription);
      };
    },

    async get(key) {
      checkOpen();
      const text = cache.get(key);
      return text === undefined ? undefined : JSON.parse(text);
    },

    async set(key, value, ttlMs) {
      checkOpen();
      cache.set(key, jsonOf(value, 'a cached value'), checkTtl(ttlMs));
    },

    async delete(key) {
      checkOpen();
      cache.delete(key);
    },

    async lock(key, ttlMs) {
      checkOpen();
      checkTtl(ttlMs);
      if (holders.get(key) !== undefined) return undefined;
      const holder = Symbol(key);
      holders.set(key, holder, ttlMs);
      return lockOf(key, holder);
    },

    async close() {
      closed = true;
      subscriptions.clear();
      cache.clear();
      holders.clear();
    },
  };

  function lockOf(key: string, holder: symbol): Lock {
    return {
      async release() {
        if (holders.get(key) === holder) holders.delete(key);
      },
      async extend(ttlMs) {
        checkTtl(ttlMs);
        if (holders.get(key) !== holder) return false;
        holders.set(key, holder, ttlMs);
        return true;
      },
    };
  }
}
