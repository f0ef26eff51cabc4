import { expect, test } from 'vitest';
import { readUpTo } from './read-up-to.ts';

function endless(): { body: ReadableStream<Uint8Array>; sent: () => number; cancelled: () => boolean } {
  let sent = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1000;
      controller.enqueue(new Uint8Array(1000));
    },
    cancel() {
      cancelled = true;
    },
  });
  return { body, sent: () => sent, cancelled: () => cancelled };
}

test('bytes are put together', async () => {
  const body = new Response('hello').body;
  expect(new TextDecoder().decode(await readUpTo(body, 5))).toBe('hello');
  expect(await readUpTo(null, 5)).toEqual(new Uint8Array(0));
});

test('what is too large is not read to its end', async () => {
  const { body, sent, cancelled } = endless();
  expect(await readUpTo(body, 2500)).toBeUndefined();
  expect(cancelled()).toBe(true);
  expect(sent()).toBeLessThan(10_000);
});
