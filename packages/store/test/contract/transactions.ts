import { expect, test } from 'vitest';
import { newId } from '../../src/index.ts';
import { resource } from '../fixtures.ts';
import type { StoreUnderTest } from './open-store.ts';

/** Transactions, migrations, connections. */
export function transactionsContract({ shared, fresh }: StoreUnderTest): void {
  test('a nested transaction joins the outer one', async () => {
    const store = shared();
    const key = newId();
    const failing = store.transaction(async (tx) => {
      await tx.transaction((inner) => inner.settings.set(key, 1));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await store.settings.get(key)).toBeUndefined();
  });

  test('the outer store inside a transaction fails instead of waiting for itself', async () => {
    const store = shared();
    const wrong = store.transaction(() => store.settings.get('x'));
    await expect(wrong).rejects.toThrow('inside a transaction');
    await expect(store.ping()).resolves.toBeUndefined();
  });

  test('a refused insert leaves the transaction usable', async () => {
    const store = shared();
    const namespace = newId();
    await store.transaction(async (tx) => {
      await tx.resources.create(resource('a', { namespace }));
      await expect(tx.resources.create(resource('a', { namespace }))).rejects.toMatchObject({
        reason: 'AlreadyExists',
      });
      await tx.resources.create(resource('b', { namespace }));
    });
    expect(await store.resources.count('Ghost', [namespace])).toBe(2);
  });

  test('transactions that lock each other out are repeated', async () => {
    const store = shared();
    const keys = [newId(), newId()];
    for (const key of keys) await store.settings.set(key, 0);
    const cross = (order: readonly string[], value: number) =>
      store.transaction(async (tx) => {
        for (const key of order) {
          await tx.settings.set(key, value);
          await new Promise(setImmediate);
        }
      });
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => cross(index % 2 === 0 ? keys : keys.toReversed(), index)),
    );
    expect(await store.settings.get(keys[0] ?? '')).toBe(await store.settings.get(keys[1] ?? ''));
  });

  test('several that open one empty database at once all succeed, and find what is there later', async () => {
    const { store, again } = await fresh();
    await store.settings.set('k', 1);
    if (!again) return;
    const others = await Promise.all([again(), again()]);
    for (const other of others) expect(await other.settings.get('k')).toBe(1);
  });
}
