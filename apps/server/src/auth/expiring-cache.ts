/**
 * A small in-process cache: values live `ttlMs`, the oldest of more than `maxEntries` goes first, and
 * one key is loaded once however many ask for it. An absent value is not kept, nor is a failure.
 * A load that an invalidation overtakes is not kept either, so no stale value outlives its change.
 */
export function createExpiringCache<Value>(options: {
  ttlMs: number;
  maxEntries?: number;
  now?: () => number;
}) {
  const { ttlMs, maxEntries = 10_000, now = Date.now } = options;
  const entries = new Map<string, { value: Promise<Value | undefined>; expiresAt: number }>();

  return {
    get(key: string, load: () => Promise<Value | undefined>): Promise<Value | undefined> {
      const known = entries.get(key);
      if (known && known.expiresAt > now()) return known.value;

      const value = load();
      const entry = { value, expiresAt: now() + ttlMs };
      entries.delete(key);
      entries.set(key, entry);
      const forget = () => {
        if (entries.get(key) === entry) entries.delete(key);
      };
      value.then((loaded) => loaded === undefined && forget(), forget);
      evictOldest(entries, maxEntries);
      return value;
    },

    invalidate(key: string): void {
      entries.delete(key);
    },

    clear(): void {
      entries.clear();
    },
  };
}

function evictOldest(entries: Map<string, unknown>, maxEntries: number): void {
  for (const key of entries.keys()) {
    if (entries.size <= maxEntries) return;
    entries.delete(key);
  }
}
