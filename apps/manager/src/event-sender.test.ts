import { ApiError, type EventBatch, type ExecutionEvent } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { createEventSender, type EventSenderOptions } from './event-sender.ts';

const delta = (text: string, blockId = 'a'): ExecutionEvent => ({ type: 'text-delta', blockId, text });
const phase = (text: string): ExecutionEvent => ({ type: 'phase', text });

/** A sender whose deliveries wait until the test lets them through. */
function setUp(options: Partial<EventSenderOptions> = {}) {
  const calls: { batch: EventBatch; answer: PromiseWithResolvers<void> }[] = [];
  let arrived = Promise.withResolvers<void>();
  const sender = createEventSender({
    executionId: 'run',
    attempt: 2,
    nextSeq: 5,
    coalesceMs: 1,
    retryMs: 1,
    onRefused: () => {},
    link: {
      events: async (_id, batch) => {
        const answer = Promise.withResolvers<void>();
        calls.push({ batch, answer });
        arrived.resolve();
        arrived = Promise.withResolvers();
        await answer.promise;
        return { ackedSeq: batch.firstSeq + batch.events.length - 1 };
      },
    },
    ...options,
  });
  return {
    sender,
    calls,
    async call(index: number) {
      while (calls.length <= index) await arrived.promise;
      const call = calls[index];
      if (!call) throw new Error('no such call');
      return call;
    },
  };
}

describe('createEventSender', () => {
  it('sends the first event at once and gathers the rest while a batch is under way', async () => {
    const { sender, calls, call } = setUp();
    sender.push(phase('start'));
    expect(calls).toHaveLength(1);
    for (const word of ['one ', 'two ', 'three']) sender.push(delta(word));
    sender.push(delta('other', 'b'));
    expect(calls).toHaveLength(1);
    calls[0]?.answer.resolve();
    const second = await call(1);
    expect(second.batch).toEqual({
      attempt: 2,
      firstSeq: 6,
      events: [delta('one two three'), delta('other', 'b')],
    });
    second.answer.resolve();
    await sender.flush();
    expect(sender.nextSeq).toBe(8);
  });

  it('does not let the first word wait for the others', () => {
    const { sender, calls } = setUp({ coalesceMs: 60_000 });
    sender.push(delta('first'));
    expect(calls.map(({ batch }) => batch.events)).toEqual([[delta('first')]]);
    sender.push(delta('second'));
    expect(calls).toHaveLength(1);
    sender.stop();
  });

  it('repeats a failed batch as it was', async () => {
    const { sender, calls, call } = setUp();
    sender.push(phase('start'));
    sender.push(delta('later'));
    calls[0]?.answer.reject(new ApiError('ServiceUnavailable', 'away'));
    const again = await call(1);
    expect(again.batch).toEqual(calls[0]?.batch);
    again.answer.resolve();
    (await call(2)).answer.resolve();
    await sender.flush();
    expect(calls[2]?.batch).toMatchObject({ firstSeq: 6, events: [delta('later')] });
  });

  it('ends at a Conflict: says so once, drops the rest, lets nobody wait', async () => {
    const refused: ApiError[] = [];
    const { sender, calls } = setUp({ onRefused: (error) => refused.push(error) });
    sender.push(phase('start'));
    sender.push(delta('x'.repeat(1_500_000)));
    const waiting = sender.ready();
    calls[0]?.answer.reject(new ApiError('Conflict', 'lease lost'));
    await waiting;
    await expect(sender.flush()).rejects.toThrow('lease lost');
    sender.push(delta('more'));
    await expect(sender.flush()).rejects.toThrow('lease lost');
    expect(refused).toHaveLength(1);
    expect(calls).toHaveLength(1);
  });

  it('makes the engine wait while too much is on its way', async () => {
    const { sender, calls, call } = setUp();
    await sender.ready();
    sender.push(phase('start'));
    for (let count = 0; count < 40; count++) sender.push(delta('x'.repeat(60_000), `b${count}`));
    let free = false;
    const waiting = sender.ready().then(() => {
      free = true;
    });
    calls[0]?.answer.resolve();
    const second = await call(1);
    expect(second.batch.events.length).toBeLessThan(10);
    expect(free).toBe(false);
    for (let index = 1; !free && index < 10; index++) (await call(index)).answer.resolve();
    await waiting;
    expect(calls.length).toBeLessThan(10);
    sender.stop();
  });
});
