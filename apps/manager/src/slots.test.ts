import { describe, expect, test } from 'vitest';
import { createSlots } from './slots.ts';

const never = new AbortController().signal;

describe('slots', () => {
  test('never more at once than there are, and in the order they came', async () => {
    const slots = createSlots({ total: 2 });
    const order: number[] = [];
    let now = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 9 }, async (_, index) => {
        await slots.take({ signal: never });
        order.push(index);
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        slots.leave();
      }),
    );
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(slots.used()).toBe(0);
  });

  test('who had a place before goes first', async () => {
    const slots = createSlots({ total: 1 });
    const order: string[] = [];
    const come = async (name: string, back: boolean) => {
      await slots.take({ signal: never, back });
      order.push(name);
      slots.leave();
    };
    await slots.take({ signal: never });
    const all = [come('new 1', false), come('back 1', true), come('new 2', false), come('back 2', true)];
    slots.leave();
    await Promise.all(all);
    expect(order).toEqual(['back 1', 'back 2', 'new 1', 'new 2']);
  });

  test('who is called off while it waits loses its turn and nobody else does', async () => {
    const slots = createSlots({ total: 1 });
    const stop = new AbortController();
    await slots.take({ signal: never });
    const off = slots.take({ signal: stop.signal });
    const next = slots.take({ signal: never });
    stop.abort(new Error('called off'));
    await expect(off).rejects.toThrow('called off');
    await expect(slots.take({ signal: stop.signal })).rejects.toThrow('called off');
    slots.leave();
    await next;
    expect(slots.used()).toBe(1);
    slots.leave();
    expect(slots.used()).toBe(0);
  });

  test('what is at work already takes a place that is not there, and nobody begins in its stead', async () => {
    const slots = createSlots({ total: 1 });
    slots.force();
    slots.force();
    let began = false;
    const next = slots.take({ signal: never }).then(() => {
      began = true;
    });
    slots.leave();
    await new Promise((resolve) => setImmediate(resolve));
    expect([slots.used(), began]).toEqual([1, false]);
    slots.leave();
    await next;
    expect(slots.used()).toBe(1);
  });
});
