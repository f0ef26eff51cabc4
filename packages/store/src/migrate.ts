import { type Kysely, sql } from 'kysely';
import type { Database, DialectName } from './database.ts';
import { migrations } from './migrations/index.ts';
import type { Schema } from './schema.ts';
import { createDatabase } from './transaction.ts';

const LOCK_TIMEOUT_SECONDS = 120;

/**
 * Brings the tables up to date. Of processes that start at once one does the work and the others wait.
 * On MySQL DDL commits by itself, so there every step of a migration can be repeated after a crash.
 */
export function migrate(db: Kysely<Schema>, dialect: DialectName): Promise<void> {
  if (dialect === 'sqlite') return createDatabase(db, dialect).atomic(runPending);
  return db.connection().execute(async (connection) => {
    const lock = sql`concat('wegent.', md5(database()))`;
    const { rows } = await sql<{
      held: number | null;
    }>`select get_lock(${lock}, ${LOCK_TIMEOUT_SECONDS}) as held`.execute(connection);
    if (rows[0]?.held !== 1) throw new Error('another process has been migrating the database for too long');
    try {
      await runPending({ db: connection, dialect });
    } finally {
      await sql`select release_lock(${lock})`.execute(connection);
    }
  });
}

async function runPending({ db, dialect }: Pick<Database, 'db' | 'dialect'>): Promise<void> {
  await db.schema
    .createTable('migrations')
    .ifNotExists()
    .addColumn('name', 'varchar(100)', (column) => column.primaryKey().notNull())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
  const applied = new Set(
    (await db.selectFrom('migrations').select('name').execute()).map((row) => row.name),
  );
  for (const [name, migration] of Object.entries(migrations)) {
    if (applied.has(name)) continue;
    await migration({ db, dialect });
    await db.insertInto('migrations').values({ name, applied_at: Date.now() }).execute();
  }
}
