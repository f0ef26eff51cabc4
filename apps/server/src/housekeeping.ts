import type { Bus } from '@wegent/bus';
import type { Store } from '@wegent/store';
import type { Logger } from 'pino';
import type { AttachmentService } from './attachments/attachment.service.ts';

const EVERY_MS = 60_000;
/** Events of a finished run are kept so long for late readers; then the message stands for them. */
const KEEP_EVENTS_MS = 2 * 60 * 60 * 1000;
/** Events about objects, as Kubernetes keeps them. */
const KEEP_KUBE_EVENTS_MS = 60 * 60 * 1000;
const KEEP_CHANGES = 100_000;
const KEEP_CHANGES_MS = 60 * 60 * 1000;
/** A manager that was silent for so long does not come back under its name. */
const KEEP_MANAGERS_MS = 24 * 60 * 60 * 1000;

/** Keeps the database small: events that messages stand for, old changes, sessions that expired, uploads nobody sent. */
export function createHousekeeping({
  store,
  bus,
  attachments,
  logger,
}: {
  store: Store;
  bus: Bus;
  attachments: AttachmentService;
  logger: Logger;
}) {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  async function clean(): Promise<void> {
    const lock = await bus.lock('housekeeping', EVERY_MS);
    if (!lock) return;
    try {
      const now = Date.now();
      await store.events.compact(now - KEEP_EVENTS_MS, 200);
      await store.changes.compact({ keep: KEEP_CHANGES, olderThan: now - KEEP_CHANGES_MS });
      while (
        (await store.resources.deleteOlder('Event', { before: now - KEEP_KUBE_EVENTS_MS, limit: 200 })) ===
        200
      );
      await store.sessions.deleteExpired(now);
      await store.managers.forget(now - KEEP_MANAGERS_MS);
      await attachments.removeUnsent();
    } finally {
      await lock.release();
    }
  }

  return {
    start(): void {
      timer = setInterval(() => {
        running ??= clean()
          .catch((error: unknown) => logger.error({ err: error }, 'housekeeping failed'))
          .finally(() => {
            running = undefined;
          });
      }, EVERY_MS);
      timer.unref();
    },
    async close(): Promise<void> {
      clearInterval(timer);
      await running;
    },
  };
}
