import {
  type ExecutionState,
  ExecutionState as ExecutionStates,
  type RunError,
  type ShellType,
  type Usage,
} from '@wegent/api';
import type { Database } from './database.ts';
import { orAlreadyExists } from './database-error.ts';
import { selectOpen } from './decisions.ts';
import { readJson, readOptionalJson, writeOptionalJson } from './row-json.ts';
import type { ExecutionTable } from './schema.ts';

/** Free JSON that the server keeps beside a run: what was asked for. */
export type ExecutionOptions = Record<string, unknown>;

/** One run of one Bot. `attempt` counts claims and is the fencing token of whoever holds the lease. */
export interface ExecutionRow {
  id: string;
  taskId: string;
  messageId: string;
  parentExecutionId: string | null;
  bot: { name: string; namespace: string };
  memberIndex: number;
  shellType: ShellType;
  state: ExecutionState;
  attempt: number;
  maxAttempts: number;
  managerId: string | null;
  leaseUntil: number | null;
  /** Number of its newest stored event, counted over all attempts. */
  lastSeq: number;
  /** It has done something that a second attempt would do twice. */
  irreversible: boolean;
  error: RunError | null;
  usage: Usage | null;
  options: ExecutionOptions;
  createdAt: number;
  enqueuedAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  cancelRequestedAt: number | null;
  /** What its manager sent with the newest batch: where another one reads on in a sandbox that still lives. */
  cursor: string | null;
}

/** `enqueuedAt` of a run that no manager may take yet: its turn waits in the line of its Team. */
export const NOT_YET = 8_640_000_000_000_000;

const LEASED = ['running', 'waiting', 'cancelling'] as const;
const ACTIVE = ['pending', ...LEASED] as const;

/** A run that nobody has taken, with what a list of them shows. */
export interface PendingRun {
  id: string;
  taskId: string;
  taskTitle: string;
  namespace: string;
  createdAt: number;
  /** The Team in whose line its turn waits, before any manager may take it. */
  heldBy: string | null;
}

/** Access to executions. */
export type ExecutionRepository = ReturnType<typeof createExecutionRepository>;

/** The runs, their leases and their states. What a run writes goes through `events.append`. */
export function createExecutionRepository({ db, atomic }: Database) {
  const select = () => db.selectFrom('executions').selectAll();

  return {
    async insert(rows: readonly ExecutionRow[]): Promise<void> {
      if (rows.length === 0) return;
      await orAlreadyExists(
        db.insertInto('executions').values(rows.map(toTable)).execute(),
        'an execution with this id already exists',
      );
    },

    async get(id: string): Promise<ExecutionRow | undefined> {
      const row = await select().where('id', '=', id).executeTakeFirst();
      return row && fromTable(row);
    },

    /** Runs of one message, in the order they were planned. */
    async ofMessage(messageId: string): Promise<ExecutionRow[]> {
      const rows = await select()
        .where('message_id', '=', messageId)
        .orderBy('created_at')
        .orderBy('member_index')
        .orderBy('id')
        .execute();
      return rows.map(fromTable);
    },

    /** Runs of several messages, in the order they were planned. */
    async ofMessages(ids: readonly string[]): Promise<ExecutionRow[]> {
      if (ids.length === 0) return [];
      const rows = await select()
        .where('message_id', 'in', ids)
        .orderBy('created_at')
        .orderBy('member_index')
        .orderBy('id')
        .execute();
      return rows.map(fromTable);
    },

    /** Runs of a Bot in a task, newest first. */
    async ofBot(taskId: string, bot: ExecutionRow['bot'], limit: number): Promise<ExecutionRow[]> {
      const rows = await select()
        .where('task_id', '=', taskId)
        .where('bot_namespace', '=', bot.namespace)
        .where('bot_name', '=', bot.name)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(fromTable);
    },

    /** The run of a task that began last, of those of these types. */
    async newestOfTask(taskId: string, shellTypes: readonly ShellType[]): Promise<ExecutionRow | undefined> {
      const row = await select()
        .where('task_id', '=', taskId)
        .where('shell_type', 'in', shellTypes)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .executeTakeFirst();
      return row && fromTable(row);
    },

    /** Pending runs of these types, oldest first, with what a list of them shows. */
    async waiting(shellTypes: readonly ShellType[], limit: number): Promise<PendingRun[]> {
      const rows = await db
        .selectFrom('executions')
        .innerJoin('tasks', 'tasks.id', 'executions.task_id')
        .leftJoin('messages', 'messages.id', 'executions.message_id')
        .select([
          'executions.id',
          'executions.task_id',
          'tasks.title',
          'tasks.namespace',
          'executions.created_at',
          'executions.enqueued_at',
          'messages.team_uid',
        ])
        .where('executions.state', '=', 'pending')
        .where('executions.shell_type', 'in', shellTypes)
        .where('tasks.deleted_at', 'is', null)
        .orderBy('executions.created_at')
        .orderBy('executions.id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        taskId: row.task_id,
        taskTitle: row.title,
        namespace: row.namespace,
        createdAt: row.created_at,
        heldBy: row.enqueued_at === NOT_YET ? row.team_uid : null,
      }));
    },

    /** Runs of a task that are not over. */
    async activeOfTask(taskId: string): Promise<ExecutionRow[]> {
      const rows = await select()
        .where('task_id', '=', taskId)
        .where('state', 'in', ACTIVE)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(fromTable);
    },

    /** Takes a pending run: state running, attempt + 1. `undefined` when it is not there to be taken, or not yet. */
    claim(
      id: string,
      { managerId, leaseUntil, now }: { managerId: string; leaseUntil: number; now: number },
    ): Promise<ExecutionRow | undefined> {
      return atomic(async (tx) => {
        const { numUpdatedRows } = await tx.db
          .updateTable('executions')
          .set(({ fn, val, eb }) => ({
            state: 'running',
            attempt: eb('attempt', '+', 1),
            manager_id: managerId,
            lease_until: leaseUntil,
            started_at: fn.coalesce('started_at', val(now)),
          }))
          .where('id', '=', id)
          .where('state', '=', 'pending')
          .where('enqueued_at', '<', NOT_YET)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return undefined;
        const row = await tx.db
          .selectFrom('executions')
          .selectAll()
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        if (row.attempt === 1) return fromTable(row);
        // Another attempt has got no input yet, and goes on waiting for what the one before asked.
        await tx.db
          .updateTable('run_inputs')
          .set({ received_at: null })
          .where('execution_id', '=', id)
          .execute();
        const open = await selectOpen(tx.db, [id]);
        if (open.get(id)?.size === 0) return fromTable(row);
        await tx.db.updateTable('executions').set({ state: 'waiting' }).where('id', '=', id).execute();
        return fromTable({ ...row, state: 'waiting' });
      });
    },

    /** Prolongs a lease; `undefined` when the attempt is old or the run is not held any more. */
    renewLease(id: string, attempt: number, leaseUntil: number): Promise<ExecutionRow | undefined> {
      return atomic(async (tx) => {
        const { numUpdatedRows } = await tx.db
          .updateTable('executions')
          .set({ lease_until: leaseUntil })
          .where('id', '=', id)
          .where('attempt', '=', attempt)
          .where('state', 'in', LEASED)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return undefined;
        return fromTable(
          await tx.db.selectFrom('executions').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
        );
      });
    },

    /** Running and waiting ones become cancelling; others stay as they are. */
    async requestCancel(ids: readonly string[], now: number): Promise<void> {
      if (ids.length === 0) return;
      await db
        .updateTable('executions')
        .set({ state: 'cancelling', cancel_requested_at: now })
        .where('id', 'in', ids)
        .where('state', 'in', ['running', 'waiting'])
        .execute();
    },

    /** Held runs whose lease ended before `now`, longest first. */
    async expired(now: number, limit: number): Promise<ExecutionRow[]> {
      const rows = await select()
        .where('state', 'in', LEASED)
        .where('lease_until', '<', now)
        .orderBy('lease_until')
        .limit(limit)
        .execute();
      return rows.map(fromTable);
    },

    /** Runs that wait for a person and that no manager holds: the platform's own. Oldest first. */
    async heldByNobody(limit: number): Promise<ExecutionRow[]> {
      const rows = await select()
        .where('state', '=', 'waiting')
        .where('manager_id', 'is', null)
        .orderBy('created_at')
        .limit(limit)
        .execute();
      return rows.map(fromTable);
    },

    /** Puts a run back to pending for another attempt; false when its attempt or state is another by now. */
    async retry(id: string, attempt: number): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('executions')
        .set({ state: 'pending', lease_until: null, manager_id: null })
        .where('id', '=', id)
        .where('attempt', '=', attempt)
        .where('state', 'in', ['running', 'waiting'])
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    /** Pending runs that were last put into the queue before this time, oldest first. */
    async pending(olderThanEnqueuedAt: number, limit: number): Promise<ExecutionRow[]> {
      const rows = await select()
        .where('state', '=', 'pending')
        .where('enqueued_at', '<', olderThanEnqueuedAt)
        .orderBy('enqueued_at')
        .limit(limit)
        .execute();
      return rows.map(fromTable);
    },

    /** Notes that these have been put into the queue. */
    async markEnqueued(ids: readonly string[], now: number): Promise<void> {
      if (ids.length === 0) return;
      await db.updateTable('executions').set({ enqueued_at: now }).where('id', 'in', ids).execute();
    },

    /** Ends the leases of a manager that is known to be gone, so that `expired(now, …)` finds them. */
    async expireLeasesOf(managerId: string, now: number): Promise<number> {
      const { numUpdatedRows } = await db
        .updateTable('executions')
        .set({ lease_until: now - 1 })
        .where('manager_id', '=', managerId)
        .where('state', 'in', LEASED)
        .where('lease_until', '>=', now)
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },

    /** How many runs are in each state. */
    async counts(): Promise<Record<ExecutionState, number>> {
      const rows = await db
        .selectFrom('executions')
        .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
        .groupBy('state')
        .execute();
      const found = new Map(rows.map((row) => [row.state, Number(row.count)]));
      const counts: Record<ExecutionState, number> = {
        pending: 0,
        running: 0,
        waiting: 0,
        cancelling: 0,
        completed: 0,
        failed: 0,
        cancelled: 0,
        skipped: 0,
      };
      for (const state of ExecutionStates.options) counts[state] = found.get(state) ?? 0;
      return counts;
    },
  };
}

/** The row of an execution. */
export function toTable(row: ExecutionRow): ExecutionTable {
  return {
    id: row.id,
    task_id: row.taskId,
    message_id: row.messageId,
    parent_execution_id: row.parentExecutionId,
    bot_namespace: row.bot.namespace,
    bot_name: row.bot.name,
    member_index: row.memberIndex,
    shell_type: row.shellType,
    state: row.state,
    attempt: row.attempt,
    max_attempts: row.maxAttempts,
    manager_id: row.managerId,
    lease_until: row.leaseUntil,
    last_seq: row.lastSeq,
    irreversible: row.irreversible ? 1 : 0,
    error: writeOptionalJson(row.error),
    usage: writeOptionalJson(row.usage),
    options: JSON.stringify(row.options),
    compacted: 0,
    created_at: row.createdAt,
    enqueued_at: row.enqueuedAt,
    started_at: row.startedAt,
    finished_at: row.finishedAt,
    cancel_requested_at: row.cancelRequestedAt,
    cursor: row.cursor,
  };
}

/** The execution of a row. */
export function fromTable(row: ExecutionTable): ExecutionRow {
  return {
    id: row.id,
    taskId: row.task_id,
    messageId: row.message_id,
    parentExecutionId: row.parent_execution_id,
    bot: { name: row.bot_name, namespace: row.bot_namespace },
    memberIndex: row.member_index,
    shellType: row.shell_type as ShellType,
    state: row.state as ExecutionState,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    managerId: row.manager_id,
    leaseUntil: row.lease_until,
    lastSeq: row.last_seq,
    irreversible: row.irreversible === 1,
    error: readOptionalJson<RunError>(row.error),
    usage: readOptionalJson<Usage>(row.usage),
    options: readJson<ExecutionOptions>(row.options),
    createdAt: row.created_at,
    enqueuedAt: row.enqueued_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    cancelRequestedAt: row.cancel_requested_at,
    cursor: row.cursor,
  };
}
