import { sql } from 'kysely';
import type { Database } from './database.ts';
import { orAlreadyExists } from './database-error.ts';
import { contains, searchable } from './portable.ts';
import { readJson } from './row-json.ts';
import type { UserTable } from './schema.ts';

/** A person. User names are told apart without case. A new `sessionEpoch` ends all access tokens. */
export interface UserRow {
  id: string;
  username: string;
  displayName: string | null;
  email: string | null;
  passwordHash: string | null;
  role: 'admin' | 'user';
  namespace: string;
  disabled: boolean;
  sessionEpoch: number;
  preferences: Record<string, unknown>;
  createdAt: number;
  lastLoginAt: number | null;
}

/** What `update` may change. */
export type UserPatch = Partial<Omit<UserRow, 'id' | 'username' | 'createdAt'>>;

/** Access to people. */
export type UserRepository = ReturnType<typeof createUserRepository>;

/** The people of the platform. */
export function createUserRepository({ db, atomic }: Database) {
  const select = () => db.selectFrom('users').selectAll();

  return {
    /** Stores a person; `AlreadyExists` when the name is taken, whatever its case. */
    async insert(row: UserRow): Promise<void> {
      await orAlreadyExists(
        db.insertInto('users').values(toTable(row)).execute(),
        `a user named "${row.username}" already exists`,
      );
    },

    async get(id: string): Promise<UserRow | undefined> {
      const row = await select().where('id', '=', id).executeTakeFirst();
      return row && fromTable(row);
    },

    /** By name, without case. */
    async byUsername(username: string): Promise<UserRow | undefined> {
      const row = await select().where('username_key', '=', keyOf(username)).executeTakeFirst();
      return row && fromTable(row);
    },

    /** By names, without case; those that do not exist are left out. */
    async byUsernames(usernames: readonly string[]): Promise<UserRow[]> {
      if (usernames.length === 0) return [];
      const rows = await select()
        .where('username_key', 'in', usernames.map(keyOf))
        .orderBy('username_key')
        .execute();
      return rows.map(fromTable);
    },

    /** One page by name; `after` is the last name of the page before, `search` looks in names and e-mail addresses. */
    async list({
      limit,
      after,
      search,
    }: {
      limit: number;
      after?: string;
      search?: string;
    }): Promise<UserRow[]> {
      let query = select();
      if (after !== undefined) query = query.where('username_key', '>', keyOf(after));
      if (search) query = query.where(contains(sql.ref('search'), search));
      const rows = await query.orderBy('username_key').limit(limit).execute();
      return rows.map(fromTable);
    },

    /** Changes a person; absent fields stay. */
    update(id: string, patch: UserPatch): Promise<void> {
      return atomic(async (tx) => {
        const row = await tx.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
        if (!row) return;
        const { id: _id, ...next } = toTable({ ...fromTable(row), ...patch });
        const columns = Object.fromEntries(
          Object.entries(next).filter(([column, value]) => row[column as keyof UserTable] !== value),
        );
        if (Object.keys(columns).length === 0) return;
        await tx.db.updateTable('users').set(columns).where('id', '=', id).execute();
      });
    },

    /** Number of people with these properties. */
    async count({ role, disabled }: { role?: 'admin' | 'user'; disabled?: boolean } = {}): Promise<number> {
      let query = db.selectFrom('users').select(({ fn }) => fn.countAll<number>().as('count'));
      if (role) query = query.where('role', '=', role);
      if (disabled !== undefined) query = query.where('disabled', '=', disabled ? 1 : 0);
      return Number((await query.executeTakeFirstOrThrow()).count);
    },
  };
}

function keyOf(username: string): string {
  return username.toLowerCase();
}

function toTable(row: UserRow): UserTable {
  return {
    id: row.id,
    username: row.username,
    username_key: keyOf(row.username),
    display_name: row.displayName,
    email: row.email,
    password_hash: row.passwordHash,
    role: row.role,
    namespace: row.namespace,
    disabled: row.disabled ? 1 : 0,
    session_epoch: row.sessionEpoch,
    preferences: JSON.stringify(row.preferences),
    created_at: row.createdAt,
    last_login_at: row.lastLoginAt,
    search: searchable([row.username, row.displayName ?? '', row.email ?? ''].join('\n')),
  };
}

function fromTable(row: UserTable): UserRow {
  return {
    id: row.id,
    username: row.username,
    displayName: row.display_name,
    email: row.email,
    passwordHash: row.password_hash,
    role: row.role as UserRow['role'],
    namespace: row.namespace,
    disabled: row.disabled === 1,
    sessionEpoch: row.session_epoch,
    preferences: readJson<Record<string, unknown>>(row.preferences),
    createdAt: row.created_at,
    lastLoginAt: row.last_login_at,
  };
}
