import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
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
import { isRetryable, mapDriverError } from './database-error.ts';
import { type Checkpoints, startCheckpoints } from './sqlite-checkpoint.ts';

/** SQLite itself waits this long for another process, with the event loop standing still; the rest is awaited. */
const BLOCKING_WAIT_MS = 20;
const PATIENCE_MS = 10_000;
/** 256 MB of log: a commit copies it back only when the thread that should is gone. */
const CHECKPOINT_PAGES = 64_000;
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
  let checkpoints: Checkpoints | undefined;
  const lock = createLock();
  const run = (sql: string): void => database?.exec(sql);
  return {
    async init() {
      database = await open(path);
      connection = createConnection(database);
      if (path !== ':memory:') checkpoints = startCheckpoints(path);
    },
    async acquireConnection() {
      await lock.acquire();
      if (!connection) throw new Error('the SQLite driver is not initialised');
      return connection;
    },
    // Immediate: a transaction that reads first and writes later could not be upgraded when another process wrote.
    beginTransaction: () => patiently(() => run('begin immediate')),
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
      await checkpoints?.close();
      database?.close();
      database = undefined;
      connection = undefined;
      lock.release();
    },
  };
}

async function open(path: string): Promise<DatabaseSync> {
  const database = new DatabaseSync(path, { timeout: BLOCKING_WAIT_MS, enableForeignKeyConstraints: true });
  try {
    await patiently(() => database.exec('pragma journal_mode = wal'));
    database.exec(`
      pragma synchronous = normal;
      pragma wal_autocheckpoint = ${CHECKPOINT_PAGES};
      pragma cache_size = -65536;
      pragma temp_store = memory`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Tries again while another process is writing. */
async function patiently<T>(work: () => T): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isRetryable(mapDriverError(error)) || performance.now() > deadline) throw error;
      await delay(5 + Math.random() * 20);
    }
  }
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

  function run<Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> {
    const { statement, isReader } = prepare(sql);
    // Repositories bind text, numbers and null only.
    const values = parameters as SQLInputValue[];
    if (isReader) return { rows: statement.all(...values) as Row[] };
    return { numAffectedRows: BigInt(statement.run(...values).changes), rows: [] };
  }

  return {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      return patiently(() => run<Row>(query));
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
