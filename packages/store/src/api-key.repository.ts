import type { Database } from './database.ts';
import type { ApiKeyTable } from './schema.ts';

/** An API key. The key itself is not stored; `prefix` lets a person recognise it. */
export interface ApiKeyRow {
  id: string;
  userId: string;
  name: string;
  prefix: string;
  keyHash: string;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

/** Access to API keys. */
export type ApiKeyRepository = ReturnType<typeof createApiKeyRepository>;

/** The API keys, as hashes. */
export function createApiKeyRepository({ db }: Database) {
  return {
    async insert(row: ApiKeyRow): Promise<void> {
      await db
        .insertInto('api_keys')
        .values({
          id: row.id,
          user_id: row.userId,
          name: row.name,
          prefix: row.prefix,
          key_hash: row.keyHash,
          created_at: row.createdAt,
          expires_at: row.expiresAt,
          last_used_at: row.lastUsedAt,
        })
        .execute();
    },

    /** By hash, expired ones too. */
    async byHash(keyHash: string): Promise<ApiKeyRow | undefined> {
      const row = await db
        .selectFrom('api_keys')
        .selectAll()
        .where('key_hash', '=', keyHash)
        .executeTakeFirst();
      return row && fromTable(row);
    },

    /** A person's keys, newest first. */
    async ofUser(userId: string): Promise<ApiKeyRow[]> {
      const rows = await db
        .selectFrom('api_keys')
        .selectAll()
        .where('user_id', '=', userId)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .execute();
      return rows.map(fromTable);
    },

    /** Deletes a key of this person; false when there is none. */
    async delete(id: string, userId: string): Promise<boolean> {
      const { numDeletedRows } = await db
        .deleteFrom('api_keys')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },

    /** Notes a use. */
    async touch(id: string, now: number): Promise<void> {
      await db.updateTable('api_keys').set({ last_used_at: now }).where('id', '=', id).execute();
    },
  };
}

function fromTable(row: ApiKeyTable): ApiKeyRow {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    prefix: row.prefix,
    keyHash: row.key_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}
