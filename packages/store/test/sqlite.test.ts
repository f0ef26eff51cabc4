import { join } from 'node:path';
import { type TemporaryFolder, temporaryFolder } from '@wegent/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeStore } from './store-contract.ts';

describe('SQLite in memory', () => {
  describeStore({ emptyDatabase: async () => 'sqlite::memory:', isShareable: false });
});

describe('SQLite in a file', () => {
  let folder: TemporaryFolder | undefined;
  let count = 0;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder?.[Symbol.asyncDispose]());

  describeStore({
    emptyDatabase: async () => {
      count += 1;
      return `sqlite:${join(folder?.path ?? '', `${count}.db`)}`;
    },
    isShareable: true,
  });
});
