import {
  createTable,
  id,
  integer,
  key,
  optionalId,
  optionalKey,
  optionalReal,
  optionalText,
  text,
} from './create-table.ts';
import type { Migration } from './migration.ts';

/** The books, the audit log and the settings of the installation. */
export const records: Migration = async (database) => {
  await createTable(database, {
    name: 'usage_records',
    columns: {
      execution_id: id,
      task_id: id,
      user_id: id,
      namespace: key(100),
      team: key(100),
      bot: key(100),
      model: key(255),
      at: integer,
      input_tokens: integer,
      cached_input_tokens: integer,
      output_tokens: integer,
      reasoning_tokens: integer,
      cost_usd: optionalReal,
      duration_ms: integer,
      outcome: key(16),
    },
    primaryKey: ['execution_id'],
    indexes: { usage_records_at: ['at'], usage_records_user: ['user_id', 'at'] },
  });
  await createTable(database, {
    name: 'audit',
    columns: {
      id,
      at: integer,
      user_id: optionalId,
      username: key(200),
      action: key(100),
      kind: optionalKey(64),
      namespace: optionalKey(100),
      name: optionalKey(255),
      detail: text,
      address: optionalText,
    },
    primaryKey: ['id'],
    indexes: { audit_object: ['kind', 'namespace', 'name', 'id'] },
  });
  await createTable(database, {
    name: 'settings',
    columns: { key: key(200), value: text },
    primaryKey: ['key'],
  });
};
