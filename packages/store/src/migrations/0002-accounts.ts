import {
  createTable,
  id,
  integer,
  key,
  optionalId,
  optionalInteger,
  optionalText,
  text,
} from './create-table.ts';
import type { Migration } from './migration.ts';

/** People, how they sign in, and the spaces they share. */
export const accounts: Migration = async (database) => {
  await createTable(database, {
    name: 'users',
    columns: {
      id,
      username: key(100),
      username_key: key(100),
      display_name: optionalText,
      email: optionalText,
      password_hash: optionalText,
      role: key(16),
      namespace: key(100),
      disabled: integer,
      session_epoch: integer,
      preferences: text,
      created_at: integer,
      last_login_at: optionalInteger,
      search: text,
    },
    primaryKey: ['id'],
    unique: { users_username: ['username_key'] },
  });
  await createTable(database, {
    name: 'sessions',
    columns: {
      id,
      family_id: id,
      user_id: id,
      token_hash: key(200),
      created_at: integer,
      expires_at: integer,
      used_at: optionalInteger,
      revoked_at: optionalInteger,
      user_agent: optionalText,
    },
    primaryKey: ['id'],
    unique: { sessions_token: ['token_hash'] },
    indexes: {
      sessions_family: ['family_id'],
      sessions_user: ['user_id'],
      sessions_expiry: ['expires_at'],
    },
  });
  await createTable(database, {
    name: 'api_keys',
    columns: {
      id,
      user_id: id,
      name: text,
      prefix: key(64),
      key_hash: key(200),
      created_at: integer,
      expires_at: optionalInteger,
      last_used_at: optionalInteger,
    },
    primaryKey: ['id'],
    unique: { api_keys_hash: ['key_hash'] },
    indexes: { api_keys_user: ['user_id'] },
  });
  await createTable(database, {
    name: 'namespaces',
    columns: {
      name: key(100),
      type: key(16),
      owner_id: optionalId,
      display_name: optionalText,
      created_at: integer,
    },
    primaryKey: ['name'],
  });
  await createTable(database, {
    name: 'namespace_members',
    columns: { namespace: key(100), user_id: id, role: key(16) },
    primaryKey: ['user_id', 'namespace'],
    indexes: { namespace_members_namespace: ['namespace'] },
  });
};
