import type { DifyClient } from './dify-client.ts';
import type { RunPlace } from './run-ids.ts';

/** Watches over one run of a server that goes on when its client is gone. */
export interface StopWatch {
  /** Ends the connection. */
  readonly connection: AbortSignal;
  /** To be called when more may be known of the run: it can only be stopped by its name. */
  noteNames(): void;
  /** Ends the watch; a run that has not ended by itself is stopped. Resolves when the server was told. */
  close(hasEnded: boolean): Promise<void>;
}

/** What is left for the server's last words, so that the whole stays below the limit of `runTurn`. */
const GRACE_MS = 2_000;
const CALL_MS = 2_000;

/**
 * On an abort tells the server to stop, reads on for a moment for its last words and usage, and then ends the
 * connection. A run that another attempt will go on with is left alone.
 */
export function watchForStop(given: {
  signal: AbortSignal;
  client: Pick<DifyClient, 'post'>;
  /** Where runs of this application are stopped. */
  stopPath: (taskId: string) => string;
  place: () => RunPlace | undefined;
  canBeFound: () => boolean;
}): StopWatch {
  const { signal, client } = given;
  const connection = new AbortController();
  let told: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const isHandedOn = () =>
    signal.aborted && (signal.reason === 'abandon' || signal.reason === 'lost') && given.canBeFound();

  function tell(): void {
    const taskId = given.place()?.ids.taskId;
    if (told || taskId === undefined) return;
    told = client
      .post(given.stopPath(taskId), {}, AbortSignal.timeout(CALL_MS))
      // Whoever is gone need not be stopped.
      .then(
        () => undefined,
        () => undefined,
      );
  }

  function onAbort(): void {
    if (isHandedOn()) {
      connection.abort(signal.reason);
      return;
    }
    tell();
    timer = setTimeout(() => connection.abort(signal.reason), GRACE_MS);
  }
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();

  return {
    connection: connection.signal,
    noteNames: () => {
      if (signal.aborted && !isHandedOn()) tell();
    },
    async close(hasEnded) {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      if (!hasEnded && !isHandedOn()) tell();
      connection.abort();
      await told;
    },
  };
}
