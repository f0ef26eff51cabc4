import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** The two families of databases. `mysql` stands for MariaDB too. */
export type DialectName = 'sqlite' | 'mysql';

/** What a repository works on: the database, or one transaction of it. */
export interface Database {
  readonly db: Kysely<Schema>;
  readonly dialect: DialectName;
  /**
   * Runs `work` in a transaction, or in the one that is already open. The outermost call retries after a deadlock,
   * so `work` may run more than once and must touch nothing but the database.
   */
  atomic<T>(work: (database: Database) => Promise<T>): Promise<T>;
}
