import type { Bus, Lock, Unsubscribe } from '@wegent/bus';
import type { Change, Store } from '@wegent/store';
import type { FastifyBaseLogger } from 'fastify';
import { z } from 'zod';
import { CHANGES_TOPIC } from '../resources/change-feed.ts';

const LOCK = 'controllers';
const LOCK_MS = 15_000;
const CURSOR = 'controllers.cursor';
const BATCH = 200;
const POLL_MS = 1_000;
const RESYNC_MS = 5 * 60_000;
const Cursor = z.number().int().min(0);

/** Brings the world closer to what objects say. Everything it does is safe to repeat. */
export interface Controller {
  /** Reacts to changes, in the order of their versions. */
  changed(changes: readonly Change[]): Promise<void>;
  /** Finds what is left to do without being told: after a long absence, and now and then. */
  resync(): Promise<void>;
}

/**
 * One loop over the log of changes for all controllers. Of several servers the one that holds the lock runs it; the
 * place in the log is stored, so that the next one goes on where it ended.
 */
export function createControllerLoop({
  store,
  bus,
  controllers,
  logger,
}: {
  store: Store;
  bus: Bus;
  controllers: readonly Controller[];
  logger: Pick<FastifyBaseLogger, 'error'>;
}) {
  let lock: Lock | undefined;
  let cursor = 0;
  let resyncAt = 0;
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;
  let poll: NodeJS.Timeout | undefined;
  let unsubscribe: Unsubscribe | undefined;

  function wake(): void {
    if (closed) return;
    if (running) {
      again = true;
      return;
    }
    running = step()
      .catch((error: unknown) => logger.error({ err: error }, 'a controller failed; it is tried again'))
      .finally(() => {
        running = undefined;
        if (!again) return;
        again = false;
        wake();
      });
  }

  async function step(): Promise<void> {
    if (!(await lead())) return;
    if (cursor < (await store.changes.compactedUpTo()) || Date.now() >= resyncAt) {
      const version = await store.changes.current();
      for (const controller of controllers) await controller.resync();
      resyncAt = Date.now() + RESYNC_MS;
      // Between the two nothing is lost: what came meanwhile is read again below.
      if (cursor < (await store.changes.compactedUpTo())) await moveTo(version);
    }
    while (!closed) {
      const changes = await store.changes.after(cursor, BATCH);
      const last = changes.at(-1);
      if (!last) return;
      for (const controller of controllers) await controller.changed(changes);
      await moveTo(last.resourceVersion);
      if (!(await lead())) return;
    }
  }

  async function moveTo(version: number): Promise<void> {
    cursor = version;
    await store.settings.set(CURSOR, version);
  }

  /** Holds the lock, or takes it and finds the place where the last holder ended. */
  async function lead(): Promise<boolean> {
    if (lock && (await lock.extend(LOCK_MS))) return true;
    lock = await bus.lock(LOCK, LOCK_MS);
    if (!lock) return false;
    const stored = Cursor.safeParse(await store.settings.get(CURSOR));
    cursor = stored.success ? stored.data : await store.changes.current();
    resyncAt = 0;
    return true;
  }

  return {
    /** Begins to work, if no other server does. */
    async start(): Promise<void> {
      unsubscribe = await bus.subscribe(CHANGES_TOPIC, wake);
      poll = setInterval(wake, POLL_MS);
      poll.unref();
      wake();
    },

    /** Ends it, after what is being done. */
    async close(): Promise<void> {
      closed = true;
      clearInterval(poll);
      await unsubscribe?.();
      await running;
      await lock?.release();
    },
  };
}
