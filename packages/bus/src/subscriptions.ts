import type { OnBusError } from './bus.ts';

/** An object of its own, so that one function can subscribe twice. */
export interface Subscription {
  handler: Handler;
}

type Handler = (message: unknown) => unknown;

/** The handlers of each topic in this process. */
export function createSubscriptions(onError: OnBusError) {
  const topics = new Map<string, Set<Subscription>>();
  return {
    add(topic: string, subscription: Subscription): void {
      const existing = topics.get(topic);
      if (existing) existing.add(subscription);
      else topics.set(topic, new Set([subscription]));
    },

    /** True when it was the last of its topic. */
    remove(topic: string, subscription: Subscription): boolean {
      const subscriptions = topics.get(topic);
      if (!subscriptions?.delete(subscription) || subscriptions.size > 0) return false;
      return topics.delete(topic);
    },

    /** Calls those who are subscribed now, unless they leave before their turn. */
    deliver(topic: string, text: string): void {
      const receivers = topics.get(topic);
      if (!receivers) return;
      for (const receiver of [...receivers]) {
        setImmediate(() => {
          if (topics.get(topic)?.has(receiver)) void call(receiver.handler, text, onError);
        });
      }
    },

    clear: () => topics.clear(),
  };
}

async function call(handler: Handler, text: string, onError: OnBusError): Promise<void> {
  try {
    await handler(JSON.parse(text));
  } catch (error) {
    onError(error);
  }
}
