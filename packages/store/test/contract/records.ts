import { expect, test } from 'vitest';
import { newId } from '../../src/index.ts';
import type { StoreUnderTest } from './open-store.ts';

/** Attachments, usage, audit, settings. */
export function recordsContract({ shared, fresh }: StoreUnderTest): void {
  test('keeps attachments and links them', async () => {
    const { store } = await fresh();
    const row = {
      id: newId(),
      ownerId: 'u',
      taskId: null,
      messageId: null,
      name: 'Bericht 🚀.pdf',
      mediaType: 'application/pdf',
      size: 5_000_000_000,
      sha256: 'ab'.repeat(32),
      blobKey: 'attachments/1',
      text: 'x'.repeat(1_000_000),
      createdAt: 10,
    };
    await store.attachments.insert(row);
    expect(await store.attachments.get(row.id)).toEqual(row);
    expect(await store.attachments.unlinkedBefore(10, 5)).toEqual([]);
    expect(await store.attachments.unlinkedBefore(11, 5)).toEqual([row]);
    await store.attachments.link([row.id], { taskId: 't', messageId: 'm' });
    expect(await store.attachments.getMany([row.id, 'x'])).toEqual([{ ...row, taskId: 't', messageId: 'm' }]);
    expect(await store.attachments.unlinkedBefore(11, 5)).toEqual([]);
    await store.attachments.delete(row.id);
    expect(await store.attachments.get(row.id)).toBeUndefined();
  });

  test('books a run once and adds up', async () => {
    const { store } = await fresh();
    const day = 86_400_000;
    const book = (executionId: string, fields: object) =>
      store.usage.record({
        executionId,
        taskId: 't',
        userId: 'u1',
        namespace: 'default',
        team: 'team',
        bot: 'bot',
        model: 'm1',
        at: day,
        usage: { inputTokens: 10, cachedInputTokens: 4, outputTokens: 5, reasoningTokens: 1, costUsd: null },
        durationMs: 100,
        outcome: 'completed',
        ...fields,
      });
    await book('e1', {});
    await book('e1', { durationMs: 999 });
    await book('e2', {
      at: day * 2 + 5,
      model: 'm2',
      outcome: 'failed',
      usage: { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, reasoningTokens: 0, costUsd: 0.25 },
    });
    await book('e3', { at: day * 2, userId: 'u2' });
    const whole = { from: 0, to: day * 3 };
    expect(await store.usage.summary({ ...whole, groupBy: 'model' })).toEqual([
      {
        key: 'm1',
        runs: 2,
        failed: 0,
        durationMs: 200,
        usage: { inputTokens: 20, cachedInputTokens: 8, outputTokens: 10, reasoningTokens: 2, costUsd: null },
      },
      {
        key: 'm2',
        runs: 1,
        failed: 1,
        durationMs: 100,
        usage: { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, reasoningTokens: 0, costUsd: 0.25 },
      },
    ]);
    const days = await store.usage.summary({ ...whole, groupBy: 'day' });
    expect(days.map((sum) => [sum.key, sum.runs])).toEqual([
      ['1970-01-02', 1],
      ['1970-01-03', 2],
    ]);
    const mine = await store.usage.summary({ from: day, to: day * 2, groupBy: 'team', userId: 'u1' });
    expect(mine.map((sum) => [sum.key, sum.runs])).toEqual([['team', 1]]);
    expect((await store.usage.summary({ ...whole, groupBy: 'user' })).map((sum) => sum.key)).toEqual([
      'u1',
      'u2',
    ]);
  });

  test('pages through the audit log', async () => {
    const { store } = await fresh();
    const rows = ['a', 'b', 'c', 'd'].map((name) => ({
      id: newId(),
      at: 1,
      userId: null,
      username: 'anna',
      action: 'delete',
      kind: 'Team',
      namespace: 'default',
      name,
      detail: { why: '🚀' },
      address: '127.0.0.1',
    }));
    for (const row of rows) await store.audit.record(row);
    const first = await store.audit.list({ limit: 3 });
    expect(first.map((row) => row.name)).toEqual(['d', 'c', 'b']);
    expect(await store.audit.list({ limit: 3, before: first[2]?.id ?? '' })).toEqual([rows[0]]);
    expect(await store.audit.list({ limit: 3, kind: 'Team', namespace: 'default', name: 'c' })).toEqual([
      rows[2],
    ]);
    expect(await store.audit.list({ limit: 3, kind: 'Bot' })).toEqual([]);
  });

  test('keeps settings', async () => {
    const { settings } = shared();
    const key = newId();
    expect(await settings.get(key)).toBeUndefined();
    const wins = await Promise.all(
      Array.from({ length: 6 }, (_, index) => settings.setIfAbsent(key, { index })),
    );
    expect(wins.filter(Boolean)).toHaveLength(1);
    await settings.set(key, { deep: ['🚀', null] });
    expect(await settings.get(key)).toEqual({ deep: ['🚀', null] });
    await settings.set(key, null);
    expect(await settings.get(key)).toBeNull();
  });
}
