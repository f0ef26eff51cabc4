import type { Database } from './database.ts';
import { readJson } from './row-json.ts';

/** Access to settings. */
export type SettingRepository = ReturnType<typeof createSettingRepository>;

/** A few values that belong to the installation, as JSON. Their readers check the shape. */
export function createSettingRepository({ db, atomic }: Database) {
  return {
    /** The value, or `undefined` when there is none. */
    async get(key: string): Promise<unknown> {
      const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst();
      return row && readJson<unknown>(row.value);
    },

    async set(key: string, value: unknown): Promise<void> {
      const text = JSON.stringify(value);
      await atomic(async (tx) => {
        // Insert-or-update has different words on the two databases; these two statements are the same on both.
        await tx.db.insertInto('settings').ignore().values({ key, value: text }).execute();
        await tx.db.updateTable('settings').set({ value: text }).where('key', '=', key).execute();
      });
    },

    /** Sets a value that is not there; false when it is. Of several at once one wins. */
    async setIfAbsent(key: string, value: unknown): Promise<boolean> {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('settings')
        .ignore()
        .values({ key, value: JSON.stringify(value) })
        .executeTakeFirst();
      return (numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
  };
}
