import { Kysely, sql } from 'kysely';
import { type ApiKeyRepository, createApiKeyRepository } from './api-key.repository.ts';
import { type ApprovalRepository, createApprovalRepository } from './approval.repository.ts';
import { type AttachmentRepository, createAttachmentRepository } from './attachment.repository.ts';
import { type AuditRepository, createAuditRepository } from './audit.repository.ts';
import { type ChangeRepository, createChangeRepository } from './change.repository.ts';
import type { Database, DialectName } from './database.ts';
import { createEventRepository, type EventRepository } from './event.repository.ts';
import { createExecutionRepository, type ExecutionRepository } from './execution.repository.ts';
import { createGitHostRepository, type GitHostRepository } from './git-host.repository.ts';
import { guardDialect } from './guarded-dialect.ts';
import { createManagerRepository, type ManagerRepository } from './manager.repository.ts';
import { createMessageRepository, type MessageRepository } from './message.repository.ts';
import { migrate } from './migrate.ts';
import { createNamespaceRepository, type NamespaceRepository } from './namespace.repository.ts';
import { createResourceRepository, type ResourceRepository } from './resource.repository.ts';
import { createRunInputRepository, type RunInputRepository } from './run-input.repository.ts';
import type { Schema } from './schema.ts';
import { createSessionRepository, type SessionRepository } from './session.repository.ts';
import { createSettingRepository, type SettingRepository } from './setting.repository.ts';
import { createTaskRepository, type TaskRepository } from './task.repository.ts';
import { createDatabase } from './transaction.ts';
import { createTurnLineRepository, type TurnLineRepository } from './turn-line.repository.ts';
import { createUsageRepository, type UsageRepository } from './usage.repository.ts';
import { createUserRepository, type UserRepository } from './user.repository.ts';

/** The database behind its repositories. */
export interface Store {
  readonly resources: ResourceRepository;
  readonly changes: ChangeRepository;
  readonly tasks: TaskRepository;
  readonly messages: MessageRepository;
  readonly turnLines: TurnLineRepository;
  readonly executions: ExecutionRepository;
  readonly events: EventRepository;
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly apiKeys: ApiKeyRepository;
  readonly namespaces: NamespaceRepository;
  readonly attachments: AttachmentRepository;
  readonly usage: UsageRepository;
  readonly audit: AuditRepository;
  readonly settings: SettingRepository;
  readonly approvals: ApprovalRepository;
  readonly runInputs: RunInputRepository;
  readonly managers: ManagerRepository;
  readonly gitHosts: GitHostRepository;
  readonly dialect: DialectName;
  /**
   * Runs `work` on a store that is bound to one transaction; nested calls join it. `work` may run more than once
   * (a lost deadlock is retried), so it touches nothing outside the database and awaits no network.
   * Inside, only the store that is handed to it may be used.
   */
  transaction<T>(work: (tx: Store) => Promise<T>): Promise<T>;
  /** Throws `ServiceUnavailable` when the database is away. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Where the data is, and how it is reached. */
export interface StoreOptions {
  /** `sqlite:path`, `sqlite::memory:` or `mysql://user:password@host:port/database`. */
  url: string;
  /** Connections to MySQL; 20 when absent. */
  poolSize?: number;
  /** Hears the text of every statement. */
  onQuery?: (sql: string) => void;
}

/** Opens the database, brings its tables up to date (under a lock, so several processes may start at once), and answers. */
export async function openStore({ url, poolSize = 20, onQuery }: StoreOptions): Promise<Store> {
  const { dialect, name } = await dialectOf(url, poolSize);
  const db = new Kysely<Schema>({ dialect: guardDialect(dialect, onQuery) });
  try {
    await migrate(db, name);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return bindStore(createDatabase(db, name));
}

async function dialectOf(url: string, poolSize: number) {
  if (url.startsWith('sqlite:')) {
    const { createSqliteDialect } = await import('./sqlite.ts');
    return { dialect: createSqliteDialect(url.slice('sqlite:'.length)), name: 'sqlite' as const };
  }
  if (url.startsWith('mysql://')) {
    const { createMysqlDialect } = await import('./mysql.ts');
    return { dialect: createMysqlDialect({ url, poolSize }), name: 'mysql' as const };
  }
  throw new Error(`a database URL begins with "sqlite:" or "mysql://", not with "${url.split(':')[0]}:"`);
}

function bindStore(database: Database): Store {
  return {
    resources: createResourceRepository(database),
    changes: createChangeRepository(database),
    tasks: createTaskRepository(database),
    messages: createMessageRepository(database),
    turnLines: createTurnLineRepository(database),
    executions: createExecutionRepository(database),
    events: createEventRepository(database),
    users: createUserRepository(database),
    sessions: createSessionRepository(database),
    apiKeys: createApiKeyRepository(database),
    namespaces: createNamespaceRepository(database),
    attachments: createAttachmentRepository(database),
    usage: createUsageRepository(database),
    audit: createAuditRepository(database),
    settings: createSettingRepository(database),
    approvals: createApprovalRepository(database),
    runInputs: createRunInputRepository(database),
    managers: createManagerRepository(database),
    gitHosts: createGitHostRepository(database),
    dialect: database.dialect,
    transaction: (work) => database.atomic((inner) => work(bindStore(inner))),
    ping: async () => {
      await sql`select 1`.execute(database.db);
    },
    close: () => database.db.destroy(),
  };
}
