interface Entry<Value> {
  value: Value;
  expiresAt: number;
  timer: NodeJS.Timeout;
}

/** A map that forgets. An entry is gone at its time even if the timer that frees its memory is late. */
export function createExpiringMap<Value>() {
  const entries = new Map<string, Entry<Value>>();

  function remove(key: string): void {
    clearTimeout(entries.get(key)?.timer);
    entries.delete(key);
  }

  return {
    get(key: string): Value | undefined {
      const entry = entries.get(key);
      return entry && entry.expiresAt > performance.now() ? entry.value : undefined;
    },

    set(key: string, value: Value, ttlMs: number): void {
      remove(key);
      const timer = setTimeout(remove, ttlMs, key).unref();
      entries.set(key, { value, expiresAt: performance.now() + ttlMs, timer });
    },

    delete: remove,

    clear(): void {
      for (const key of [...entries.keys()]) remove(key);
    },
  };
}
