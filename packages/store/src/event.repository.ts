import type { ExecutionEvent, SequencedEvent } from '@wegent/api';
import type { Kysely } from 'kysely';
import { type AppendBatch, applyBatch } from './apply-batch.ts';
import type { Database } from './database.ts';
import { type DecisionChange, saveDecisions, selectOpen, touchesDecisions } from './decisions.ts';
import { compactTask, selectCompactable } from './event-compaction.ts';
import { type ExecutionRow, fromTable, toTable } from './execution.repository.ts';
import { forUpdate, insertMany, padded, updateMany } from './portable.ts';
import { readJson } from './row-json.ts';
import type { EventTable, Schema } from './schema.ts';

/** What became of a batch. `events` are only the new ones, with their numbers in the task. */
export type AppendResult =
  | {
      status: 'appended';
      taskId: string;
      messageId: string;
      /** Number of the newest stored event of the execution. */
      ackedSeq: number;
      events: SequencedEvent[];
      execution: ExecutionRow;
      /** Questions to people that the new events asked and closed. */
      decisions: DecisionChange;
    }
  /** An old attempt, or a run that is over. */
  | { status: 'stale' }
  /** No such execution. */
  | { status: 'unknown' }
  /** Events before `firstSeq` are missing; send from `expected`. */
  | { status: 'gap'; expected: number };

/**
 * Events after one number, up to another, no more than `limit`. `upTo` is a `lastSeq` of the task that an earlier
 * statement has read: one statement of MariaDB may see an event without the one before it (decision 0023).
 */
interface EventRange {
  after: number;
  upTo: number;
  limit: number;
}

/** Access to the event log. */
export type EventRepository = ReturnType<typeof createEventRepository>;

/** What runs have written: numbered per execution by the writer, and per task here. */
export function createEventRepository({ db, atomic }: Database) {
  return {
    /**
     * Stores batches of many runs in one transaction; the results stand in the order of the batches. The number of
     * statements does not depend on the number of batches. Locks are taken in one order: tasks, then executions.
     */
    append(batches: readonly AppendBatch[], now: number): Promise<AppendResult[]> {
      if (batches.length === 0) return Promise.resolve([]);
      return atomic(async (tx) => {
        const { executions, lastSeqs } = await lockRows(tx, batches);
        const before = new Map(executions);
        const asking = batches.filter((batch) => touchesDecisions(batch.events));
        const open = await selectOpen(tx.db, [...new Set(asking.map((batch) => batch.executionId))]);
        const changes: { taskId: string; executionId: string; change: DecisionChange }[] = [];
        const taskSeqs = new Map(lastSeqs);
        const rows: EventRow[] = [];
        const results = batches.map((batch): AppendResult => {
          const execution = executions.get(batch.executionId);
          const lastSeq = execution && taskSeqs.get(execution.taskId);
          if (!execution || lastSeq === undefined) return { status: 'unknown' };
          const effect = applyBatch(execution, batch, now, open.get(batch.executionId));
          if (effect.status !== 'appended') return effect;
          executions.set(batch.executionId, effect.execution);
          const { taskId, messageId } = execution;
          const { decisions } = effect;
          const stillOpen = open.get(execution.id);
          for (const { id } of decisions.opened) stillOpen?.add(id);
          for (const { id } of decisions.closed) stillOpen?.delete(id);
          if (decisions.opened.length + decisions.closed.length > 0)
            changes.push({ taskId, executionId: execution.id, change: decisions });
          taskSeqs.set(taskId, lastSeq + effect.events.length);
          const events = effect.events.map((event, index) => {
            const seq = lastSeq + 1 + index;
            rows.push([
              taskId,
              seq,
              execution.id,
              effect.firstSeq + index,
              messageId,
              JSON.stringify(event),
              now,
            ]);
            return { seq, messageId, executionId: execution.id, event };
          });
          const { lastSeq: ackedSeq } = effect.execution;
          return {
            status: 'appended',
            taskId,
            messageId,
            ackedSeq,
            events,
            execution: effect.execution,
            decisions,
          };
        });
        await insertMany(tx.db, { table: 'events', columns: EVENT_COLUMNS, rows });
        const tasks = [...taskSeqs].filter(([id, seq]) => lastSeqs.get(id) !== seq);
        await updateMany(tx, { table: 'tasks', columns: ['last_seq'], rows: tasks });
        await saveExecutions(tx, before, executions);
        await saveDecisions(tx.db, changes, now);
        return results;
      });
    },

    /** Events of a task in a range, in order. */
    async ofTask(taskId: string, range: EventRange): Promise<SequencedEvent[]> {
      return (await selectRange(db, taskId, range).execute()).map(toSequenced);
    },

    /** The same with the time at which each was stored. */
    async timed(taskId: string, range: EventRange): Promise<(SequencedEvent & { at: number })[]> {
      const rows = await selectRange(db, taskId, range).execute();
      return rows.map((row) => ({ ...toSequenced(row), at: row.created_at }));
    },

    /** Log lines of a task in a range, in order, with the time at which they were stored. */
    async logs(taskId: string, range: EventRange): Promise<(SequencedEvent & { at: number })[]> {
      const rows = await selectRange(db, taskId, range)
        // What merely mentions the words is sorted out below.
        .where('event', 'like', '%"type":"log"%')
        .execute();
      return rows
        .map((row) => ({ ...toSequenced(row), at: row.created_at }))
        .filter(({ event }) => event.type === 'log');
    },

    /** Events of one message in order, up to a number of the task. */
    async ofMessage(messageId: string, { upTo }: { upTo?: number } = {}): Promise<SequencedEvent[]> {
      // By way of its runs: one index less to write for each event.
      const query = db
        .selectFrom('executions')
        .innerJoin('events', 'events.execution_id', 'executions.id')
        .selectAll('events')
        .where('executions.message_id', '=', messageId);
      const rows = await (upTo === undefined ? query : query.where('events.seq', '<=', upTo))
        .orderBy('events.seq')
        .execute();
      return rows.map(toSequenced);
    },

    /** Events of one run in order; `seq` counts per execution here. */
    async ofExecution(executionId: string): Promise<{ seq: number; event: ExecutionEvent }[]> {
      const rows = await db
        .selectFrom('events')
        .select(['execution_seq', 'event'])
        .where('execution_id', '=', executionId)
        .orderBy('execution_seq')
        .execute();
      return rows.map((row) => ({ seq: row.execution_seq, event: readJson<ExecutionEvent>(row.event) }));
    },

    /**
     * Drops the events of runs that were over before `finishedBefore`, in each task up to the first event of a run
     * that was not. Looks at no more than `limit` tasks; answers how many events were dropped.
     */
    async compact(finishedBefore: number, limit: number): Promise<number> {
      let dropped = 0;
      for (const taskId of await selectCompactable(db, { finishedBefore, limit })) {
        dropped += await atomic((tx) => compactTask(tx, { taskId, finishedBefore }));
      }
      return dropped;
    },
  };
}

type EventRow = [
  taskId: string,
  seq: number,
  executionId: string,
  executionSeq: number,
  messageId: string,
  event: string,
  createdAt: number,
];

/** In the order of `EventRow`. */
const EVENT_COLUMNS = [
  'task_id',
  'seq',
  'execution_id',
  'execution_seq',
  'message_id',
  'event',
  'created_at',
] as const satisfies readonly (keyof EventTable)[];

/** Columns that `applyBatch` may change, besides `last_seq`. */
const STATE_COLUMNS = [
  'last_seq',
  'attempt',
  'state',
  'irreversible',
  'error',
  'usage',
  'lease_until',
  'finished_at',
  'cursor',
  'options',
] as const;

async function lockRows({ db, dialect }: Database, batches: readonly AppendBatch[]) {
  const ids = [...new Set(batches.map((batch) => batch.executionId))];
  const found = await db.selectFrom('executions').select('task_id').where('id', 'in', padded(ids)).execute();
  const taskIds = [...new Set(found.map((row) => row.task_id))];
  if (taskIds.length === 0)
    return { executions: new Map<string, ExecutionRow>(), lastSeqs: new Map<string, number>() };
  const taskQuery = db
    .selectFrom('tasks')
    .select(['id', 'last_seq'])
    .where('id', 'in', padded(taskIds))
    .orderBy('id');
  const tasks = await forUpdate(taskQuery, dialect).execute();
  const executionQuery = db
    .selectFrom('executions')
    .selectAll('executions')
    .where('id', 'in', padded(ids))
    .orderBy('id');
  const executions = await forUpdate(executionQuery, dialect).execute();
  return {
    executions: new Map(executions.map((row) => [row.id, fromTable(row)])),
    lastSeqs: new Map(tasks.map((row) => [row.id, row.last_seq])),
  };
}

/** Most batches only add text: for those one narrow statement is enough, which touches no index. */
async function saveExecutions(
  tx: Database,
  before: ReadonlyMap<string, ExecutionRow>,
  after: ReadonlyMap<string, ExecutionRow>,
): Promise<void> {
  const advanced: ExecutionRow[] = [];
  const changed: (string | number | null)[][] = [];
  for (const row of after.values()) {
    const old = before.get(row.id);
    if (!old || old === row) continue;
    if (isOnlyAdvanced(old, row)) {
      if (old.lastSeq !== row.lastSeq) advanced.push(row);
      continue;
    }
    const columns = toTable(row);
    changed.push([row.id, ...STATE_COLUMNS.map((column) => columns[column])]);
  }
  const hasCursor = advanced.some((row) => row.cursor !== null);
  await updateMany(tx, {
    table: 'executions',
    columns: hasCursor ? ['last_seq', 'cursor'] : ['last_seq'],
    rows: advanced.map((row) => [row.id, row.lastSeq, ...(hasCursor ? [row.cursor] : [])]),
  });
  await updateMany(tx, { table: 'executions', columns: STATE_COLUMNS, rows: changed });
}

function isOnlyAdvanced(old: ExecutionRow, row: ExecutionRow): boolean {
  return (
    old.attempt === row.attempt &&
    old.state === row.state &&
    old.irreversible === row.irreversible &&
    old.usage === row.usage &&
    old.options === row.options
  );
}

function selectRange(db: Kysely<Schema>, taskId: string, { after, upTo, limit }: EventRange) {
  return db
    .selectFrom('events')
    .selectAll()
    .where('task_id', '=', taskId)
    .where('seq', '>', after)
    .where('seq', '<=', upTo)
    .orderBy('seq')
    .limit(limit);
}

function toSequenced(row: EventTable): SequencedEvent {
  return {
    seq: row.seq,
    messageId: row.message_id,
    executionId: row.execution_id,
    event: readJson<ExecutionEvent>(row.event),
  };
}
