import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { BlobStore } from './blob.ts';
import { checkKey } from './blob-key.ts';
import { createDigest } from './digest.ts';

/** Blobs of one process, for tests and for a server that keeps nothing. */
export function createMemoryBlobStore(): BlobStore {
  const blobs = new Map<string, Uint8Array>();
  return {
    async put(key, content) {
      checkKey(key);
      const digest = createDigest(content);
      const bytes = await buffer(digest.pieces());
      blobs.set(key, bytes);
      return digest.info();
    },

    async get(key) {
      const bytes = blobs.get(checkKey(key));
      return bytes && Readable.from([Buffer.from(bytes)]);
    },

    async read(key) {
      const bytes = blobs.get(checkKey(key));
      return bytes && Uint8Array.from(bytes);
    },

    async delete(key) {
      blobs.delete(checkKey(key));
    },

    async close() {
      blobs.clear();
    },
  };
}
