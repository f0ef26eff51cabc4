import { expect, test } from 'vitest';
import { newId } from '../../src/index.ts';
import { execution, storeRun } from '../fixtures.ts';
import type { StoreUnderTest } from './open-store.ts';

/** Runs: claims, leases, cancelling, sweeps. */
export function executionsContract({ shared, fresh }: StoreUnderTest): void {
  const place = () => ({ taskId: newId(), messageId: newId() });

  test('gives back every field', async () => {
    const { executions } = shared();
    const row = execution(place(), {
      parentExecutionId: 'p',
      memberIndex: 2,
      options: { memberPrompt: '🚀' },
    });
    await executions.insert([row]);
    expect(await executions.get(row.id)).toEqual(row);
    expect(await executions.ofMessage(row.messageId)).toEqual([row]);
    expect(await executions.ofMessages([row.messageId, 'x'])).toEqual([row]);
    expect(await executions.activeOfTask(row.taskId)).toEqual([row]);
    expect(await executions.get('x')).toBeUndefined();
    await executions.insert([]);
  });

  test('of 8 claimers one wins', async () => {
    const { executions } = shared();
    const row = execution(place());
    await executions.insert([row]);
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        executions.claim(row.id, { managerId: `m${index}`, leaseUntil: 5000, now: 2000 }),
      ),
    );
    const won = claims.filter((claim) => claim !== undefined);
    expect(won).toHaveLength(1);
    expect(won[0]).toMatchObject({ state: 'running', attempt: 1, leaseUntil: 5000, startedAt: 2000 });
    expect(await executions.get(row.id)).toEqual(won[0]);
    expect(await executions.claim('x', { managerId: 'm', leaseUntil: 1, now: 1 })).toBeUndefined();
  });

  test('prolongs a lease for its holder only', async () => {
    const store = shared();
    const { id } = await storeRun(store);
    expect(await store.executions.renewLease(id, 1, 20_000)).toMatchObject({ leaseUntil: 20_000 });
    expect(await store.executions.renewLease(id, 2, 30_000)).toBeUndefined();
    await store.executions.requestCancel([id], 1500);
    expect(await store.executions.renewLease(id, 1, 30_000)).toMatchObject({
      state: 'cancelling',
      cancelRequestedAt: 1500,
    });
    expect(await store.executions.retry(id, 1)).toBe(false);
  });

  test('a lost lease leads to a second attempt, from which the first is fenced off', async () => {
    const store = shared();
    const { id } = await storeRun(store, { leaseUntil: 100, managerId: newId() });
    const expired = await store.executions.expired(101, 1000);
    expect(expired.map((row) => row.id)).toContain(id);
    expect((await store.executions.expired(100, 1000)).map((row) => row.id)).not.toContain(id);
    expect(await store.executions.retry(id, 7)).toBe(false);
    expect(await store.executions.retry(id, 1)).toBe(true);
    expect(await store.executions.retry(id, 1)).toBe(false);
    expect(await store.executions.get(id)).toMatchObject({ state: 'pending', attempt: 1, leaseUntil: null });
    const late = {
      executionId: id,
      attempt: 1,
      firstSeq: 1,
      events: [{ type: 'phase', text: 'late' }],
    } as const;
    expect(await store.events.append([late], 1)).toEqual([{ status: 'stale' }]);
    const claim = { managerId: 'm2', leaseUntil: 300, now: 200 };
    expect(await store.executions.claim(id, claim)).toMatchObject({ attempt: 2, startedAt: 1000 });
    expect(await store.events.append([late], 1)).toEqual([{ status: 'stale' }]);
  });

  test('finds pending runs that are in no queue', async () => {
    const { executions } = shared();
    const row = execution(place(), { enqueuedAt: 10 });
    await executions.insert([row]);
    const ids = async (before: number) => (await executions.pending(before, 1000)).map((found) => found.id);
    expect(await ids(11)).toContain(row.id);
    await executions.markEnqueued([row.id], 500);
    expect(await ids(11)).not.toContain(row.id);
  });

  test('ends the leases of a manager that is gone', async () => {
    const store = shared();
    const managerId = newId();
    const { id } = await storeRun(store, { managerId, leaseUntil: 9_000_000 });
    await storeRun(store, { managerId, state: 'completed', leaseUntil: null });
    expect(await store.executions.expireLeasesOf(managerId, 400)).toBe(1);
    expect((await store.executions.expired(400, 1000)).map((row) => row.id)).toContain(id);
  });

  test('cancels only what runs, and counts by state', async () => {
    const { store } = await fresh();
    const pending = execution(place());
    const waiting = execution(place(), { state: 'waiting' });
    const done = execution(place(), { state: 'completed' });
    await store.executions.insert([pending, waiting, done]);
    await store.executions.requestCancel([pending.id, waiting.id, done.id], 5);
    expect(await store.executions.counts()).toEqual({
      pending: 1,
      running: 0,
      waiting: 0,
      cancelling: 1,
      completed: 1,
      failed: 0,
      cancelled: 0,
      skipped: 0,
    });
  });
}
