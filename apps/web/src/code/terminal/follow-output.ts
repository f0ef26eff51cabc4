import { ApiError } from '@wegent/api';

const RETRIES_MS = [500, 1000, 2000, 4000, 5000];

/**
 * Reads a stream of output until it ends by itself; a connection that breaks is made again. Resolves when the terminal
 * is over, rejects when it cannot be reached for good.
 */
export async function followOutput({
  connect,
  onBytes,
  onConnected,
  onLost,
  signal,
}: {
  connect: () => Promise<ReadableStream<Uint8Array> | null>;
  onBytes: (bytes: Uint8Array) => void;
  onConnected: (again: boolean) => void;
  onLost: () => void;
  signal: AbortSignal;
}): Promise<void> {
  let failures = 0;
  for (let round = 0; ; round += 1) {
    try {
      const body = await connect();
      onConnected(round > 0);
      const reader = body?.getReader();
      while (reader) {
        const { done, value } = await reader.read();
        // Only a terminal that is over ends its output; a broken connection is an error.
        if (done) return;
        failures = 0;
        onBytes(value);
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      // The terminal ended while nobody listened.
      if (error instanceof ApiError && (error.reason === 'NotFound' || error.reason === 'Expired')) return;
      if (error instanceof ApiError && error.reason !== 'ServiceUnavailable' && error.reason !== 'Timeout')
        throw error;
      const wait = RETRIES_MS[failures];
      if (wait === undefined) throw error;
      failures += 1;
      onLost();
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (signal.aborted) return;
    }
  }
}
