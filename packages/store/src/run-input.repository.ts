import type { RunInput } from '@wegent/api';
import type { Database } from './database.ts';
import { readJson } from './row-json.ts';

/** Access to what people say to runs. */
export type RunInputRepository = ReturnType<typeof createRunInputRepository>;

/** What people say to runs while they work. Kept until the run has it, and longer: another attempt gets it again. */
export function createRunInputRepository({ db }: Database) {
  return {
    async insert(executionId: string, input: RunInput, now: number): Promise<void> {
      await db
        .insertInto('run_inputs')
        .values({
          id: input.id,
          execution_id: executionId,
          payload: JSON.stringify(input),
          created_at: now,
          received_at: null,
        })
        .execute();
    },

    /** What the run has not got yet, in order. */
    async undelivered(executionId: string, limit = 1000): Promise<RunInput[]> {
      const rows = await db
        .selectFrom('run_inputs')
        .select('payload')
        .where('execution_id', '=', executionId)
        .where('received_at', 'is', null)
        .orderBy('created_at')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map((row) => readJson<RunInput>(row.payload));
    },

    /** Notes that the run has these. */
    async markReceived(executionId: string, ids: readonly string[], now: number): Promise<void> {
      if (ids.length === 0) return;
      await db
        .updateTable('run_inputs')
        .set({ received_at: now })
        .where('execution_id', '=', executionId)
        .where('id', 'in', ids)
        .where('received_at', 'is', null)
        .execute();
    },
  };
}
