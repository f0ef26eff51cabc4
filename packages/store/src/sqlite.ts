import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

const BUSY_TIMEOUT_MS = 10_000;
const MAX_CACHED_STATEMENTS = 500;

/** Kysely on Node's own SQLite. `path` is a file or `:memory:`. There is one connection; a lock hands it round. */
export function createSqliteDialect(path: string): Dialect {
  return {
    createAdapter: () => new NodeSqliteAdapter(),
    createDriver: () => createSqliteDriver(path),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** The driver has its own lock, so Kysely's is turned off: a wait for oneself can then be recognised. */
class NodeSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

function createSqliteDriver(path: string): Driver {
  let database: DatabaseSync | undefined;
  let connection: DatabaseConnection | undefined;
  const lock = createLock();
  const run = (sql: string): void => database?.exec(sql);
  return {
    async init() {
      database = open(path);
      connection = createConnection(database);
    },
    async acquireConnection() {
      await lock.acquire();
      if (!connection) throw new Error('the SQLite driver is not initialised');
      return connection;
    },
    // Immediate: a transaction that reads first and writes later could not be upgraded when another process wrote.
    beginTransaction: async () => run('begin immediate'),
    commitTransaction: async () => run('commit'),
    rollbackTransaction: async () => {
      // SQLite has already rolled back after some errors (disk full, for example).
      if (database?.isTransaction) run('rollback');
    },
    async releaseConnection() {
      lock.release();
    },
    async destroy() {
      await lock.acquire();
      database?.close();
      database = undefined;
      connection = undefined;
      lock.release();
    },
  };
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  // Two processes that open a new file at once: the change to WAL does not wait for the busy timeout by itself.
  const deadline = Date.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      database.exec('pragma journal_mode = wal');
      break;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
  database.exec('pragma synchronous = normal; pragma cache_size = -65536; pragma temp_store = memory');
  return database;
}

interface CachedStatement {
  statement: StatementSync;
  isReader: boolean;
}

function createConnection(database: DatabaseSync): DatabaseConnection {
  const statements = new Map<string, CachedStatement>();

  function prepare(sql: string): CachedStatement {
    const known = statements.get(sql);
    if (known) {
      // Re-inserting keeps the map in order of use, so the first key is the least recently used one.
      statements.delete(sql);
      statements.set(sql, known);
      return known;
    }
    const statement = database.prepare(sql);
    const fresh = { statement, isReader: statement.columns().length > 0 };
    statements.set(sql, fresh);
    const oldest = statements.keys().next();
    if (statements.size > MAX_CACHED_STATEMENTS && !oldest.done) statements.delete(oldest.value);
    return fresh;
  }

  return {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      const { statement, isReader } = prepare(query.sql);
      const parameters = query.parameters as SQLInputValue[];
      if (isReader) return { rows: statement.all(...parameters) as Row[] };
      const { changes } = statement.run(...parameters);
      return { numAffectedRows: BigInt(changes), rows: [] };
    },
    // biome-ignore lint/correctness/useYield: the port asks for it, and no repository streams.
    async *streamQuery() {
      throw new Error('streaming is not supported');
    },
  };
}

/** First come, first served. */
function createLock(): { acquire(): Promise<void>; release(): void } {
  let held = false;
  const waiting: (() => void)[] = [];
  return {
    acquire() {
      if (!held) {
        held = true;
        return Promise.resolve();
      }
      return new Promise<void>((resolve) => waiting.push(resolve));
    },
    release() {
      const next = waiting.shift();
      if (next) next();
      else held = false;
    },
  };
}
