import { AsyncLocalStorage } from 'node:async_hooks';
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely';
import { isRetryable, mapDriverError } from './database-error.ts';

const AUTOCOMMIT_ATTEMPTS = 5;

/** Marks the code that runs inside a transaction's callback. */
export const insideTransaction = new AsyncLocalStorage<{ open: boolean }>();

/**
 * Wraps a dialect so that every error is translated once, a lone statement that lost a deadlock is repeated, and
 * the use of the outer store inside a transaction fails loudly (on SQLite it would wait for itself for ever).
 */
export function guardDialect(dialect: Dialect, onQuery?: (sql: string) => void): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createDriver: () => guardDriver(dialect.createDriver(), onQuery),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

interface GuardedConnection extends DatabaseConnection {
  inner: DatabaseConnection;
  inTransaction: boolean;
}

function guardDriver(driver: Driver, onQuery?: (sql: string) => void): Driver {
  const connections = new WeakMap<DatabaseConnection, GuardedConnection>();

  function guarded(connection: DatabaseConnection): GuardedConnection {
    const known = connections.get(connection);
    if (known) return known;
    const fresh = guardConnection(connection, onQuery);
    connections.set(connection, fresh);
    connections.set(fresh, fresh);
    return fresh;
  }

  return {
    init: (options) => mapped(() => driver.init(options)),
    async acquireConnection(options) {
      if (insideTransaction.getStore()?.open) {
        throw new Error('the outer store was used inside a transaction; use the store given to the callback');
      }
      return guarded(await mapped(() => driver.acquireConnection(options)));
    },
    async beginTransaction(connection, settings) {
      const { inner } = guarded(connection);
      await mapped(() => driver.beginTransaction(inner, settings));
      guarded(connection).inTransaction = true;
    },
    async commitTransaction(connection) {
      await mapped(() => driver.commitTransaction(guarded(connection).inner));
      guarded(connection).inTransaction = false;
    },
    async rollbackTransaction(connection) {
      guarded(connection).inTransaction = false;
      await mapped(() => driver.rollbackTransaction(guarded(connection).inner));
    },
    releaseConnection: (connection, options) => driver.releaseConnection(guarded(connection).inner, options),
    destroy: (options) => driver.destroy(options),
  };
}

function guardConnection(inner: DatabaseConnection, onQuery?: (sql: string) => void): GuardedConnection {
  const guarded: GuardedConnection = {
    inner,
    inTransaction: false,
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      onQuery?.(query.sql);
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await inner.executeQuery<Row>(query);
        } catch (error) {
          const cause = mapDriverError(error);
          if (guarded.inTransaction || !isRetryable(cause) || attempt === AUTOCOMMIT_ATTEMPTS) throw cause;
        }
      }
    },
    streamQuery: (query, chunkSize, options) => inner.streamQuery(query, chunkSize, options),
  };
  return guarded;
}

async function mapped<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw mapDriverError(error);
  }
}
