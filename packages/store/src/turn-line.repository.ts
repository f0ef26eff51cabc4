import type { ExpressionBuilder } from 'kysely';
import type { Database } from './database.ts';
import { NOT_YET } from './execution.repository.ts';
import type { Schema } from './schema.ts';

/**
 * Where an answer stands in the line of its Team: it waits to be let in, or it is in and somebody may wait for its
 * end. Null where nobody has looked: its Team had no limit when it began.
 */
export type TurnLine = 'waiting' | 'admitted';

/** A turn that waits. */
export interface WaitingTurn {
  messageId: string;
  taskId: string;
  teamUid: string;
  createdAt: number;
}

/** Access to the lines of Teams. */
export type TurnLineRepository = ReturnType<typeof createTurnLineRepository>;

const UNFINISHED = ['pending', 'running', 'waiting'] as const;

/**
 * The turns of Teams that limit how many run at once. A turn is an answer, from its beginning until it is written
 * to its end; deleted tasks have none. Who lets turns in holds the lock of the Team (`resources.lock`), so that
 * nobody counts beside him.
 */
export function createTurnLineRepository({ db }: Database) {
  const unfinished = (teamUid: string) =>
    db
      .selectFrom('messages')
      .where('messages.status', 'in', UNFINISHED)
      .where('messages.role', '=', 'assistant')
      .where('messages.finished_at', 'is', null)
      .where('messages.team_uid', '=', teamUid)
      .where(({ exists, selectFrom }) => exists(liveTask(selectFrom)));

  const waiting = () =>
    db
      .selectFrom('messages')
      .where('messages.status', '=', 'pending')
      .where('messages.turn_line', '=', 'waiting')
      .where(({ exists, selectFrom }) => exists(liveTask(selectFrom)));

  return {
    /** How many turns of a Team are in. */
    async running(teamUid: string): Promise<number> {
      const { count } = await unfinished(teamUid)
        .where((where) =>
          where.or([where('messages.turn_line', 'is', null), where('messages.turn_line', '=', 'admitted')]),
        )
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    /** The turns of a Team that wait, oldest first. */
    async waiting(teamUid: string, limit: number): Promise<WaitingTurn[]> {
      const rows = await waiting()
        .where('messages.team_uid', '=', teamUid)
        .select(['messages.id', 'messages.task_id', 'messages.created_at'])
        .orderBy('messages.created_at')
        .orderBy('messages.id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        messageId: row.id,
        taskId: row.task_id,
        teamUid,
        createdAt: row.created_at,
      }));
    },

    /** The Teams for which turns wait. */
    async teams(): Promise<string[]> {
      const rows = await waiting().select('messages.team_uid').distinct().execute();
      return rows.flatMap(({ team_uid: uid }) => (uid === null ? [] : [uid]));
    },

    /** The turn of a task that waits. */
    async ofTask(taskId: string): Promise<WaitingTurn | undefined> {
      const row = await db
        .selectFrom('messages')
        .select(['id', 'team_uid', 'created_at'])
        .where('task_id', '=', taskId)
        .where('queued', '=', 0)
        .where('status', '=', 'pending')
        .where('turn_line', '=', 'waiting')
        .executeTakeFirst();
      if (!row || row.team_uid === null) return undefined;
      return { messageId: row.id, taskId, teamUid: row.team_uid, createdAt: row.created_at };
    },

    /** How many turns wait before this one, in the line of its Team. */
    async before({ teamUid, createdAt, messageId }: WaitingTurn): Promise<number> {
      const { count } = await waiting()
        .where('messages.team_uid', '=', teamUid)
        .where((where) =>
          where.or([
            where('messages.created_at', '<', createdAt),
            where.and([where('messages.created_at', '=', createdAt), where('messages.id', '<', messageId)]),
          ]),
        )
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    /** Lets turns in: managers may take their runs. Answers how many were still waiting. */
    async admit(messageIds: readonly string[], now: number): Promise<number> {
      if (messageIds.length === 0) return 0;
      const { numUpdatedRows } = await db
        .updateTable('messages')
        .set({ turn_line: 'admitted' })
        .where('id', 'in', messageIds)
        .where('status', '=', 'pending')
        .where('turn_line', '=', 'waiting')
        .executeTakeFirst();
      await db
        .updateTable('executions')
        .set({ enqueued_at: now })
        .where('message_id', 'in', messageIds)
        .where('enqueued_at', '=', NOT_YET)
        .execute();
      return Number(numUpdatedRows);
    },

    /** Notes in the turns of a Team that began before it had a limit that somebody waits for their end. */
    async awaitEnds(teamUid: string): Promise<void> {
      await db
        .updateTable('messages')
        .set({ turn_line: 'admitted' })
        .where('status', 'in', UNFINISHED)
        .where('team_uid', '=', teamUid)
        .where('turn_line', 'is', null)
        .execute();
    },
  };
}

function liveTask(selectFrom: ExpressionBuilder<Schema, 'messages'>['selectFrom']) {
  return selectFrom('tasks')
    .select('tasks.id')
    .whereRef('tasks.id', '=', 'messages.task_id')
    .where('tasks.deleted_at', 'is', null);
}
