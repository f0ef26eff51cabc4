import {
  CompiledQuery,
  type Expression,
  type Kysely,
  type RawBuilder,
  type SelectQueryBuilder,
  type SqlBool,
  sql,
} from 'kysely';
import type { Database, DialectName } from './database.ts';
import type { Schema } from './schema.ts';

/** Locks the rows a query reads until the transaction ends. SQLite has one writer at a time and needs no row locks. */
export function forUpdate<Tables extends keyof Schema, Row>(
  query: SelectQueryBuilder<Schema, Tables, Row>,
  dialect: DialectName,
): SelectQueryBuilder<Schema, Tables, Row> {
  return dialect === 'mysql' ? query.forUpdate() : query;
}

/**
 * For `select`s: joins the tables in the order in which the query names them. MySQL's planner would begin with
 * the smallest table and sort at the end; SQLite follows the index by itself.
 */
export function inWrittenOrder(dialect: DialectName): RawBuilder<unknown> {
  return dialect === 'mysql' ? sql`straight_join` : sql``;
}

/** Normalises text for searching; the same for what is stored and what is looked for. */
export function searchable(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** Does the (normalised) column hold this text somewhere? */
export function contains(column: Expression<string>, text: string): RawBuilder<SqlBool> {
  const pattern = `%${searchable(text).replaceAll(/[!%_]/g, '!$&')}%`;
  return sql<SqlBool>`${column} like ${pattern} escape '!'`;
}

/** Rows after a place in the order (first, second). Written so that both databases walk the index from there. */
export function afterPair(
  first: Expression<string>,
  second: Expression<string>,
  place: readonly [string, string],
): RawBuilder<SqlBool> {
  return sql<SqlBool>`${first} >= ${place[0]} and (${first} > ${place[0]} or ${second} > ${place[1]})`;
}

/** Rows before a place in the descending order (time, id). */
export function beforePair(
  time: Expression<number>,
  id: Expression<string>,
  place: readonly [number, string],
): RawBuilder<SqlBool> {
  return sql<SqlBool>`${time} <= ${place[0]} and (${time} < ${place[0]} or ${id} < ${place[1]})`;
}

/**
 * Repeats the last value until their number is a power of two: for `in`, where a repetition changes nothing and each
 * number of values is a statement of its own to prepare.
 */
export function padded<T>(values: readonly T[]): T[] {
  const last = values.at(-1);
  if (last === undefined) return [];
  const size = 2 ** Math.ceil(Math.log2(values.length));
  return [...values, ...Array<T>(size - values.length).fill(last)];
}

type Value = string | number | null;

const CHUNKS = [256, 128, 64, 32, 16, 8, 4, 2, 1] as const;

/**
 * Inserts many rows with few statements. The numbers of rows are of a fixed set, so the prepared statements are
 * found again; the text is built without the query builder, which would cost more than the insert itself.
 */
export async function insertMany(
  db: Kysely<Schema>,
  {
    table,
    columns,
    rows,
  }: { table: keyof Schema; columns: readonly string[]; rows: readonly (readonly Value[])[] },
): Promise<void> {
  const head = `insert into ${table} (${columns.map(quoted).join(', ')}) values `;
  const tuple = `(${columns.map(() => '?').join(', ')})`;
  let done = 0;
  for (const size of CHUNKS) {
    while (rows.length - done >= size) {
      const text = `${head}${Array(size).fill(tuple).join(', ')}`;
      await db.executeQuery(CompiledQuery.raw(text, rows.slice(done, done + size).flat()));
      done += size;
    }
  }
}

/**
 * Sets columns of many rows in few statements. Each row is `[id, ...values]`, the values in the order of `columns`.
 * The two databases join an update to a list of values with different words.
 */
export async function updateMany(
  { db, dialect }: Pick<Database, 'db' | 'dialect'>,
  {
    table,
    columns,
    rows,
  }: { table: keyof Schema; columns: readonly string[]; rows: readonly (readonly Value[])[] },
): Promise<void> {
  let done = 0;
  for (const size of CHUNKS) {
    while (rows.length - done >= size) {
      const text =
        dialect === 'sqlite' ? sqliteUpdate(table, columns, size) : mysqlUpdate(table, columns, size);
      await db.executeQuery(CompiledQuery.raw(text, rows.slice(done, done + size).flat()));
      done += size;
    }
  }
}

function sqliteUpdate(table: string, columns: readonly string[], size: number): string {
  const tuple = `(${['id', ...columns].map(() => '?').join(', ')})`;
  const set = columns.map((column, index) => `${quoted(column)} = v.column${index + 2}`).join(', ');
  return `update ${table} set ${set} from (values ${Array(size).fill(tuple).join(', ')}) as v where ${table}.id = v.column1`;
}

function mysqlUpdate(table: string, columns: readonly string[], size: number): string {
  const names = ['id', ...columns];
  const first = `select ${names.map((name) => `? as ${quoted(name)}`).join(', ')}`;
  const other = ` union all select ${names.map(() => '?').join(', ')}`;
  const set = columns.map((column) => `t.${quoted(column)} = v.${quoted(column)}`).join(', ');
  return `update (${first}${other.repeat(size - 1)}) v straight_join ${table} t on t.id = v.id set ${set}`;
}

/** Some column names (`usage`) are words of MySQL; SQLite knows its quotes too. */
function quoted(name: string): string {
  return `\`${name}\``;
}
