import { expect, test } from 'vitest';
import { createInputQueue } from './input-queue.ts';

test('input arrives in order, one request at a time', async () => {
  const sent: string[] = [];
  const gates: (() => void)[] = [];
  let open = 0;
  let most = 0;
  const queue = createInputQueue({
    send: async (text) => {
      open += 1;
      most = Math.max(most, open);
      sent.push(text);
      await new Promise<void>((resolve) => gates.push(resolve));
      open -= 1;
    },
    onFailure: () => {
      throw new Error('unexpected');
    },
  });
  queue.push('l');
  queue.push('s');
  queue.push('\r');
  expect(sent).toEqual(['l']);
  gates.shift()?.();
  await expect.poll(() => sent).toEqual(['l', 's\r']);
  gates.shift()?.();
  await expect.poll(() => open).toBe(0);
  queue.push('x');
  expect(sent).toEqual(['l', 's\r', 'x']);
  expect(most).toBe(1);
});

test('after a failure nothing of before is sent', async () => {
  const sent: string[] = [];
  const failures: unknown[] = [];
  const queue = createInputQueue({
    send: async (text) => {
      sent.push(text);
      if (text === 'a') throw new Error('gone');
    },
    onFailure: (error) => failures.push(error),
  });
  queue.push('a');
  queue.push('b');
  await expect.poll(() => failures).toHaveLength(1);
  queue.push('c');
  expect(sent).toEqual(['a', 'c']);
});
