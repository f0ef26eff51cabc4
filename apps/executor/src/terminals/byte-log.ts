/** A stream of bytes that remembers its end: who reads gets that, then what comes. */
export function createByteLog(keep: number) {
  let chunks: Buffer[] = [];
  let size = 0;
  /** Place of the first byte kept. */
  let start = 0;
  let ended = false;
  let changed = Promise.withResolvers<void>();

  function wake(): void {
    changed.resolve();
    changed = Promise.withResolvers();
  }

  function from(place: number): Buffer {
    const all = Buffer.concat(chunks);
    chunks = [all];
    return all.subarray(Math.max(0, place - start));
  }

  return {
    append(chunk: Buffer): void {
      if (ended) return;
      chunks.push(chunk);
      size += chunk.length;
      while (size - (chunks[0]?.length ?? 0) >= keep) {
        const dropped = chunks.shift()?.length ?? 0;
        size -= dropped;
        start += dropped;
      }
      wake();
    },

    end(): void {
      ended = true;
      wake();
    },

    async *read(signal: AbortSignal): AsyncIterable<Buffer> {
      let place = start;
      const aborted = new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      while (!signal.aborted) {
        const bytes = from(place);
        place = Math.max(place, start) + bytes.length;
        if (bytes.length > 0) yield bytes;
        else if (ended) return;
        else await Promise.race([changed.promise, aborted]);
      }
    },
  };
}
