import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Database, DialectName } from './database.ts';
import { isRetryable } from './database-error.ts';
import { insideTransaction } from './guarded-dialect.ts';
import type { Schema } from './schema.ts';

const MAX_ATTEMPTS = 12;

/** The database with its way to run transactions: retried on a lost race, nested calls join the open one. */
export function createDatabase(db: Kysely<Schema>, dialect: DialectName): Database {
  return {
    db,
    dialect,
    async atomic(work) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await runOnce(db, dialect, work);
        } catch (error) {
          if (!isRetryable(error) || attempt === MAX_ATTEMPTS) throw error;
          // Random, so that those who met do not meet again.
          await delay(Math.random() * Math.min(200, 5 * 2 ** attempt));
        }
      }
    },
  };
}

function runOnce<T>(
  db: Kysely<Schema>,
  dialect: DialectName,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  return db.transaction().execute((trx) => {
    const scope = { open: true };
    const inner: Database = { db: trx, dialect, atomic: (nested) => nested(inner) };
    return insideTransaction.run(scope, async () => {
      try {
        return await work(inner);
      } finally {
        scope.open = false;
      }
    });
  });
}
