import type { Database } from './database.ts';
import { readJson } from './row-json.ts';

/** Who did what. Ids are UUIDv7, so their order is that of time. */
export interface AuditRow {
  id: string;
  at: number;
  userId: string | null;
  username: string;
  action: string;
  kind: string | null;
  namespace: string | null;
  name: string | null;
  detail: Record<string, unknown>;
  address: string | null;
}

/** What `audit.list` is asked for; `before` is the id of the last row of the page before. */
export interface AuditQuery {
  limit: number;
  before?: string;
  kind?: string;
  namespace?: string;
  name?: string;
}

/** Access to the audit log. */
export type AuditRepository = ReturnType<typeof createAuditRepository>;

/** The audit log: rows are added and read, never changed. */
export function createAuditRepository({ db }: Database) {
  return {
    async record(row: AuditRow): Promise<void> {
      await db
        .insertInto('audit')
        .values({
          id: row.id,
          at: row.at,
          user_id: row.userId,
          username: row.username,
          action: row.action,
          kind: row.kind,
          namespace: row.namespace,
          name: row.name,
          detail: JSON.stringify(row.detail),
          address: row.address,
        })
        .execute();
    },

    /** One page, newest first. */
    async list({ limit, before, kind, namespace, name }: AuditQuery): Promise<AuditRow[]> {
      let query = db.selectFrom('audit').selectAll();
      if (before !== undefined) query = query.where('id', '<', before);
      if (kind !== undefined) query = query.where('kind', '=', kind);
      if (namespace !== undefined) query = query.where('namespace', '=', namespace);
      if (name !== undefined) query = query.where('name', '=', name);
      const rows = await query.orderBy('id', 'desc').limit(limit).execute();
      return rows.map(({ user_id: userId, detail, ...row }) => ({
        ...row,
        userId,
        detail: readJson<Record<string, unknown>>(detail),
      }));
    },
  };
}
