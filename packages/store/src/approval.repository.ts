import type { ApprovalRule } from '@wegent/api';
import type { Database } from './database.ts';
import { readJson, readOptionalJson, writeOptionalJson } from './row-json.ts';
import type { ApprovalTable } from './schema.ts';

/** What became of an approval or a question. */
export type ApprovalState = 'pending' | 'allow' | 'deny' | 'answered' | 'expired';

/** An approval or a question of a run. Its id is the engine's: unique within the run, and nowhere else. */
export interface ApprovalRow {
  executionId: string;
  id: string;
  type: 'approval' | 'question';
  taskId: string;
  tool: string | null;
  title: string;
  input: unknown;
  reason: string | null;
  state: ApprovalState;
  createdAt: number;
  decidedAt: number | null;
  /** Name of the person. */
  decidedBy: string | null;
}

/** Access to approvals and questions. */
export type ApprovalRepository = ReturnType<typeof createApprovalRepository>;

/** What runs have asked people. Questions are asked and closed by `events.append`; people decide here. */
export function createApprovalRepository({ db }: Database) {
  return {
    /** What waits for somebody in tasks that this person takes part in, newest first, with the title of the task. */
    async waitingFor(userId: string, limit: number): Promise<(ApprovalRow & { taskTitle: string })[]> {
      const rows = await db
        .selectFrom('approvals')
        .innerJoin('task_members', 'task_members.task_id', 'approvals.task_id')
        .innerJoin('tasks', 'tasks.id', 'approvals.task_id')
        .selectAll('approvals')
        .select('tasks.title as task_title')
        .where('approvals.state', '=', 'pending')
        .where('task_members.user_id', '=', userId)
        .where('tasks.deleted_at', 'is', null)
        .orderBy('approvals.created_at', 'desc')
        .orderBy('approvals.id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...fromTable(row), taskTitle: row.task_title }));
    },

    /** Those of this id in tasks that the person takes part in, newest first. */
    async find(
      id: string,
      { userId, type }: { userId: string; type: ApprovalRow['type'] },
    ): Promise<ApprovalRow[]> {
      const rows = await db
        .selectFrom('approvals')
        .innerJoin('task_members', 'task_members.task_id', 'approvals.task_id')
        .innerJoin('tasks', 'tasks.id', 'approvals.task_id')
        .selectAll('approvals')
        .where('approvals.id', '=', id)
        .where('approvals.type', '=', type)
        .where('task_members.user_id', '=', userId)
        .where('tasks.deleted_at', 'is', null)
        .orderBy('approvals.created_at', 'desc')
        .execute();
      return rows.map(fromTable);
    },

    async get(executionId: string, id: string): Promise<ApprovalRow | undefined> {
      const row = await db
        .selectFrom('approvals')
        .selectAll()
        .where('execution_id', '=', executionId)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && fromTable(row);
    },

    /** Notes a decision; false when there is one already. */
    async decide(
      { executionId, id }: Pick<ApprovalRow, 'executionId' | 'id'>,
      {
        state,
        by,
        at,
        remember,
      }: {
        state: Exclude<ApprovalState, 'pending'>;
        by: string;
        at: number;
        remember?: ApprovalRule | undefined;
      },
    ): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('approvals')
        .set({ state, decided_by: by, decided_at: at, remember: writeOptionalJson(remember ?? null) })
        .where('execution_id', '=', executionId)
        .where('id', '=', id)
        .where('state', '=', 'pending')
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    /** Decisions of a task that hold from then on, newest first. */
    async remembered(taskId: string, limit: number): Promise<ApprovalRule[]> {
      const rows = await db
        .selectFrom('approvals')
        .select('remember')
        .where('task_id', '=', taskId)
        .where('state', 'in', ['allow', 'deny'])
        .where('remember', 'is not', null)
        .orderBy('decided_at', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.flatMap(({ remember }) => (remember === null ? [] : [readJson<ApprovalRule>(remember)]));
    },
  };
}

function fromTable(row: ApprovalTable): ApprovalRow {
  return {
    executionId: row.execution_id,
    id: row.id,
    type: row.type as ApprovalRow['type'],
    taskId: row.task_id,
    tool: row.tool,
    title: row.title,
    input: readOptionalJson<unknown>(row.input),
    reason: row.reason,
    state: row.state as ApprovalState,
    createdAt: row.created_at,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
  };
}
