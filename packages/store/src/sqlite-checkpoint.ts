import { Worker } from 'node:worker_threads';

const EVERY_MS = 1_000;

// The source is text because a bundle has no second file to start the thread from.
const SOURCE = `
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
const database = new DatabaseSync(workerData.path, { timeout: 0 });
const timer = setInterval(() => {
  try {
    database.exec('pragma wal_checkpoint(passive)');
  } catch {
    // Busy: the next time will do.
  }
}, workerData.everyMs);
parentPort.once('message', () => {
  clearInterval(timer);
  database.close();
  parentPort.close();
});
`;

/** Copies the log of a database file back, see `startCheckpoints`. */
export interface Checkpoints {
  /** Resolves when the thread has closed its connection. */
  close(): Promise<void>;
}

/**
 * Copies the write-ahead log of a database file back into it, once a second, on a thread with a connection of its own.
 * A passive checkpoint waits for nobody and nobody waits for it; done by a commit it would hold up the event loop for
 * as long as the disk takes. Should the thread die, the commits do it again when the log has grown.
 */
export function startCheckpoints(path: string): Checkpoints {
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(SOURCE)}`), {
    workerData: { path, everyMs: EVERY_MS },
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('error', () => {});
  worker.unref();
  return {
    close() {
      worker.ref();
      worker.postMessage('close');
      return ended;
    },
  };
}
