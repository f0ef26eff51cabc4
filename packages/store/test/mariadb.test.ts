import { describeWith, startMariaDb, type TestMariaDb } from '@wegent/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openStore } from '../src/index.ts';
import { describeStore } from './store-contract.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

describeWith(['mariadb'], 'MariaDB', () => {
  let server: TestMariaDb | undefined;
  const running = (): TestMariaDb => {
    if (!server) throw new Error('the server is not running');
    return server;
  };
  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  describeStore({ emptyDatabase: () => running().createDatabase(), isShareable: true });

  test('says that the server is away, and finds it again', async () => {
    await using own = await startMariaDb({ private: true });
    const store = await openStore({ url: await own.createDatabase(), poolSize: 2 });
    await store.settings.set('k', 1);
    await own.kill();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(store.settings.get('k')).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
      await expect(store.transaction((tx) => tx.settings.get('k'))).rejects.toMatchObject({
        reason: 'ServiceUnavailable',
      });
    }
    await own.restart();
    await vi.waitFor(() => store.ping(), { timeout: 20_000 });
    expect(await store.settings.get('k')).toBe(1);
    await store.close();
  });
});
