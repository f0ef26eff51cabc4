import type { AttachmentInfo, Block, MessageStatus, RunError, Sender, ShellType, Usage } from '@wegent/api';
import { type ExpressionBuilder, sql } from 'kysely';
import type { Database } from './database.ts';
import { orAlreadyExists } from './database-error.ts';
import { readJson, readOptionalJson, writeOptionalJson } from './row-json.ts';
import type { MessageTable, Schema } from './schema.ts';
import type { TurnLine } from './turn-line.repository.ts';

/** Free JSON that the server keeps beside a message: how it was asked for. */
export type MessageOptions = Record<string, unknown>;

/** A message. `queued` ones wait for the run before them and stand outside the tree. */
export interface MessageRow {
  id: string;
  taskId: string;
  parentId: string | null;
  role: 'user' | 'assistant';
  sender: Sender;
  text: string;
  blocks: Block[];
  status: MessageStatus;
  error: RunError | null;
  attachments: AttachmentInfo[];
  shellType: ShellType | null;
  usage: Usage | null;
  clientMessageId: string | null;
  options: MessageOptions;
  createdAt: number;
  finishedAt: number | null;
  queued: boolean;
  /** The Team that an answer is a turn of. */
  teamUid: string | null;
  turnLine: TurnLine | null;
}

/** What `update` may change. */
export type MessagePatch = Partial<
  Omit<MessageRow, 'id' | 'taskId' | 'role' | 'clientMessageId' | 'teamUid' | 'turnLine'>
>;

/** A message as a place in the tree. */
export interface MessageNode {
  id: string;
  role: 'user' | 'assistant';
  createdAt: number;
}

/** Place among the versions of a message, from 1; `ids` in the order they were made. */
export interface SiblingPlace {
  index: number;
  count: number;
  ids: string[];
}

const ACTIVE_STATES = ['pending', 'running', 'waiting', 'cancelling'] as const;

/** Access to messages. */
export type MessageRepository = ReturnType<typeof createMessageRepository>;

/** The messages of tasks: a tree, in which siblings are ordered by the time they were made. */
export function createMessageRepository({ db }: Database) {
  const select = () => db.selectFrom('messages').selectAll();

  return {
    /** Stores a message; `AlreadyExists` when its sender has sent this `clientMessageId` before. */
    async insert(row: MessageRow): Promise<void> {
      await orAlreadyExists(
        db.insertInto('messages').values(toTable(row)).execute(),
        `message "${row.clientMessageId ?? row.id}" already exists`,
      );
    },

    async get(id: string): Promise<MessageRow | undefined> {
      const row = await select().where('id', '=', id).executeTakeFirst();
      return row && fromTable(row);
    },

    /** Those that exist, oldest first. */
    async getMany(ids: readonly string[]): Promise<MessageRow[]> {
      if (ids.length === 0) return [];
      const rows = await select().where('id', 'in', ids).orderBy('created_at').orderBy('id').execute();
      return rows.map(fromTable);
    },

    /** Finished answers of a task that hold log lines, oldest first. */
    async withLogs(taskId: string): Promise<MessageRow[]> {
      const rows = await select()
        .where('task_id', '=', taskId)
        .where('queued', '=', 0)
        .where('finished_at', 'is not', null)
        // What merely mentions the words does no harm: the reader looks at the blocks.
        .where('blocks', 'like', '%"type":"log"%')
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(fromTable);
    },

    /** The message that this person has sent under this id. */
    async byClientId(userId: string, clientMessageId: string): Promise<MessageRow | undefined> {
      const row = await select()
        .where('sender_user_id', '=', userId)
        .where('client_message_id', '=', clientMessageId)
        .executeTakeFirst();
      return row && fromTable(row);
    },

    /** Changes a message; absent fields stay. */
    async update(id: string, patch: MessagePatch): Promise<void> {
      const columns = patchColumns(patch);
      if (Object.keys(columns).length === 0) return;
      await db.updateTable('messages').set(columns).where('id', '=', id).execute();
    },

    /** Removes a queued message; others are never removed. */
    async remove(id: string): Promise<void> {
      await db.deleteFrom('messages').where('id', '=', id).where('queued', '=', 1).execute();
    },

    /** What follows a message (or begins the task), oldest first; queued ones are left out. */
    async children(taskId: string, parentId: string | null): Promise<MessageNode[]> {
      const rows = await db
        .selectFrom('messages')
        .select(['id', 'role', 'created_at'])
        .where('task_id', '=', taskId)
        .where('queued', '=', 0)
        .where('parent_id', '=', parentId ?? '')
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map((row) => ({
        id: row.id,
        role: row.role as MessageNode['role'],
        createdAt: row.created_at,
      }));
    },

    /**
     * The last `limit` messages of the path that ends at `leafId`, or of the part before the message `before`;
     * oldest first. One statement that visits only what it answers.
     */
    async path(
      taskId: string,
      leafId: string,
      { before, limit }: { before?: string; limit: number },
    ): Promise<MessageRow[]> {
      const start = before ?? leafId;
      const skipped = before === undefined ? 0 : 1;
      const { rows } = await sql<MessageTable>`
        with recursive path (id, parent_id, depth) as (
          select id, parent_id, 0 from messages where id = ${start} and task_id = ${taskId}
          union all
          select parent.id, parent.parent_id, path.depth + 1
          from path join messages as parent on parent.id = path.parent_id
          where path.depth + 1 < ${limit + skipped}
        )
        select messages.* from path join messages on messages.id = path.id
        where path.depth >= ${skipped}
        order by path.depth desc`.execute(db);
      return rows.map(fromTable);
    },

    /** The place of each of these messages among its siblings. One statement. */
    async siblings(taskId: string, ids: readonly string[]): Promise<Map<string, SiblingPlace>> {
      const places = new Map<string, SiblingPlace>();
      if (ids.length === 0) return places;
      const rows = await db
        .selectFrom('messages as message')
        .innerJoin('messages as sibling', (join) =>
          join
            .onRef('sibling.task_id', '=', 'message.task_id')
            .onRef('sibling.parent_id', '=', 'message.parent_id')
            .on('sibling.queued', '=', 0),
        )
        .select(['message.id', 'sibling.id as sibling_id'])
        .where('message.task_id', '=', taskId)
        .where('message.id', 'in', ids)
        .orderBy('sibling.created_at')
        .orderBy('sibling.id')
        .execute();
      const byId = Map.groupBy(rows, (row) => row.id);
      for (const id of ids) {
        const siblingIds = (byId.get(id) ?? []).map((row) => row.sibling_id);
        // A queued message is not in the tree yet.
        const versions = siblingIds.includes(id) ? siblingIds : [id];
        places.set(id, { index: versions.indexOf(id) + 1, count: versions.length, ids: versions });
      }
      return places;
    },

    /** Follows the newest child down from a message; answers that message when nothing follows it. */
    async newestLeaf(taskId: string, fromId: string): Promise<string> {
      const rows = await db
        .selectFrom('messages')
        .select(['id', 'parent_id'])
        .where('task_id', '=', taskId)
        .where('queued', '=', 0)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      const newestChild = new Map(rows.map((row) => [row.parent_id, row.id]));
      let leaf = fromId;
      for (let child = newestChild.get(leaf); child !== undefined; child = newestChild.get(leaf))
        leaf = child;
      return leaf;
    },

    /** Messages that wait, oldest first. */
    async queued(taskId: string): Promise<MessageRow[]> {
      const rows = await select()
        .where('task_id', '=', taskId)
        .where('queued', '=', 1)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(fromTable);
    },

    /**
     * Answers of live tasks that are not final although all of their runs are: what a crash left behind. Oldest
     * first.
     */
    async unfinished(limit: number): Promise<MessageRow[]> {
      const rows = await select()
        .where('status', 'in', ['pending', 'running', 'waiting'])
        .where('role', '=', 'assistant')
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('executions')
                .select('executions.id')
                .whereRef('executions.message_id', '=', 'messages.id')
                .where('executions.state', 'in', ACTIVE_STATES),
            ),
          ),
        )
        .where(({ exists, selectFrom }) => exists(liveTask(selectFrom)))
        .orderBy('created_at')
        .limit(limit)
        .execute();
      return rows.map(fromTable);
    },

    /** Live tasks in which messages wait although no run is there that they could wait for; oldest first. */
    async idleQueues(limit: number): Promise<string[]> {
      const rows = await db
        .selectFrom('messages')
        .select(({ fn }) => ['messages.task_id', fn.min('messages.created_at').as('since')])
        .where('messages.queued', '=', 1)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('executions')
                .select('executions.id')
                .whereRef('executions.task_id', '=', 'messages.task_id')
                .where('executions.state', 'in', ACTIVE_STATES),
            ),
          ),
        )
        .where(({ exists, selectFrom }) => exists(liveTask(selectFrom)))
        .groupBy('messages.task_id')
        .orderBy('since')
        .limit(limit)
        .execute();
      return rows.map((row) => row.task_id);
    },
  };
}

function liveTask(selectFrom: ExpressionBuilder<Schema, 'messages'>['selectFrom']) {
  return selectFrom('tasks')
    .select('tasks.id')
    .whereRef('tasks.id', '=', 'messages.task_id')
    .where('tasks.deleted_at', 'is', null);
}

function toTable(row: MessageRow): MessageTable {
  return {
    id: row.id,
    task_id: row.taskId,
    parent_id: row.parentId ?? '',
    role: row.role,
    sender: JSON.stringify(row.sender),
    sender_user_id: 'userId' in row.sender ? row.sender.userId : null,
    client_message_id: row.clientMessageId,
    text: row.text,
    blocks: JSON.stringify(row.blocks),
    status: row.status,
    error: writeOptionalJson(row.error),
    attachments: JSON.stringify(row.attachments),
    shell_type: row.shellType,
    usage: writeOptionalJson(row.usage),
    options: JSON.stringify(row.options),
    queued: row.queued ? 1 : 0,
    created_at: row.createdAt,
    finished_at: row.finishedAt,
    team_uid: row.teamUid,
    turn_line: row.turnLine,
  };
}

function fromTable(row: MessageTable): MessageRow {
  return {
    id: row.id,
    taskId: row.task_id,
    parentId: row.parent_id === '' ? null : row.parent_id,
    role: row.role as MessageRow['role'],
    sender: readJson<Sender>(row.sender),
    text: row.text,
    blocks: readJson<Block[]>(row.blocks),
    status: row.status as MessageStatus,
    error: readOptionalJson<RunError>(row.error),
    attachments: readJson<AttachmentInfo[]>(row.attachments),
    shellType: row.shell_type as ShellType | null,
    usage: readOptionalJson<Usage>(row.usage),
    clientMessageId: row.client_message_id,
    options: readJson<MessageOptions>(row.options),
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    queued: row.queued === 1,
    teamUid: row.team_uid,
    turnLine: row.turn_line as TurnLine | null,
  };
}

function patchColumns(patch: MessagePatch): Partial<MessageTable> {
  return {
    ...(patch.parentId === undefined ? {} : { parent_id: patch.parentId ?? '' }),
    ...(patch.sender === undefined ? {} : { sender: JSON.stringify(patch.sender) }),
    ...(patch.text === undefined ? {} : { text: patch.text }),
    ...(patch.blocks === undefined ? {} : { blocks: JSON.stringify(patch.blocks) }),
    ...(patch.status === undefined ? {} : { status: patch.status }),
    ...(patch.error === undefined ? {} : { error: writeOptionalJson(patch.error) }),
    ...(patch.attachments === undefined ? {} : { attachments: JSON.stringify(patch.attachments) }),
    ...(patch.shellType === undefined ? {} : { shell_type: patch.shellType }),
    ...(patch.usage === undefined ? {} : { usage: writeOptionalJson(patch.usage) }),
    ...(patch.options === undefined ? {} : { options: JSON.stringify(patch.options) }),
    ...(patch.createdAt === undefined ? {} : { created_at: patch.createdAt }),
    ...(patch.finishedAt === undefined ? {} : { finished_at: patch.finishedAt }),
    ...(patch.queued === undefined ? {} : { queued: patch.queued ? 1 : 0 }),
  };
}
