/**
 * Publish/subscribe between processes, with a small cache and locks beside it. Everything here may be lost: what
 * must survive belongs in the store, and a reader that needs every message numbers them and asks the store for gaps.
 * Operations that need the network throw `ServiceUnavailable` while it is away.
 */
export interface Bus {
  /** Sends a message, which has to be JSON, to all who subscribe to the topic now, those of this process included. */
  publish(topic: string, message: unknown): Promise<void>;

  /**
   * Calls the handler with each message published after the promise is fulfilled: at most once, on a later turn of
   * the event loop, in the order of each publisher; messages that are under way while it subscribes may come too.
   * They are copies and unchecked: parse them with a schema. A call is not awaited before the next one; what a
   * handler throws or rejects with goes to `onError`.
   */
  subscribe(topic: string, handler: (message: unknown) => unknown): Promise<Unsubscribe>;

  /** A copy of the cached value, or `undefined` when there is none or its time is over. */
  get(key: string): Promise<unknown>;

  /** Caches a JSON value for `ttlMs` milliseconds (1 to 2^31-1). */
  set(key: string, value: unknown, ttlMs: number): Promise<void>;

  /** Forgets the cached value, if there is one. */
  delete(key: string): Promise<void>;

  /** Takes the lock for at most `ttlMs` milliseconds; `undefined` when somebody holds it. */
  lock(key: string, ttlMs: number): Promise<Lock | undefined>;

  /** Ends all subscriptions and connections. Messages on their way are dropped. */
  close(): Promise<void>;
}

/** Ends one subscription; a second call does nothing. No message is handled after it returns. */
export type Unsubscribe = () => Promise<void>;

/**
 * A lock that ends by itself. It is a way to avoid double work, not a guarantee: whoever writes under it needs a
 * fencing token or a conditional write.
 */
export interface Lock {
  /** Gives it back; does nothing when it is lost already. */
  release(): Promise<void>;

  /** Holds it for `ttlMs` from now on; false when it is lost. */
  extend(ttlMs: number): Promise<boolean>;
}

/** Gets what cannot be thrown at anybody: failures of handlers and of connections. */
export type OnBusError = (error: unknown) => void;
