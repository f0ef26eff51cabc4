import { afterAll, beforeAll, describe } from 'vitest';
import { openStore, type Store } from '../src/index.ts';
import { accountsContract } from './contract/accounts.ts';
import { eventsContract } from './contract/events.ts';
import { executionsContract } from './contract/executions.ts';
import { executorsContract } from './contract/executors.ts';
import { messagesContract } from './contract/messages.ts';
import type { StoreUnderTest } from './contract/open-store.ts';
import { recordsContract } from './contract/records.ts';
import { resourcesContract } from './contract/resources.ts';
import { tasksContract } from './contract/tasks.ts';
import { transactionsContract } from './contract/transactions.ts';
import { turnLinesContract } from './contract/turn-lines.ts';

/** Runs the whole contract. `emptyDatabase` answers the URL of a new empty database each time. */
export function describeStore({
  emptyDatabase,
  isShareable,
}: {
  emptyDatabase: () => Promise<string>;
  isShareable: boolean;
}): void {
  const stores: Store[] = [];
  let sharedStore: Store | undefined;

  async function open(url: string, onQuery?: (sql: string) => void): Promise<Store> {
    const store = await openStore({ url, poolSize: 10, ...(onQuery ? { onQuery } : {}) });
    stores.push(store);
    return store;
  }

  beforeAll(async () => {
    sharedStore = await open(await emptyDatabase());
  }, 60_000);
  afterAll(async () => {
    for (const store of stores) await store.close();
  });

  const underTest: StoreUnderTest = {
    shared() {
      if (!sharedStore) throw new Error('the store is not open');
      return sharedStore;
    },
    async fresh(onQuery) {
      const url = await emptyDatabase();
      if (!isShareable) return { store: await open(url, onQuery) };
      const [store] = await Promise.all([open(url, onQuery), open(url), open(url)]);
      return { store, again: () => open(url) };
    },
  };

  describe('resources', () => resourcesContract(underTest));
  describe('tasks', () => tasksContract(underTest));
  describe('messages', () => messagesContract(underTest));
  describe('executions', () => executionsContract(underTest));
  describe('turn lines', () => turnLinesContract(underTest));
  describe('events', () => eventsContract(underTest));
  describe('executors', () => executorsContract(underTest));
  describe('accounts', () => accountsContract(underTest));
  describe('records', () => recordsContract(underTest));
  describe('transactions', () => transactionsContract(underTest));
}
