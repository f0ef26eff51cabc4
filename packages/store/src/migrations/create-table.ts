import { sql } from 'kysely';
import type { Database } from '../database.ts';
import { binaryCollation } from '../mysql-collation.ts';

/** A column: its type in words that both databases know, with `not null` and the like. */
export type Columns = Record<string, string>;

/** How a table is made. `unique` and `indexes` map names to lists of columns. */
export interface TableDefinition {
  name: string;
  columns: Columns;
  primaryKey: readonly string[];
  unique?: Record<string, readonly string[]>;
  indexes?: Record<string, readonly string[]>;
}

/** Text that an index holds, of at most so many characters. */
export const key = (length: number): string => `varchar(${length}) not null`;
/** The same, or null. */
export const optionalKey = (length: number): string => `varchar(${length})`;
/** An id made by `newId`, or by a client. */
export const id: string = key(100);
/** An id, or null. */
export const optionalId: string = optionalKey(100);
/** Text of any length. SQLite takes the word for its own `text`. */
export const text = 'longtext not null';
/** Text of any length, or null. */
export const optionalText = 'longtext';
/** A whole number: a count, a time, a flag. */
export const integer = 'bigint not null';
/** A whole number, or null. */
export const optionalInteger = 'bigint';
/** A number with a fraction, or null. */
export const optionalReal = 'double precision';

/**
 * Creates a table with all its keys in one statement (and, on SQLite, one more for each index), so that a crash
 * leaves nothing half done. Names are quoted with backticks, which both databases take.
 */
export async function createTable(
  { db, dialect }: Pick<Database, 'db' | 'dialect'>,
  { name, columns, primaryKey, unique = {}, indexes = {} }: TableDefinition,
): Promise<void> {
  const lines = [
    ...Object.entries(columns).map(([column, type]) => `\`${column}\` ${type}`),
    `primary key ${list(primaryKey)}`,
    ...Object.entries(unique).map(
      ([constraint, keys]) => `constraint \`${constraint}\` unique ${list(keys)}`,
    ),
  ];
  if (dialect === 'sqlite') {
    await sql.raw(`create table if not exists \`${name}\` (${lines.join(', ')})`).execute(db);
    for (const [index, keys] of Object.entries(indexes)) {
      await sql.raw(`create index if not exists \`${index}\` on \`${name}\` ${list(keys)}`).execute(db);
    }
    return;
  }
  lines.push(...Object.entries(indexes).map(([index, keys]) => `index \`${index}\` ${list(keys)}`));
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
  const collation = binaryCollation(rows[0]?.version ?? '');
  const options = `engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = ${collation}`;
  await sql.raw(`create table if not exists \`${name}\` (${lines.join(', ')}) ${options}`).execute(db);
}

function list(columns: readonly string[]): string {
  return `(${columns.map((column) => `\`${column}\``).join(', ')})`;
}
