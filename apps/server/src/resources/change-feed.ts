import type { ResourceObject } from '@wegent/api';
import type { Bus, Unsubscribe } from '@wegent/bus';
import { expired } from '@wegent/kube';
import type { Change, Store } from '@wegent/store';
import type { FastifyBaseLogger } from 'fastify';
import { createChangeRing } from './change-ring.ts';

/** Told whenever something was committed. */
export const CHANGES_TOPIC = 'resources.changed';
const POLL_MS = 1_000;
const RING_CHANGES = 5_000;
const RING_CHARACTERS = 32 * 1024 * 1024;
const BATCH = 200;

/** Changes as watchers may see them; `upTo` is the version that a reader has then seen everything up to. */
export interface ChangePage {
  changes: Change[];
  upTo: number;
}

/**
 * One reader of the watch log for all watchers of this process. It keeps the newest changes in memory and asks the
 * log for older ones. It reads when a write of this process or another one says so, and once a second, and not at
 * all while nobody listens.
 */
export function createChangeFeed({
  store,
  bus,
  present,
  logger,
}: {
  store: Store;
  bus: Bus;
  /** Objects of one kind as clients see them, in order. */
  present: (objects: readonly ResourceObject[]) => Promise<ResourceObject[]>;
  logger: Pick<FastifyBaseLogger, 'warn'>;
}) {
  const listeners = new Set<() => void>();
  const ring = createChangeRing({ maxChanges: RING_CHANGES, maxCharacters: RING_CHARACTERS });
  let reading: Promise<void> | undefined;
  let readAgain = false;
  let ready: Promise<void> = Promise.resolve();
  let unsubscribe: Unsubscribe | undefined;
  let poll: NodeJS.Timeout | undefined;

  function wake(): void {
    if (listeners.size === 0) return;
    if (reading) {
      readAgain = true;
      return;
    }
    reading = follow()
      .catch((error: unknown) =>
        logger.warn({ err: error }, 'the watch log could not be read; it is tried again'),
      )
      .finally(() => {
        reading = undefined;
        if (!readAgain) return;
        readAgain = false;
        wake();
      });
  }

  async function follow(): Promise<void> {
    const begun = ready;
    await begun;
    // A restart waits for the end of this, which might never catch up with those who write.
    while (ready === begun) {
      const changes = await store.changes.after(ring.tail, BATCH);
      const last = changes.at(-1);
      if (!last) return;
      ring.push(await presentChanges(changes, present), last.resourceVersion);
      for (const listener of listeners) listener();
    }
  }

  return {
    /** Begins to hear of the writes of other processes. */
    async start(): Promise<void> {
      unsubscribe = await bus.subscribe(CHANGES_TOPIC, wake);
      poll = setInterval(wake, POLL_MS);
      poll.unref();
    },

    /** Tells the watchers of all processes that something was committed. */
    notify(): void {
      wake();
      bus
        .publish(CHANGES_TOPIC, {})
        .catch((error: unknown) => logger.warn({ err: error }, 'other processes hear of a change late'));
    },

    /** Calls the listener whenever there is more to read. Resolves when nothing committed from now on is missed. */
    async listen(listener: () => void): Promise<() => void> {
      const first = listeners.size === 0;
      listeners.add(listener);
      if (first) ready = restart();
      try {
        await ready;
      } catch (error) {
        listeners.delete(listener);
        throw error;
      }
      return () => listeners.delete(listener);
    },

    /** The next changes after a version. Throws `Expired` when the log does not reach back so far. */
    async read(after: number): Promise<ChangePage> {
      await ready;
      if (after >= ring.floor) return { changes: ring.after(after), upTo: Math.max(ring.tail, after) };
      const compacted = await store.changes.compactedUpTo();
      if (after < compacted) throw expired(after, compacted);
      const changes = await store.changes.after(after, BATCH);
      return {
        changes: await presentChanges(changes, present),
        upTo: changes.at(-1)?.resourceVersion ?? after,
      };
    },

    /** Ends the subscription and the timer. */
    async close(): Promise<void> {
      clearInterval(poll);
      listeners.clear();
      await unsubscribe?.();
      await reading;
    },
  };

  async function restart(): Promise<void> {
    await reading;
    ring.reset(await store.changes.current());
  }
}

async function presentChanges(
  changes: readonly Change[],
  present: (objects: readonly ResourceObject[]) => Promise<ResourceObject[]>,
): Promise<Change[]> {
  const presented = new Map<ResourceObject, ResourceObject>();
  const objects = changes.flatMap(({ object, previous }) => (previous ? [object, previous] : [object]));
  for (const ofKind of Map.groupBy(objects, ({ kind }) => kind).values()) {
    const shown = await present(ofKind);
    for (const [index, view] of shown.entries()) presented.set(ofKind[index] ?? view, view);
  }
  // What has no presentable form must not slip through in its stored one.
  return changes.flatMap(({ previous, ...change }) => {
    const object = presented.get(change.object);
    const before = previous && presented.get(previous);
    return object ? [{ ...change, object, ...(before ? { previous: before } : {}) }] : [];
  });
}
