/**
 * The tables as Kysely sees them. Ids are text, times are integer milliseconds since 1970, flags are 0 or 1,
 * columns named `…Json` in comments hold JSON as text: both databases then give back the same values.
 */
export interface Schema {
  migrations: MigrationTable;
  counters: CounterTable;
  resources: ResourceTable;
  resource_labels: ResourceLabelTable;
  resource_references: ResourceReferenceTable;
  resource_owners: ResourceOwnerTable;
  changes: ChangeTable;
  users: UserTable;
  sessions: SessionTable;
  api_keys: ApiKeyTable;
  namespaces: NamespaceTable;
  namespace_members: NamespaceMemberTable;
  tasks: TaskTable;
  task_members: TaskMemberTable;
  messages: MessageTable;
  executions: ExecutionTable;
  events: EventTable;
  attachments: AttachmentTable;
  usage_records: UsageTable;
  audit: AuditTable;
  settings: SettingTable;
  approvals: ApprovalTable;
  run_inputs: RunInputTable;
  managers: ManagerTable;
  git_hosts: GitHostTable;
}

export interface MigrationTable {
  name: string;
  applied_at: number;
}

export interface CounterTable {
  name: string;
  value: number;
}

export interface ResourceTable {
  uid: string;
  kind: string;
  namespace: string;
  name: string;
  /** '' while the object lives, its uid afterwards: the unique key then frees the name. */
  tombstone: string;
  resource_version: number;
  object: string;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
}

export interface ResourceLabelTable {
  uid: string;
  kind: string;
  namespace: string;
  label_key: string;
  label_value: string;
}

export interface ResourceReferenceTable {
  uid: string;
  kind: string;
  namespace: string;
  name: string;
  target_kind: string;
  target_namespace: string;
  target_name: string;
}

export interface ResourceOwnerTable {
  uid: string;
  owner_uid: string;
}

export interface ChangeTable {
  resource_version: number;
  type: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  object: string;
  previous: string | null;
  created_at: number;
}

export interface UserTable {
  id: string;
  username: string;
  /** The name in lower case: unique, compared and sorted by. */
  username_key: string;
  display_name: string | null;
  email: string | null;
  password_hash: string | null;
  role: string;
  namespace: string;
  disabled: number;
  session_epoch: number;
  preferences: string;
  created_at: number;
  last_login_at: number | null;
  /** User name, display name and e-mail address, normalised for searching. */
  search: string;
}

export interface SessionTable {
  id: string;
  family_id: string;
  user_id: string;
  token_hash: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
  revoked_at: number | null;
  user_agent: string | null;
}

export interface ApiKeyTable {
  id: string;
  user_id: string;
  name: string;
  prefix: string;
  key_hash: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
}

export interface NamespaceTable {
  name: string;
  type: string;
  owner_id: string | null;
  display_name: string | null;
  created_at: number;
}

export interface NamespaceMemberTable {
  namespace: string;
  user_id: string;
  role: string;
}

export interface TaskTable {
  id: string;
  namespace: string;
  name: string;
  owner_id: string;
  title: string;
  /** The title, normalised for searching. */
  title_search: string;
  type: string;
  phase: string;
  progress: number;
  team_namespace: string;
  team_name: string;
  active_leaf_id: string | null;
  last_seq: number;
  compacted_seq: number;
  error_message: string | null;
  result: string | null;
  usage: string;
  is_group: number;
  started_at: number | null;
  finished_at: number | null;
  activity_at: number;
  created_at: number;
  deleted_at: number | null;
  branch: string | null;
  pull_request: string | null;
  executor: string | null;
  workspace: string | null;
}

export interface TaskMemberTable {
  user_id: string;
  task_id: string;
  role: string;
  /** Copy of `tasks.activity_at`, so that one index serves a person's list. */
  activity_at: number;
  unread: number;
  read_at: number | null;
}

export interface MessageTable {
  id: string;
  task_id: string;
  /** '' at the root of the tree: equality then works without a case for null. */
  parent_id: string;
  role: string;
  sender: string;
  sender_user_id: string | null;
  client_message_id: string | null;
  text: string;
  blocks: string;
  status: string;
  error: string | null;
  attachments: string;
  shell_type: string | null;
  usage: string | null;
  options: string;
  queued: number;
  created_at: number;
  finished_at: number | null;
  team_uid: string | null;
  turn_line: string | null;
}

export interface ExecutionTable {
  id: string;
  task_id: string;
  message_id: string;
  parent_execution_id: string | null;
  bot_namespace: string;
  bot_name: string;
  member_index: number;
  shell_type: string;
  state: string;
  attempt: number;
  max_attempts: number;
  manager_id: string | null;
  lease_until: number | null;
  last_seq: number;
  irreversible: number;
  error: string | null;
  usage: string | null;
  options: string;
  /** 1 once its events are dropped. */
  compacted: number;
  created_at: number;
  enqueued_at: number;
  started_at: number | null;
  finished_at: number | null;
  cancel_requested_at: number | null;
  cursor: string | null;
}

export interface EventTable {
  task_id: string;
  seq: number;
  execution_id: string;
  execution_seq: number;
  message_id: string;
  event: string;
  created_at: number;
}

export interface AttachmentTable {
  id: string;
  owner_id: string;
  task_id: string | null;
  message_id: string | null;
  name: string;
  media_type: string;
  size: number;
  sha256: string;
  blob_key: string;
  text: string | null;
  created_at: number;
}

export interface UsageTable {
  execution_id: string;
  task_id: string;
  user_id: string;
  namespace: string;
  team: string;
  bot: string;
  model: string;
  at: number;
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  cost_usd: number | null;
  duration_ms: number;
  outcome: string;
}

export interface AuditTable {
  id: string;
  at: number;
  user_id: string | null;
  username: string;
  action: string;
  kind: string | null;
  namespace: string | null;
  name: string | null;
  detail: string;
  address: string | null;
}

export interface SettingTable {
  key: string;
  value: string;
}

export interface ApprovalTable {
  execution_id: string;
  id: string;
  type: string;
  task_id: string;
  tool: string | null;
  title: string;
  input: string | null;
  reason: string | null;
  state: string;
  created_at: number;
  decided_at: number | null;
  decided_by: string | null;
  remember: string | null;
}

export interface RunInputTable {
  id: string;
  execution_id: string;
  payload: string;
  created_at: number;
  received_at: number | null;
}

export interface ManagerTable {
  id: string;
  report: string;
  orders: string;
  seen_at: number;
}

export interface GitHostTable {
  user_id: string;
  domain: string;
  type: string;
  username: string | null;
  token: string | null;
  ssh_key: string | null;
  scheme: string | null;
  api_url: string | null;
  created_at: number;
}
