/**
 * @wegent/store — all SQL of the platform.
 *
 * Repositories over Kysely, on SQLite (`node:sqlite`) and on MySQL 8/9 and MariaDB ≥ 10.6; the scheme of the URL
 * picks the adapter. Repositories hold no rights and no rules; they answer domain values, times are milliseconds.
 * It may import @wegent/api, kysely and mysql2. What differs between the databases is in `sqlite.ts`, `mysql.ts`
 * and `portable.ts`; tables are in `schema.ts` and `migrations/`.
 */
export type { ApiKeyRepository, ApiKeyRow } from './api-key.repository.ts';
export type { AppendBatch } from './apply-batch.ts';
export type { ApprovalRepository, ApprovalRow, ApprovalState } from './approval.repository.ts';
export type { AttachmentRepository, AttachmentRow } from './attachment.repository.ts';
export type { AuditQuery, AuditRepository, AuditRow } from './audit.repository.ts';
export type { Change, ChangeRepository } from './change.repository.ts';
export type { DialectName } from './database.ts';
export type { AppendResult, EventRepository } from './event.repository.ts';
export {
  type ExecutionOptions,
  type ExecutionRepository,
  type ExecutionRow,
  NOT_YET,
} from './execution.repository.ts';
export type { GitHostRepository, GitHostRow } from './git-host.repository.ts';
export type { InstallOrder, ManagerRepository, ManagerRow } from './manager.repository.ts';
export type {
  MessageNode,
  MessageOptions,
  MessagePatch,
  MessageRepository,
  MessageRow,
  SiblingPlace,
} from './message.repository.ts';
export type {
  NamespaceMember,
  NamespaceRepository,
  NamespaceRole,
  NamespaceRow,
} from './namespace.repository.ts';
export { NAMESPACE_TYPE_LABEL, namespaceObject } from './namespace-object.ts';
export { newId } from './new-id.ts';
export type { ResourceKey, ResourcePage, ResourceQuery, ResourceRepository } from './resource.repository.ts';
export type { RunInputRepository } from './run-input.repository.ts';
export type { SessionRepository, SessionRow } from './session.repository.ts';
export type { SettingRepository } from './setting.repository.ts';
export { openStore, type Store, type StoreOptions } from './store.ts';
export type {
  TaskListRow,
  TaskMember,
  TaskPatch,
  TaskQuery,
  TaskRepository,
  TaskRow,
} from './task.repository.ts';
export type { TurnLineRepository, WaitingTurn } from './turn-line.repository.ts';
export type { UsageGroup, UsageRepository, UsageRow, UsageSummary } from './usage.repository.ts';
export type { UserPatch, UserRepository, UserRow } from './user.repository.ts';
