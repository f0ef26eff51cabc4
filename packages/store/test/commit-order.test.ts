import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { temporaryFolder } from '@wegent/testing';
import { expect, test } from 'vitest';
import { openStore } from '../src/index.ts';
import { resource } from './fixtures.ts';

test('a change that shows before its predecessor is not read until the counter has reached it', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'order.db');
  const store = await openStore({ url: `sqlite:${path}` });
  await store.resources.create(resource('first'));
  // What a statement of MariaDB may find: change 3, while 2 was committed before it and does not show yet.
  using raw = new DatabaseSync(path);
  const columns = 'type, kind, namespace, name, uid, object, previous, created_at';
  raw.exec(`insert into changes (resource_version, ${columns}) select 3, ${columns} from changes`);
  const versions = async () => (await store.changes.after(0, 10)).map((change) => change.resourceVersion);
  expect(await versions()).toEqual([1]);

  await store.resources.create(resource('second'));
  expect(await versions()).toEqual([1, 2]);
  raw.exec(`update counters set value = 3 where name = 'resourceVersion'`);
  expect(await versions()).toEqual([1, 2, 3]);
  await store.close();
});
