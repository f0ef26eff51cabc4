import { sql } from 'kysely';
import type { Database } from '../database.ts';
import type { Columns } from './create-table.ts';

/** Adds columns that are not there yet, one statement each: a crash in between is no harm. */
export async function addColumns(
  { db, dialect }: Pick<Database, 'db' | 'dialect'>,
  table: string,
  columns: Columns,
): Promise<void> {
  const query =
    dialect === 'sqlite'
      ? sql<{ name: string }>`select name from pragma_table_info(${table})`
      : sql<{
          name: string;
        }>`select column_name as name from information_schema.columns where table_schema = database() and table_name = ${table}`;
  const { rows } = await query.execute(db);
  const present = new Set(rows.map((row) => row.name));
  for (const [name, type] of Object.entries(columns)) {
    if (present.has(name)) continue;
    await sql.raw(`alter table \`${table}\` add column \`${name}\` ${type}`).execute(db);
  }
}
