import { Readable } from 'node:stream';

/** How often it is asked whether somebody may still read what is streamed to them. */
const CHECK_MS = 15_000;

/**
 * A stream for an answer. When the reader goes, the source is told; when the reader loses the right to read, the
 * stream ends.
 */
export function streamed(
  source: AsyncIterable<Uint8Array>,
  { mayRead, checkMs = CHECK_MS }: { mayRead?: () => Promise<unknown>; checkMs?: number } = {},
): Readable {
  const stream = Readable.from(source, { objectMode: false });
  if (!mayRead) return stream;
  const timer = setInterval(() => {
    mayRead().catch(() => stream.destroy());
  }, checkMs);
  timer.unref();
  stream.once('close', () => clearInterval(timer));
  return stream;
}

/** Headers of bytes that an agent may have written: they must not act in the name of the platform. */
export const UNTRUSTED = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'cache-control': 'no-store',
};
