import { CompiledQuery, type Dialect, MysqlDialect } from 'kysely';
import { createPool } from 'mysql2';
import { binaryCollation, isMariaDb } from './mysql-collation.ts';

/** Longest chain of messages that a recursive query may walk. */
const MAX_RECURSION = 1_000_000;

/**
 * Kysely on MySQL 8/9 and MariaDB ≥ 10.6. `url` is `mysql://user:password@host:port/database`;
 * options of mysql2 (`ssl`, for example) may follow as its query.
 */
export function createMysqlDialect({ url, poolSize }: { url: string; poolSize: number }): Dialect {
  return new MysqlDialect({
    pool: async () =>
      createPool({
        uri: url,
        connectionLimit: poolSize,
        connectTimeout: 5_000,
        enableKeepAlive: true,
        charset: 'utf8mb4',
        // sum() answers a DECIMAL, which would come back as text.
        decimalNumbers: true,
      }),
    onCreateConnection: async (connection) => {
      const { rows } = await connection.executeQuery<{ version: string }>(
        CompiledQuery.raw('select version() as version'),
      );
      const version = rows[0]?.version ?? '';
      const statements = [
        // Values of derived tables take the connection's collation: it must be that of the tables.
        `set names utf8mb4 collate ${binaryCollation(version)}`,
        // Every statement sees what was committed before it: a CAS after a wait for a lock must not look at an old snapshot.
        'set session transaction isolation level read committed',
        `set session sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'`,
        'set session innodb_lock_wait_timeout = 10',
        `set session ${isMariaDb(version) ? 'max_recursive_iterations' : 'cte_max_recursion_depth'} = ${MAX_RECURSION}`,
      ];
      for (const statement of statements) await connection.executeQuery(CompiledQuery.raw(statement));
    },
  });
}
