import type { Outcome, Usage } from '@wegent/api';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from './database.ts';

/** What one run used. */
export interface UsageRow {
  executionId: string;
  taskId: string;
  userId: string;
  namespace: string;
  team: string;
  bot: string;
  model: string;
  at: number;
  usage: Usage;
  durationMs: number;
  outcome: Outcome;
}

/** By what `summary` adds up. */
export type UsageGroup = 'user' | 'team' | 'model' | 'day';

/** The sum of one group. `key` is a user id, a team or model as it was recorded, or a day in UTC (`2025-01-31`). */
export interface UsageSummary {
  key: string;
  runs: number;
  failed: number;
  durationMs: number;
  /** `costUsd` is null when no run of the group has a price. */
  usage: Usage;
}

/** Access to usage. */
export type UsageRepository = ReturnType<typeof createUsageRepository>;

/** The books: one record for each run that is over. */
export function createUsageRepository({ db }: Database) {
  return {
    /** Books a run; the same run a second time changes nothing. */
    async record(row: UsageRow): Promise<void> {
      await db
        .insertInto('usage_records')
        .ignore()
        .values({
          execution_id: row.executionId,
          task_id: row.taskId,
          user_id: row.userId,
          namespace: row.namespace,
          team: row.team,
          bot: row.bot,
          model: row.model,
          at: row.at,
          input_tokens: row.usage.inputTokens,
          cached_input_tokens: row.usage.cachedInputTokens,
          output_tokens: row.usage.outputTokens,
          reasoning_tokens: row.usage.reasoningTokens,
          cost_usd: row.usage.costUsd,
          duration_ms: row.durationMs,
          outcome: row.outcome,
        })
        .execute();
    },

    /** Sums over `from` ≤ time < `to`, of one person or of all, in the order of the keys. */
    async summary({
      from,
      to,
      groupBy,
      userId,
    }: {
      from: number;
      to: number;
      groupBy: UsageGroup;
      userId?: string;
    }): Promise<UsageSummary[]> {
      const key = GROUP_KEYS[groupBy];
      const query = db
        .selectFrom('usage_records')
        .select(({ fn }) => [
          key.as('group_key'),
          fn.countAll<number>().as('runs'),
          sql<number>`sum(case when outcome = 'failed' then 1 else 0 end)`.as('failed'),
          fn.sum<number>('duration_ms').as('duration_ms'),
          fn.sum<number>('input_tokens').as('input_tokens'),
          fn.sum<number>('cached_input_tokens').as('cached_input_tokens'),
          fn.sum<number>('output_tokens').as('output_tokens'),
          fn.sum<number>('reasoning_tokens').as('reasoning_tokens'),
          fn.sum<number | null>('cost_usd').as('cost_usd'),
        ])
        .where('at', '>=', from)
        .where('at', '<', to)
        .groupBy(key)
        .orderBy('group_key');
      const rows = await (userId === undefined ? query : query.where('user_id', '=', userId)).execute();
      return rows.map((row) => ({
        key:
          typeof row.group_key === 'number'
            ? new Date(row.group_key).toISOString().slice(0, 10)
            : row.group_key,
        runs: row.runs,
        failed: row.failed,
        durationMs: row.duration_ms,
        usage: {
          inputTokens: row.input_tokens,
          cachedInputTokens: row.cached_input_tokens,
          outputTokens: row.output_tokens,
          reasoningTokens: row.reasoning_tokens,
          costUsd: row.cost_usd,
        },
      }));
    },
  };
}

const DAY_MS = 86_400_000;

const GROUP_KEYS: Record<UsageGroup, RawBuilder<string | number>> = {
  user: sql`user_id`,
  team: sql`team`,
  model: sql`model`,
  day: sql`${sql.ref('at')} - ${sql.ref('at')} % ${sql.lit(DAY_MS)}`,
};
