import { createHash } from 'node:crypto';
import type { BlobContent, BlobInfo } from './blob.ts';

/** Hands the content on piece by piece; `info()` tells about all that went through. */
export function createDigest(content: BlobContent) {
  const hash = createHash('sha256');
  let size = 0;
  return {
    async *pieces(): AsyncGenerator<Uint8Array> {
      for await (const piece of content instanceof Uint8Array ? [content] : content) {
        hash.update(piece);
        size += piece.byteLength;
        yield piece;
      }
    },
    info: (): BlobInfo => ({ size, sha256: hash.digest('hex') }),
  };
}
