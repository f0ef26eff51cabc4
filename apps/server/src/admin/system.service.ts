import { KINDS } from '@wegent/api';
import type { AuditRow, Store } from '@wegent/store';
import { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import { toTime } from '../http/time.ts';
import { decodeContinue, encodeContinue, type Page, type PageQuery } from './page.ts';
import { requireAdmin } from './require-admin.ts';

/** One entry of the audit trail. */
export const AuditRecord = z.object({
  id: z.string(),
  at: z.string(),
  userId: z.string().optional(),
  username: z.string(),
  action: z.string(),
  kind: z.string().optional(),
  namespace: z.string().optional(),
  name: z.string().optional(),
  detail: z.record(z.string(), z.unknown()),
  address: z.string().optional(),
});
export type AuditRecord = z.infer<typeof AuditRecord>;

/** What runs here, and how much there is of everything. */
export const SystemInfo = z.object({
  version: z.string(),
  uptimeSeconds: z.number().int(),
  database: z.enum(['sqlite', 'mysql']),
  counts: z.object({
    users: z.number().int(),
    administrators: z.number().int(),
    namespaces: z.number().int(),
    resources: z.record(z.string(), z.number().int()).describe('By plural, such as teams.'),
    executions: z.record(z.string(), z.number().int()).describe('By state.'),
  }),
});
export type SystemInfo = z.infer<typeof SystemInfo>;

/** The platform as its administrators see it, see {@link createSystemService}. */
export type SystemService = ReturnType<typeof createSystemService>;

/** The audit trail and the state of the installation. */
export function createSystemService(deps: { store: Store; version: string; now?: () => number }) {
  const { store, version, now = Date.now } = deps;
  const startedAt = now();

  return {
    /** A page of the audit trail, newest first; of one object when it is named. */
    async audit(
      principal: Principal,
      query: PageQuery & {
        kind?: string | undefined;
        namespace?: string | undefined;
        name?: string | undefined;
      },
    ): Promise<Page<AuditRecord>> {
      requireAdmin(principal);
      const before = decodeContinue(query.continue);
      const { kind, namespace, name } = query;
      const rows = await store.audit.list({
        limit: query.limit + 1,
        ...(before === undefined ? {} : { before }),
        ...(kind === undefined ? {} : { kind }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(name === undefined ? {} : { name }),
      });
      const items = rows.slice(0, query.limit);
      const last = rows.length > query.limit ? items.at(-1) : undefined;
      return { items: items.map(toAuditRecord), metadata: last ? { continue: encodeContinue(last.id) } : {} };
    },

    /** Version, database and counts. */
    async info(principal: Principal): Promise<SystemInfo> {
      requireAdmin(principal);
      const resources = KINDS.map(
        async ({ kind, plural }) => [plural, await store.resources.count(kind)] as const,
      );
      return {
        version,
        uptimeSeconds: Math.floor((now() - startedAt) / 1000),
        database: store.dialect,
        counts: {
          users: await store.users.count({}),
          administrators: await store.users.count({ role: 'admin', disabled: false }),
          namespaces: (await store.namespaces.list()).length,
          resources: Object.fromEntries(await Promise.all(resources)),
          executions: await store.executions.counts(),
        },
      };
    },
  };
}

function toAuditRecord(row: AuditRow): AuditRecord {
  return {
    id: row.id,
    at: toTime(row.at),
    ...(row.userId === null ? {} : { userId: row.userId }),
    username: row.username,
    action: row.action,
    ...(row.kind === null ? {} : { kind: row.kind }),
    ...(row.namespace === null ? {} : { namespace: row.namespace }),
    ...(row.name === null ? {} : { name: row.name }),
    detail: row.detail,
    ...(row.address === null ? {} : { address: row.address }),
  };
}
