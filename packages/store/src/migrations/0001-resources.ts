import { COUNTERS } from '../change.repository.ts';
import { createTable, id, integer, key, optionalInteger, optionalText, text } from './create-table.ts';
import type { Migration } from './migration.ts';

/** Objects of all kinds, what can be asked about them, and the log of their changes. */
export const resources: Migration = async (database) => {
  await createTable(database, {
    name: 'counters',
    columns: { name: key(64), value: integer },
    primaryKey: ['name'],
  });
  await database.db
    .insertInto('counters')
    .ignore()
    .values(COUNTERS.map((name) => ({ name, value: 0 })))
    .execute();
  await createTable(database, {
    name: 'resources',
    columns: {
      uid: id,
      kind: key(64),
      namespace: key(100),
      name: key(100),
      tombstone: id,
      resource_version: integer,
      object: text,
      created_at: integer,
      updated_at: integer,
      deleted_at: optionalInteger,
    },
    primaryKey: ['uid'],
    // Live objects first, in the order of lists.
    unique: { resources_name: ['kind', 'tombstone', 'namespace', 'name'] },
  });
  await createTable(database, {
    name: 'resource_labels',
    columns: { uid: id, kind: key(64), namespace: key(100), label_key: key(320), label_value: key(64) },
    primaryKey: ['uid', 'label_key'],
    indexes: { resource_labels_value: ['kind', 'label_key', 'label_value', 'uid'] },
  });
  await createTable(database, {
    name: 'resource_references',
    columns: {
      uid: id,
      kind: key(64),
      namespace: key(100),
      name: key(100),
      target_kind: key(64),
      target_namespace: key(100),
      target_name: key(100),
    },
    primaryKey: ['uid', 'target_kind', 'target_namespace', 'target_name'],
    indexes: { resource_references_target: ['target_kind', 'target_namespace', 'target_name'] },
  });
  await createTable(database, {
    name: 'changes',
    columns: {
      resource_version: integer,
      type: key(16),
      kind: key(64),
      namespace: key(100),
      name: key(100),
      uid: id,
      object: text,
      previous: optionalText,
      created_at: integer,
    },
    primaryKey: ['resource_version'],
    indexes: { changes_created: ['created_at'] },
  });
};
