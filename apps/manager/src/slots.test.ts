import { describe, expect, test } from 'vitest';
import { createSlots } from './slots.ts';

describe('slots', () => {
  test('never more at once than there are, and in the order they came', async () => {
    const slots = createSlots({ total: 2 });
    const signal = new AbortController().signal;
    const order: number[] = [];
    let now = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 9 }, (_, index) =>
        slots.run(signal, async () => {
          order.push(index);
          most = Math.max(most, ++now);
          await new Promise((resolve) => setImmediate(resolve));
          now--;
        }),
      ),
    );
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(slots.used()).toBe(0);
  });

  test('work that was called off while it waited does not begin, and one that fails gives its place back', async () => {
    const slots = createSlots({ total: 1 });
    const stop = new AbortController();
    const first = slots.run(new AbortController().signal, () => Promise.reject(new Error('no')));
    let began = false;
    const second = slots.run(stop.signal, async () => {
      began = true;
    });
    stop.abort();
    await expect(first).rejects.toThrow('no');
    await second;
    expect(began).toBe(false);
    expect(slots.used()).toBe(0);
  });
});
