import { addColumns } from './add-columns.ts';
import {
  createTable,
  id,
  integer,
  key,
  optionalInteger,
  optionalKey,
  optionalText,
  text,
} from './create-table.ts';
import type { Migration } from './migration.ts';

/** Sandboxes: what managers tell, what people decide, what runs are told, and where code comes from. */
export const executors: Migration = async (database) => {
  // Columns that may be null, so that a server of the release before goes on writing rows.
  await addColumns(database, 'executions', { cursor: optionalKey(200) });
  await addColumns(database, 'tasks', {
    branch: optionalKey(255),
    pull_request: optionalText,
    executor: optionalKey(200),
    workspace: optionalText,
  });
  await createTable(database, {
    name: 'approvals',
    columns: {
      // Ids come from engines: unique within their run, and nowhere else.
      execution_id: id,
      id: key(200),
      type: key(16),
      task_id: id,
      tool: optionalText,
      title: text,
      input: optionalText,
      reason: optionalText,
      state: key(16),
      created_at: integer,
      decided_at: optionalInteger,
      decided_by: optionalText,
      remember: optionalText,
    },
    primaryKey: ['execution_id', 'id'],
    indexes: { approvals_id: ['id'], approvals_task: ['state', 'task_id'] },
  });
  await createTable(database, {
    name: 'run_inputs',
    columns: {
      id,
      execution_id: id,
      payload: text,
      created_at: integer,
      received_at: optionalInteger,
    },
    primaryKey: ['id'],
    indexes: { run_inputs_execution: ['execution_id', 'created_at', 'id'] },
  });
  await createTable(database, {
    name: 'managers',
    columns: { id: key(200), report: text, orders: text, seen_at: integer },
    primaryKey: ['id'],
    indexes: { managers_seen: ['seen_at'] },
  });
  await createTable(database, {
    name: 'git_hosts',
    columns: {
      user_id: id,
      domain: key(255),
      type: key(16),
      username: optionalText,
      token: optionalText,
      ssh_key: optionalText,
      scheme: optionalKey(16),
      api_url: optionalText,
      created_at: integer,
    },
    primaryKey: ['user_id', 'domain'],
  });
};
