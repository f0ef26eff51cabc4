import { statSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder, waitFor } from '@wegent/testing';
import { expect, test } from 'vitest';
import { openStore } from '../src/index.ts';

test('the log is copied back into the database file while the store is open', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'wegent.db');
  const store = await openStore({ url: `sqlite:${file}` });
  try {
    const before = statSync(file).size;
    await store.settings.set('large', 'x'.repeat(1_000_000));
    await waitFor(() => statSync(file).size > before + 900_000, { what: 'the database file to grow' });
    expect(await store.settings.get('large')).toHaveLength(1_000_000);
  } finally {
    await store.close();
  }
});
