import type { EngineName, ManagerReport } from '@wegent/api';
import type { Database } from './database.ts';
import { readJson } from './row-json.ts';

/** An engine that a manager shall install; `given` once the manager was told. */
export interface InstallOrder {
  engine: EngineName;
  given: boolean;
}

/** A manager as it last told of itself. */
export interface ManagerRow {
  id: string;
  report: ManagerReport;
  orders: InstallOrder[];
  seenAt: number;
}

/** Access to managers. */
export type ManagerRepository = ReturnType<typeof createManagerRepository>;

/** The managers, as they tell of themselves every few seconds. */
export function createManagerRepository({ db, atomic }: Database) {
  return {
    /** Stores what a manager told; what it was ordered stays. Answers its orders. */
    report(id: string, report: ManagerReport, now: number): Promise<InstallOrder[]> {
      return atomic(async (tx) => {
        const text = JSON.stringify(report);
        const { numUpdatedRows } = await tx.db
          .updateTable('managers')
          .set({ report: text, seen_at: now })
          .where('id', '=', id)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) {
          await tx.db
            .insertInto('managers')
            .ignore()
            .values({ id, report: text, orders: '[]', seen_at: now })
            .execute();
        }
        const row = await tx.db
          .selectFrom('managers')
          .select('orders')
          .where('id', '=', id)
          .executeTakeFirst();
        return row ? readJson<InstallOrder[]>(row.orders) : [];
      });
    },

    async setOrders(id: string, orders: readonly InstallOrder[]): Promise<void> {
      await db
        .updateTable('managers')
        .set({ orders: JSON.stringify(orders) })
        .where('id', '=', id)
        .execute();
    },

    /** Managers that told of themselves after a time. */
    async seenSince(time: number): Promise<ManagerRow[]> {
      const rows = await db
        .selectFrom('managers')
        .selectAll()
        .where('seen_at', '>=', time)
        .orderBy('seen_at')
        .execute();
      return rows
        .map((row) => ({
          id: row.id,
          report: readJson<ManagerReport>(row.report),
          orders: readJson<InstallOrder[]>(row.orders),
          seenAt: row.seen_at,
        }))
        .sort((left, right) => left.id.localeCompare(right.id));
    },

    /** Forgets managers that have been silent since before a time. */
    async forget(silentSince: number): Promise<void> {
      await db.deleteFrom('managers').where('seen_at', '<', silentSince).execute();
    },
  };
}
