import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { temporaryFolder } from '@wegent/testing';
import { expect, test } from 'vitest';
import { openStore } from '../src/index.ts';
import { user } from './fixtures.ts';

test('namespaces of an older installation get the objects that stand for them', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'old.db');
  const before = await openStore({ url: `sqlite:${file}` });
  const owner = user('owner');
  await before.users.insert(owner);
  const row = {
    name: 'crew',
    type: 'group' as const,
    ownerId: owner.id,
    displayName: 'Crew',
    createdAt: 1_000,
  };
  await before.namespaces.insert(row);
  await before.close();
  // As it was before there were such objects.
  const database = new DatabaseSync(file);
  database.exec("delete from resources where kind = 'Namespace'");
  database.exec("delete from resource_labels where kind = 'Namespace'");
  database.exec('drop table resource_owners');
  database.exec("delete from migrations where name = '0006-kubernetes'");
  database.close();

  const after = await openStore({ url: `sqlite:${file}` });
  const object = await after.resources.get('Namespace', '', 'crew');
  expect(object?.metadata.annotations).toEqual({ 'agent.wecode.io/display-name': 'Crew' });
  const version = Number(object?.metadata.resourceVersion);
  expect(version).toBe(await after.changes.current());
  const labels = [{ key: 'kubernetes.io/metadata.name', operator: 'in' as const, values: ['crew'] }];
  expect((await after.resources.list({ kind: 'Namespace', labels })).items).toEqual([object]);
  expect(await after.namespaces.get('crew')).toEqual(row);
  await after.close();
});
