import type { ExpressionBuilder, Kysely } from 'kysely';
import type { Database } from './database.ts';
import { forUpdate } from './portable.ts';
import type { Schema } from './schema.ts';

/** Tasks with events of runs that were over before a time, longest ago first. */
export async function selectCompactable(
  db: Kysely<Schema>,
  { finishedBefore, limit }: { finishedBefore: number; limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('executions')
    .select(({ fn }) => ['task_id', fn.min('finished_at').as('since')])
    .where('compacted', '=', 0)
    .where('finished_at', '<', finishedBefore)
    .where((where) => where.not(isWanted(where)))
    .groupBy('task_id')
    .orderBy('since')
    .limit(limit)
    .execute();
  return rows.map((row) => row.task_id);
}

/** Is the answer of a run still being written, by other members of its Team? Its end folds the events of all of them. */
function isWanted({ exists, selectFrom }: ExpressionBuilder<Schema, 'executions'>) {
  return exists(
    selectFrom('messages')
      .select('messages.id')
      .whereRef('messages.id', '=', 'executions.message_id')
      .where('messages.role', '=', 'assistant')
      .where('messages.finished_at', 'is', null),
  );
}

/** Drops what one task need not keep, inputs of runs that are over among it; answers the number of events dropped. */
export async function compactTask(
  { db, dialect }: Database,
  { taskId, finishedBefore }: { taskId: string; finishedBefore: number },
): Promise<number> {
  const taskQuery = db.selectFrom('tasks').select(['last_seq', 'compacted_seq']).where('id', '=', taskId);
  const task = await forUpdate(taskQuery, dialect).executeTakeFirst();
  // The first event of a run that is still wanted: `execution_seq` 1 is there as long as the run's events are.
  const { wanted } = await db
    .selectFrom('executions')
    .innerJoin('events', 'events.execution_id', 'executions.id')
    .select(({ fn }) => fn.min<number | null>('events.seq').as('wanted'))
    .where('executions.task_id', '=', taskId)
    .where('events.execution_seq', '=', 1)
    .where((where) =>
      where.or([
        where('executions.finished_at', 'is', null),
        where('executions.finished_at', '>=', finishedBefore),
        isWanted(where),
      ]),
    )
    .executeTakeFirstOrThrow();
  const floor = wanted === null ? (task?.last_seq ?? 0) : wanted - 1;
  let dropped = 0n;
  if (task && floor > task.compacted_seq) {
    const deletion = await db
      .deleteFrom('events')
      .where('task_id', '=', taskId)
      .where('seq', '<=', floor)
      .executeTakeFirst();
    dropped = deletion.numDeletedRows;
    await db.updateTable('tasks').set({ compacted_seq: floor }).where('id', '=', taskId).execute();
  }
  await db
    .updateTable('executions')
    .set({ compacted: 1 })
    .where('task_id', '=', taskId)
    .where('compacted', '=', 0)
    .where('finished_at', '<', finishedBefore)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('events').select('events.seq').whereRef('events.execution_id', '=', 'executions.id'),
        ),
      ),
    )
    .execute();
  await db
    .deleteFrom('run_inputs')
    .where('execution_id', 'in', ({ selectFrom }) =>
      selectFrom('executions').select('id').where('task_id', '=', taskId).where('compacted', '=', 1),
    )
    .execute();
  return Number(dropped);
}
