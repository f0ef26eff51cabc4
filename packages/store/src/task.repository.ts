import type { ResourceObject, TaskPhase, Usage } from '@wegent/api';
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { Database } from './database.ts';
import { orAlreadyExists } from './database-error.ts';
import { beforePair, contains, forUpdate, inWrittenOrder, padded, searchable } from './portable.ts';
import { readJson, readOptionalJson, writeOptionalJson } from './row-json.ts';
import type { Schema, TaskTable } from './schema.ts';

/** Status of a Task and what its conversation needs. Its spec and metadata are the resource with `uid` = `id`. */
export interface TaskRow {
  id: string;
  namespace: string;
  name: string;
  ownerId: string;
  title: string;
  type: 'chat' | 'code';
  phase: TaskPhase;
  progress: number;
  teamNamespace: string;
  teamName: string;
  activeLeafId: string | null;
  /** Number of its newest event. */
  lastSeq: number;
  /** Events up to this number are no longer kept. */
  compactedSeq: number;
  errorMessage: string | null;
  result: string | null;
  startedAt: number | null;
  finishedAt: number | null;
  /** Moved by `touch` only. */
  activityAt: number;
  createdAt: number;
  deletedAt: number | null;
  usage: Usage;
  isGroup: boolean;
  /** Branch that the work of a code task is committed to. */
  branch: string | null;
  /** Address of the pull request, once there is one. */
  pullRequest: string | null;
  /** The manager that has the sandbox, as far as is known. */
  executor: string | null;
  /** Repository of a code task that names no Workspace. */
  workspace: { gitUrl: string; branchName?: string | undefined } | null;
}

/** What `update` may change. Numbers of events, activity and deletion have methods of their own. */
export type TaskPatch = Partial<
  Omit<
    TaskRow,
    'id' | 'ownerId' | 'lastSeq' | 'compactedSeq' | 'activityAt' | 'createdAt' | 'deletedAt' | 'workspace'
  >
>;

/** A task as one person's list shows it. `ownerName` is the display name, or else the user name. */
export type TaskListRow = TaskRow & {
  object: ResourceObject;
  unread: boolean;
  ownerName: string;
  teamObject?: ResourceObject;
};

/** A person who takes part. */
export interface TaskMember {
  userId: string;
  username: string;
  role: 'owner' | 'participant';
}

/** What `tasks.list` is asked for; `before` is the last row of the page before. */
export interface TaskQuery {
  userId: string;
  limit: number;
  before?: { activityAt: number; id: string } | undefined;
  search?: string | undefined;
  type?: 'chat' | 'code' | undefined;
  phases?: readonly TaskPhase[] | undefined;
}

/** Access to tasks. */
export type TaskRepository = ReturnType<typeof createTaskRepository>;

/** Tasks, their members and what each of them has read. */
export function createTaskRepository({ db, dialect, atomic }: Database) {
  return {
    /** Stores a task with its owner and the participants among `memberIds`. */
    insert(row: TaskRow, memberIds: readonly string[]): Promise<void> {
      return atomic(async (tx) => {
        await orAlreadyExists(
          tx.db.insertInto('tasks').values(toTable(row)).execute(),
          `task "${row.id}" already exists`,
        );
        await insertMembers(tx.db, row, [row.ownerId, ...memberIds]);
      });
    },

    /** A live task. */
    get: (id: string): Promise<TaskRow | undefined> => selectTask(db, id),

    /** Those of the tasks that this person takes part in, deleted ones among them. */
    async idsOfMember(ids: readonly string[], userId: string): Promise<Set<string>> {
      if (ids.length === 0) return new Set();
      const rows = await db
        .selectFrom('task_members')
        .select('task_id')
        .where('user_id', '=', userId)
        .where('task_id', 'in', ids)
        .execute();
      return new Set(rows.map((row) => row.task_id));
    },

    /** Those of the tasks that live. */
    async alive(ids: readonly string[]): Promise<Set<string>> {
      if (ids.length === 0) return new Set();
      const rows = await db
        .selectFrom('tasks')
        .select('id')
        .where('id', 'in', padded(ids))
        .where('deleted_at', 'is', null)
        .execute();
      return new Set(rows.map((row) => row.id));
    },

    /** Live ones of these tasks. */
    async getMany(ids: readonly string[]): Promise<TaskRow[]> {
      if (ids.length === 0) return [];
      const rows = await db
        .selectFrom('tasks')
        .selectAll()
        .where('id', 'in', padded(ids))
        .where('deleted_at', 'is', null)
        .execute();
      return rows.map(fromTable);
    },

    /** A live task, locked against other writers until the transaction ends. */
    async lock(id: string): Promise<TaskRow | undefined> {
      const query = db
        .selectFrom('tasks')
        .selectAll('tasks')
        .where('id', '=', id)
        .where('deleted_at', 'is', null);
      const row = await forUpdate(query, dialect).executeTakeFirst();
      return row && fromTable(row);
    },

    /** Changes a task; absent fields stay. */
    async update(id: string, patch: TaskPatch): Promise<void> {
      const columns = patchColumns(patch);
      if (Object.keys(columns).length === 0) return;
      await db.updateTable('tasks').set(columns).where('id', '=', id).execute();
    },

    /** A person's tasks, newest activity first: one statement, driven by the index of their memberships. */
    async list(query: TaskQuery): Promise<TaskListRow[]> {
      let select = selectItems(db, query.userId);
      if (query.before) {
        const { activityAt, id } = query.before;
        const place = [activityAt, id] as const;
        select = select.where(beforePair(sql.ref('member.activity_at'), sql.ref('member.task_id'), place));
      }
      if (query.type) select = select.where('task.type', '=', query.type);
      if (query.phases) select = select.where('task.phase', 'in', query.phases);
      if (query.search) select = select.where(contains(sql.ref('task.title_search'), query.search));
      const rows = await select
        .modifyFront(inWrittenOrder(dialect))
        .orderBy('member.activity_at', 'desc')
        .orderBy('member.task_id', 'desc')
        .limit(query.limit)
        .execute();
      return rows.map(toItem);
    },

    /** One task as this member's list would show it. */
    async getItem(id: string, userId: string): Promise<TaskListRow | undefined> {
      const row = await selectItems(db, userId).where('member.task_id', '=', id).executeTakeFirst();
      return row && toItem(row);
    },

    /** Everybody who takes part, the owner first. */
    async members(id: string): Promise<TaskMember[]> {
      const rows = await db
        .selectFrom('task_members')
        .innerJoin('users', 'users.id', 'task_members.user_id')
        .select(['task_members.user_id', 'users.username', 'task_members.role'])
        .where('task_members.task_id', '=', id)
        .orderBy('task_members.role')
        .orderBy('users.username_key')
        .execute();
      return rows.map((row) => ({
        userId: row.user_id,
        username: row.username,
        role: row.role as TaskMember['role'],
      }));
    },

    /** Does this person take part in this live task? */
    async isMember(id: string, userId: string): Promise<boolean> {
      const row = await db
        .selectFrom('task_members')
        .innerJoin('tasks', 'tasks.id', 'task_members.task_id')
        .select('task_members.task_id')
        .where('task_members.user_id', '=', userId)
        .where('task_members.task_id', '=', id)
        .where('tasks.deleted_at', 'is', null)
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Namespaces that hold live tasks of this person, their own or those they take part in. */
    async namespacesOf(userId: string): Promise<string[]> {
      const rows = await db
        .selectFrom('task_members')
        .innerJoin('tasks', 'tasks.id', 'task_members.task_id')
        .select('tasks.namespace')
        .distinct()
        .where('task_members.user_id', '=', userId)
        .where('tasks.deleted_at', 'is', null)
        .execute();
      return rows.map((row) => row.namespace);
    },

    /** Makes these the participants. The owner stays; who stays keeps what they have read. */
    setMembers(id: string, userIds: readonly string[]): Promise<void> {
      return atomic(async (tx) => {
        const task = await selectTask(tx.db, id);
        if (!task) return;
        const wanted = [task.ownerId, ...userIds];
        await tx.db
          .deleteFrom('task_members')
          .where('task_id', '=', id)
          .where('user_id', 'not in', wanted)
          .execute();
        await insertMembers(tx.db, task, wanted);
      });
    },

    /** Records activity for all members, and marks the task unread for all of them or for all but `by`. */
    touch(
      id: string,
      at: number,
      { unreadFor, by }: { unreadFor?: 'others' | 'all'; by?: string } = {},
    ): Promise<void> {
      return atomic(async (tx) => {
        await tx.db.updateTable('tasks').set({ activity_at: at }).where('id', '=', id).execute();
        await tx.db.updateTable('task_members').set({ activity_at: at }).where('task_id', '=', id).execute();
        if (!unreadFor) return;
        const mark = tx.db.updateTable('task_members').set({ unread: 1 }).where('task_id', '=', id);
        await (unreadFor === 'others' && by !== undefined ? mark.where('user_id', '!=', by) : mark).execute();
      });
    },

    /** The person has seen everything up to now. */
    async markRead(id: string, userId: string, at: number): Promise<void> {
      await db
        .updateTable('task_members')
        .set({ unread: 0, read_at: at })
        .where('user_id', '=', userId)
        .where('task_id', '=', id)
        .execute();
    },

    /** Number of live tasks that name this Team. */
    async usingTeam(namespace: string, name: string): Promise<number> {
      const { count } = await db
        .selectFrom('tasks')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('team_namespace', '=', namespace)
        .where('team_name', '=', name)
        .where('deleted_at', 'is', null)
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    /** Deletes softly: the task leaves lists and `get`; its rows stay. */
    async delete(id: string, at: number): Promise<void> {
      await db
        .updateTable('tasks')
        .set({ deleted_at: at })
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .execute();
    },
  };
}

async function selectTask(db: Kysely<Schema>, id: string): Promise<TaskRow | undefined> {
  const row = await db
    .selectFrom('tasks')
    .selectAll()
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row && fromTable(row);
}

async function insertMembers(db: Kysely<Schema>, task: TaskRow, userIds: readonly string[]): Promise<void> {
  const rows = [...new Set(userIds)].map((userId) => ({
    user_id: userId,
    task_id: task.id,
    role: userId === task.ownerId ? 'owner' : 'participant',
    activity_at: task.activityAt,
    unread: 0,
    read_at: null,
  }));
  await db.insertInto('task_members').ignore().values(rows).execute();
}

function selectItems(db: Kysely<Schema>, userId: string) {
  return db
    .selectFrom('task_members as member')
    .innerJoin('tasks as task', 'task.id', 'member.task_id')
    .innerJoin('resources as document', 'document.uid', 'task.id')
    .leftJoin('resources as team', (join) =>
      join
        .on('team.kind', '=', 'Team')
        .on('team.tombstone', '=', '')
        .onRef('team.namespace', '=', 'task.team_namespace')
        .onRef('team.name', '=', 'task.team_name'),
    )
    .selectAll('task')
    .select(({ selectFrom }) => [
      'member.unread',
      'document.object as document_object',
      'team.object as team_object',
      // Not a join: MySQL reads a small table of users whole, and then sorts what it had in order.
      selectFrom('users')
        .select(sql<string>`coalesce(nullif(display_name, ''), username)`.as('name'))
        .whereRef('users.id', '=', 'task.owner_id')
        .as('owner_name'),
    ])
    .where('member.user_id', '=', userId)
    .where('task.deleted_at', 'is', null);
}

type ItemRecord =
  ReturnType<typeof selectItems> extends SelectQueryBuilder<infer _Db, infer _Table, infer Row> ? Row : never;

function toItem(row: ItemRecord): TaskListRow {
  return {
    ...fromTable(row),
    object: readJson<ResourceObject>(row.document_object),
    unread: row.unread === 1,
    ownerName: row.owner_name ?? '',
    ...(row.team_object === null ? {} : { teamObject: readJson<ResourceObject>(row.team_object) }),
  };
}

function toTable(row: TaskRow): TaskTable {
  return {
    id: row.id,
    namespace: row.namespace,
    name: row.name,
    owner_id: row.ownerId,
    title: row.title,
    title_search: searchable(row.title),
    type: row.type,
    phase: row.phase,
    progress: row.progress,
    team_namespace: row.teamNamespace,
    team_name: row.teamName,
    active_leaf_id: row.activeLeafId,
    last_seq: row.lastSeq,
    compacted_seq: row.compactedSeq,
    error_message: row.errorMessage,
    result: row.result,
    usage: JSON.stringify(row.usage),
    is_group: row.isGroup ? 1 : 0,
    started_at: row.startedAt,
    finished_at: row.finishedAt,
    activity_at: row.activityAt,
    created_at: row.createdAt,
    deleted_at: row.deletedAt,
    branch: row.branch,
    pull_request: row.pullRequest,
    executor: row.executor,
    workspace: writeOptionalJson(row.workspace),
  };
}

function fromTable(row: TaskTable): TaskRow {
  return {
    id: row.id,
    namespace: row.namespace,
    name: row.name,
    ownerId: row.owner_id,
    title: row.title,
    type: row.type as TaskRow['type'],
    phase: row.phase as TaskPhase,
    progress: row.progress,
    teamNamespace: row.team_namespace,
    teamName: row.team_name,
    activeLeafId: row.active_leaf_id,
    lastSeq: row.last_seq,
    compactedSeq: row.compacted_seq,
    errorMessage: row.error_message,
    result: row.result,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    activityAt: row.activity_at,
    createdAt: row.created_at,
    deletedAt: row.deleted_at,
    usage: readJson<Usage>(row.usage),
    isGroup: row.is_group === 1,
    branch: row.branch,
    pullRequest: row.pull_request,
    executor: row.executor,
    workspace: readOptionalJson<NonNullable<TaskRow['workspace']>>(row.workspace),
  };
}

function patchColumns(patch: TaskPatch): Partial<TaskTable> {
  return {
    ...(patch.namespace === undefined ? {} : { namespace: patch.namespace }),
    ...(patch.name === undefined ? {} : { name: patch.name }),
    ...(patch.title === undefined ? {} : { title: patch.title, title_search: searchable(patch.title) }),
    ...(patch.type === undefined ? {} : { type: patch.type }),
    ...(patch.phase === undefined ? {} : { phase: patch.phase }),
    ...(patch.progress === undefined ? {} : { progress: patch.progress }),
    ...(patch.teamNamespace === undefined ? {} : { team_namespace: patch.teamNamespace }),
    ...(patch.teamName === undefined ? {} : { team_name: patch.teamName }),
    ...(patch.activeLeafId === undefined ? {} : { active_leaf_id: patch.activeLeafId }),
    ...(patch.errorMessage === undefined ? {} : { error_message: patch.errorMessage }),
    ...(patch.result === undefined ? {} : { result: patch.result }),
    ...(patch.startedAt === undefined ? {} : { started_at: patch.startedAt }),
    ...(patch.finishedAt === undefined ? {} : { finished_at: patch.finishedAt }),
    ...(patch.usage === undefined ? {} : { usage: JSON.stringify(patch.usage) }),
    ...(patch.branch === undefined ? {} : { branch: patch.branch }),
    ...(patch.pullRequest === undefined ? {} : { pull_request: patch.pullRequest }),
    ...(patch.executor === undefined ? {} : { executor: patch.executor }),
    ...(patch.isGroup === undefined ? {} : { is_group: patch.isGroup ? 1 : 0 }),
  };
}
