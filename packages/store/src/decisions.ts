import type { ExecutionEvent } from '@wegent/api';
import type { Kysely } from 'kysely';
import type { ApprovalRow, ApprovalState } from './approval.repository.ts';
import { padded } from './portable.ts';
import { writeOptionalJson } from './row-json.ts';
import type { Schema } from './schema.ts';

/** Characters of an id at most: what the column holds. */
const MAX_ID = 200;

/** What the events of a batch ask people, and what they close. Pure fold over the questions that were open. */
export interface DecisionChange {
  opened: Pick<ApprovalRow, 'id' | 'type' | 'tool' | 'title' | 'input' | 'reason'>[];
  closed: { id: string; state: Exclude<ApprovalState, 'pending'>; by: string | null }[];
}

/** Do these events open or close questions? Most do not, and cost nothing then. */
export function touchesDecisions(events: readonly ExecutionEvent[]): boolean {
  return events.some(
    ({ type }) =>
      type === 'approval-request' ||
      type === 'approval-decided' ||
      type === 'question' ||
      type === 'question-answered' ||
      type === 'block-reset' ||
      type === 'finish',
  );
}

/** The change that new events of a run make to its open questions; `open` becomes what is open afterwards. */
export function changeDecisions(open: Set<string>, events: readonly ExecutionEvent[]): DecisionChange {
  const change: DecisionChange = { opened: [], closed: [] };
  const close = (id: string, state: Exclude<ApprovalState, 'pending'>, by: string | null) => {
    if (open.delete(id)) change.closed.push({ id, state, by });
  };
  const ask = (asked: DecisionChange['opened'][number]) => {
    // One that cannot be stored would hold up the events of everybody in the same transaction.
    if (asked.id === '' || asked.id.length > MAX_ID) return;
    open.add(asked.id);
    change.closed = change.closed.filter(({ id }) => id !== asked.id);
    change.opened = [...change.opened.filter(({ id }) => id !== asked.id), asked];
  };
  for (const event of events) {
    switch (event.type) {
      case 'approval-request': {
        const { approvalId: id, tool, title, input, reason } = event;
        ask({ id, type: 'approval', tool, title, input, reason });
        break;
      }
      case 'question': {
        const { questionId: id, questions } = event;
        const title = questions[0]?.text ?? '';
        ask({ id, type: 'question', tool: null, title, input: questions, reason: null });
        break;
      }
      case 'approval-decided':
        close(event.approvalId, event.decision, event.by ?? null);
        break;
      case 'question-answered':
        close(event.questionId, 'answered', null);
        break;
      case 'block-reset':
        // A new attempt takes back what the one before asked.
        close(event.blockId, 'expired', null);
        break;
      case 'finish':
        for (const id of [...open]) close(id, 'expired', null);
        break;
      default:
        break;
    }
  }
  return change;
}

/** Ids of the questions that are open, by run. */
export async function selectOpen(
  db: Kysely<Schema>,
  executionIds: readonly string[],
): Promise<Map<string, Set<string>>> {
  const open = new Map(executionIds.map((id) => [id, new Set<string>()]));
  if (executionIds.length === 0) return open;
  const rows = await db
    .selectFrom('approvals')
    .select(['execution_id', 'id'])
    .where('execution_id', 'in', padded(executionIds))
    .where('state', '=', 'pending')
    .execute();
  for (const row of rows) open.get(row.execution_id)?.add(row.id);
  return open;
}

/** Stores what runs asked and what was closed. */
export async function saveDecisions(
  db: Kysely<Schema>,
  changes: readonly { taskId: string; executionId: string; change: DecisionChange }[],
  now: number,
): Promise<void> {
  for (const { taskId, executionId, change } of changes) {
    for (const { id, type, tool, title, input, reason } of change.opened) {
      // An attempt that goes on where another ended may ask again under the same id.
      await db.deleteFrom('approvals').where('execution_id', '=', executionId).where('id', '=', id).execute();
      await db
        .insertInto('approvals')
        .values({
          execution_id: executionId,
          id,
          type,
          task_id: taskId,
          tool,
          title,
          input: writeOptionalJson(input),
          reason,
          state: 'pending',
          created_at: now,
          decided_at: null,
          decided_by: null,
          remember: null,
        })
        .execute();
    }
    for (const { id, state, by } of change.closed) {
      await db
        .updateTable('approvals')
        .set({ state, decided_by: by, decided_at: now })
        .where('execution_id', '=', executionId)
        .where('id', '=', id)
        .where('state', '=', 'pending')
        .execute();
    }
  }
}
