import type { ExecutionEvent } from '@wegent/api';
import { expect, test } from 'vitest';
import { newId } from '../../src/index.ts';
import { storeRun, storeRunOf } from '../fixtures.ts';
import type { StoreUnderTest } from './open-store.ts';

const delta = (text: string): ExecutionEvent => ({ type: 'text-delta', blockId: 'b', text });
const finish: ExecutionEvent = { type: 'finish', outcome: 'completed' };

/** The event log: numbering, replays, fencing, states, compaction. */
export function eventsContract({ shared, fresh }: StoreUnderTest): void {
  test('numbers per execution and per task, and drops replays', async () => {
    const store = shared();
    const run = await storeRun(store);
    const batch = { executionId: run.id, attempt: 1, firstSeq: 1, events: [delta('a'), delta('🚀\u0000 ')] };
    const [first] = await store.events.append([batch], 5);
    expect(first).toMatchObject({
      status: 'appended',
      ackedSeq: 2,
      taskId: run.taskId,
      messageId: run.messageId,
    });
    expect(first?.status === 'appended' && first.events.map((event) => event.seq)).toEqual([1, 2]);
    const [replayed] = await store.events.append([batch], 6);
    expect(replayed).toMatchObject({ status: 'appended', ackedSeq: 2, events: [] });
    const [overlapping] = await store.events.append(
      [{ ...batch, firstSeq: 2, events: [delta('x'), delta('c')] }],
      7,
    );
    expect(overlapping).toMatchObject({
      status: 'appended',
      ackedSeq: 3,
      events: [{ seq: 3, event: delta('c') }],
    });
    const stored = await store.events.ofTask(run.taskId, { after: 0, upTo: 10, limit: 10 });
    expect(stored.map(({ seq, event }) => [seq, event])).toEqual([
      [1, delta('a')],
      [2, delta('🚀\u0000 ')],
      [3, delta('c')],
    ]);
    expect(await store.events.ofTask(run.taskId, { after: 1, upTo: 2, limit: 10 })).toHaveLength(1);
    expect(await store.events.ofMessage(run.messageId, { upTo: 2 })).toHaveLength(2);
    expect((await store.events.ofExecution(run.id)).map((row) => row.seq)).toEqual([1, 2, 3]);
    expect((await store.tasks.get(run.taskId))?.lastSeq).toBe(3);
    expect((await store.executions.get(run.id))?.lastSeq).toBe(3);
    expect(await store.events.append([], 1)).toEqual([]);
  });

  test('refuses old attempts, gaps, and runs nobody knows', async () => {
    const store = shared();
    const run = await storeRun(store, { attempt: 2 });
    const batch = { executionId: run.id, firstSeq: 1, events: [delta('a')] };
    const results = await store.events.append(
      [
        { ...batch, attempt: 1 },
        { ...batch, attempt: 3 },
        { ...batch, attempt: 2, firstSeq: 3 },
        { ...batch, executionId: 'x', attempt: 1 },
        { ...batch, attempt: 2 },
        { ...batch, attempt: 2, firstSeq: 'next', events: [delta('b')] },
      ],
      5,
    );
    expect(results.map((result) => result.status)).toEqual([
      'stale',
      'stale',
      'gap',
      'unknown',
      'appended',
      'appended',
    ]);
    expect(results[2]).toEqual({ status: 'gap', expected: 1 });
    expect((await store.events.ofExecution(run.id)).map(({ event }) => event)).toEqual([
      delta('a'),
      delta('b'),
    ]);
  });

  test('follows what the events say', async () => {
    const store = shared();
    const run = await storeRun(store);
    const append = async (...events: ExecutionEvent[]) => {
      const [result] = await store.events.append(
        [{ executionId: run.id, attempt: 1, firstSeq: 'next', events }],
        5,
      );
      const stored = await store.executions.get(run.id);
      if (result?.status === 'appended') expect(stored).toEqual(result.execution);
      return stored;
    };
    const usage = { inputTokens: 5, cachedInputTokens: 1, outputTokens: 2, reasoningTokens: 0, costUsd: 0.5 };
    const request = { approvalId: 'a', tool: 't', title: 't', input: {}, reason: '' };
    expect(await append({ type: 'approval-request', ...request })).toMatchObject({ state: 'waiting' });
    expect(await append({ type: 'approval-decided', approvalId: 'a', decision: 'allow' })).toMatchObject({
      state: 'running',
      irreversible: false,
    });
    expect(await append({ type: 'tool-call', blockId: 'b', tool: 't', title: 't', input: {} })).toMatchObject(
      {
        irreversible: true,
      },
    );
    await append({ type: 'usage', ...usage });
    expect((await append({ type: 'usage', ...usage }))?.usage).toMatchObject({ inputTokens: 10, costUsd: 1 });
    await store.executions.requestCancel([run.id], 5);
    expect(await append({ type: 'question', questionId: 'q', questions: [] })).toMatchObject({
      state: 'cancelling',
    });
    const error = { reason: 'Cancelled', message: 'stopped', retryable: false } as const;
    expect(await append({ type: 'finish', outcome: 'cancelled', error }, delta('too late'))).toMatchObject({
      state: 'cancelled',
      error,
      finishedAt: 5,
      leaseUntil: null,
      lastSeq: 7,
    });
  });

  test('a run that is over takes nothing new, but acknowledges a replay', async () => {
    const store = shared();
    const run = await storeRun(store);
    const batch = { executionId: run.id, attempt: 1, firstSeq: 1, events: [delta('a'), finish] };
    await store.events.append([batch], 5);
    expect(await store.events.append([batch], 6)).toMatchObject([
      { status: 'appended', ackedSeq: 2, events: [] },
    ]);
    const more = { ...batch, firstSeq: 2, events: [finish, delta('b')] };
    const server = { ...batch, attempt: 'server', firstSeq: 'next', events: [finish] } as const;
    expect(await store.events.append([more, server], 7)).toEqual([{ status: 'stale' }, { status: 'stale' }]);
    expect((await store.tasks.get(run.taskId))?.lastSeq).toBe(2);
  });

  test('the server fences off the holder', async () => {
    const store = shared();
    const run = await storeRun(store);
    const held = { executionId: run.id, attempt: 1, firstSeq: 1, events: [delta('a')] };
    const end = { executionId: run.id, attempt: 'server', firstSeq: 'next', events: [finish] } as const;
    expect(await store.events.append([held, end, held], 5)).toMatchObject([
      { status: 'appended' },
      { status: 'appended', ackedSeq: 2, execution: { attempt: 2, state: 'completed' } },
      { status: 'stale' },
    ]);
    const pending = await storeRun(store, { state: 'pending', attempt: 0, leaseUntil: null });
    const skip = {
      ...end,
      executionId: pending.id,
      events: [{ type: 'finish', outcome: 'skipped' }],
    } as const;
    expect(await store.events.append([skip], 5)).toMatchObject([
      { status: 'appended', execution: { state: 'skipped' } },
    ]);
  });

  test('numbers a task without a gap while several of its runs write at once', async () => {
    const store = shared();
    const first = await storeRun(store);
    const place = { taskId: first.taskId, messageId: first.messageId };
    const runs = [
      first,
      await storeRunOf(store, place),
      await storeRunOf(store, place),
      await storeRunOf(store, place),
    ];
    await Promise.all(
      runs.map(async (run) => {
        for (let seq = 1; seq <= 40; seq += 2) {
          const events = [delta(`${seq}`), delta(`${seq + 1}`)];
          const batch = { executionId: run.id, attempt: 1, firstSeq: seq, events };
          const [result] = await store.events.append([batch], 5);
          expect(result?.status).toBe('appended');
        }
      }),
    );
    const stored = await store.events.ofTask(first.taskId, { after: 0, upTo: 1000, limit: 1000 });
    expect(stored.map((event) => event.seq)).toEqual(Array.from({ length: 160 }, (_, index) => index + 1));
    for (const run of runs) {
      const texts = stored.filter((event) => event.executionId === run.id).map(({ event }) => event);
      expect(texts).toEqual(Array.from({ length: 40 }, (_, index) => delta(`${index + 1}`)));
    }
  });

  test('a group of batches takes few statements', async () => {
    const statements: string[] = [];
    const { store } = await fresh((sql) => statements.push(sql));
    const runs = [];
    for (let index = 0; index < 150; index += 1) runs.push(await storeRun(store));
    statements.length = 0;
    const batches = runs.map((run) => ({
      executionId: run.id,
      attempt: 1,
      firstSeq: 1,
      events: [delta('a'), finish],
    }));
    const results = await store.events.append(batches, 5);
    expect(results.every((result) => result.status === 'appended')).toBe(true);
    expect(statements.length).toBeLessThan(30);
  });

  test('compacts what was over long ago, up to what is still wanted', async () => {
    const { store } = await fresh();
    const early = await storeRun(store);
    const place = { taskId: early.taskId, messageId: newId() };
    const late = await storeRunOf(store, place);
    const write = (executionId: string, events: ExecutionEvent[], now: number) =>
      store.events.append([{ executionId, attempt: 1, firstSeq: 'next', events }], now);
    await write(early.id, [delta('a')], 1);
    await write(late.id, [delta('b')], 2);
    await write(early.id, [finish], 3);
    const seqs = async () =>
      (await store.events.ofTask(early.taskId, { after: 0, upTo: 10, limit: 10 })).map((event) => event.seq);
    expect(await store.events.compact(3, 10)).toBe(0);
    expect(await store.events.compact(100, 10)).toBe(1);
    expect(await seqs()).toEqual([2, 3]);
    expect((await store.tasks.get(early.taskId))?.compactedSeq).toBe(1);
    await write(late.id, [finish], 50);
    expect(await store.events.compact(100, 10)).toBe(3);
    expect(await seqs()).toEqual([]);
    expect((await store.tasks.get(early.taskId))?.compactedSeq).toBe(4);
    expect(await store.events.compact(100, 10)).toBe(0);
  });
}
