import type { Database } from './database.ts';
import type { SessionTable } from './schema.ts';

/** One refresh token. Each use makes the next of the same family; a second use of one ends the family. */
export interface SessionRow {
  id: string;
  familyId: string;
  userId: string;
  tokenHash: string;
  createdAt: number;
  expiresAt: number;
  usedAt: number | null;
  revokedAt: number | null;
  userAgent: string | null;
}

/** Access to sessions. */
export type SessionRepository = ReturnType<typeof createSessionRepository>;

/** The refresh tokens, as hashes. */
export function createSessionRepository({ db }: Database) {
  return {
    async insert(row: SessionRow): Promise<void> {
      await db
        .insertInto('sessions')
        .values({
          id: row.id,
          family_id: row.familyId,
          user_id: row.userId,
          token_hash: row.tokenHash,
          created_at: row.createdAt,
          expires_at: row.expiresAt,
          used_at: row.usedAt,
          revoked_at: row.revokedAt,
          user_agent: row.userAgent,
        })
        .execute();
    },

    /** By hash, whatever its state. */
    async byTokenHash(tokenHash: string): Promise<SessionRow | undefined> {
      const row = await db
        .selectFrom('sessions')
        .selectAll()
        .where('token_hash', '=', tokenHash)
        .executeTakeFirst();
      return row && fromTable(row);
    },

    /** Uses a token up; false when it was used or revoked before. Of several at once one wins. */
    async markUsed(id: string, now: number): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('sessions')
        .set({ used_at: now })
        .where('id', '=', id)
        .where('used_at', 'is', null)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async revokeFamily(familyId: string, now: number): Promise<void> {
      await db
        .updateTable('sessions')
        .set({ revoked_at: now })
        .where('family_id', '=', familyId)
        .where('revoked_at', 'is', null)
        .execute();
    },

    async revokeOfUser(userId: string, now: number): Promise<void> {
      await db
        .updateTable('sessions')
        .set({ revoked_at: now })
        .where('user_id', '=', userId)
        .where('revoked_at', 'is', null)
        .execute();
    },

    /** Removes what expired before `now`; answers how many. */
    async deleteExpired(now: number): Promise<number> {
      const { numDeletedRows } = await db
        .deleteFrom('sessions')
        .where('expires_at', '<', now)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

function fromTable(row: SessionTable): SessionRow {
  return {
    id: row.id,
    familyId: row.family_id,
    userId: row.user_id,
    tokenHash: row.token_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    revokedAt: row.revoked_at,
    userAgent: row.user_agent,
  };
}
