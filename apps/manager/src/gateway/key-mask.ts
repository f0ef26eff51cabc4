import { Transform } from 'node:stream';

/** Shorter values are no secrets, and masking them would break what is passed through. */
const MIN_SECRET = 8;

/**
 * Passes bytes through with each secret replaced by stars of the same length. Bytes are kept back only while they may
 * be the beginning of a secret, so chunks go on at once.
 */
export function createKeyMask(secrets: readonly (string | undefined)[]): Transform {
  const keys = [...new Set(secrets)]
    .filter((secret) => secret !== undefined && secret.length >= MIN_SECRET)
    .map((secret) => Buffer.from(secret ?? ''));
  let held = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (keys.length === 0) return done(null, chunk);
      const bytes = held.length > 0 ? Buffer.concat([held, chunk]) : Buffer.from(chunk);
      for (const key of keys) {
        for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + key.length))
          bytes.fill('*', at, at + key.length);
      }
      const keep = Math.max(...keys.map((key) => overlap(bytes, key)));
      held = bytes.subarray(bytes.length - keep);
      done(null, bytes.subarray(0, bytes.length - keep));
    },
    flush(done) {
      done(null, held);
    },
  });
}

/** How many bytes at the end are the beginning of the key. */
function overlap(bytes: Buffer, key: Buffer): number {
  for (let size = Math.min(bytes.length, key.length - 1); size > 0; size--) {
    if (bytes.subarray(bytes.length - size).equals(key.subarray(0, size))) return size;
  }
  return 0;
}
