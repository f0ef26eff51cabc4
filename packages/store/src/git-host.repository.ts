import type { GitHostType } from '@wegent/api';
import type { Database } from './database.ts';
import type { GitHostTable } from './schema.ts';

/** A git host with a person's credential. `token` and `sshKey` are sealed by the server before they come here. */
export interface GitHostRow {
  userId: string;
  /** Host in lower case, with the port where it is not the usual one. */
  domain: string;
  type: GitHostType;
  username: string | null;
  token: string | null;
  sshKey: string | null;
  /** `http` or `https`, where it is known. */
  scheme: string | null;
  /** Where the API of the host is, when it is not where it usually is. */
  apiUrl: string | null;
  createdAt: number;
}

/** Access to git hosts. */
export type GitHostRepository = ReturnType<typeof createGitHostRepository>;

/** Where people's code is, and who they are there. */
export function createGitHostRepository({ db, atomic }: Database) {
  return {
    /** A person's hosts, by domain. */
    async list(userId: string): Promise<GitHostRow[]> {
      const rows = await db
        .selectFrom('git_hosts')
        .selectAll()
        .where('user_id', '=', userId)
        .orderBy('domain')
        .execute();
      return rows.map(fromTable);
    },

    async get(userId: string, domain: string): Promise<GitHostRow | undefined> {
      const row = await db
        .selectFrom('git_hosts')
        .selectAll()
        .where('user_id', '=', userId)
        .where('domain', '=', domain)
        .executeTakeFirst();
      return row && fromTable(row);
    },

    /** Stores a host in place of the one that the person has for that domain. */
    put(row: GitHostRow): Promise<void> {
      return atomic(async (tx) => {
        const values = toTable(row);
        await tx.db.insertInto('git_hosts').ignore().values(values).execute();
        await tx.db
          .updateTable('git_hosts')
          .set(values)
          .where('user_id', '=', row.userId)
          .where('domain', '=', row.domain)
          .execute();
      });
    },

    /** False when there is none. */
    async delete(userId: string, domain: string): Promise<boolean> {
      const { numDeletedRows } = await db
        .deleteFrom('git_hosts')
        .where('user_id', '=', userId)
        .where('domain', '=', domain)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

function toTable(row: GitHostRow): GitHostTable {
  return {
    user_id: row.userId,
    domain: row.domain,
    type: row.type,
    username: row.username,
    token: row.token,
    ssh_key: row.sshKey,
    scheme: row.scheme,
    api_url: row.apiUrl,
    created_at: row.createdAt,
  };
}

function fromTable(row: GitHostTable): GitHostRow {
  return {
    userId: row.user_id,
    domain: row.domain,
    type: row.type as GitHostType,
    username: row.username,
    token: row.token,
    sshKey: row.ssh_key,
    scheme: row.scheme,
    apiUrl: row.api_url,
    createdAt: row.created_at,
  };
}
