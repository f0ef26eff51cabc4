import type { DifyEvent } from './dify-event.ts';

/** What a run is called in Dify: to stop it, to find it again, to go on with its conversation. */
export interface RunIds {
  taskId?: string;
  messageId?: string;
  conversationId?: string;
  workflowRunId?: string;
}

/** Where a run is: its names, and how many blocks of text were begun. */
export interface RunPlace {
  ids: RunIds;
  blocks: number;
}

/** Ids go into paths, and they come from a server that people name: anything else does not count. */
const ID = /^[\w-]{1,128}$/;
const MAX_CURSOR = 200;

/** The names with those that an event adds; the first ones stay. */
export function withIds(ids: RunIds, event: DifyEvent): RunIds {
  const isChat =
    event.event === 'message' || event.event === 'agent_message' || event.event === 'message_end';
  const found = {
    taskId: ids.taskId ?? valid(event.task_id),
    messageId: ids.messageId ?? valid(event.message_id ?? (isChat ? event.id : undefined)),
    conversationId: ids.conversationId ?? valid(event.conversation_id),
    workflowRunId: ids.workflowRunId ?? valid(event.workflow_run_id),
  };
  return Object.fromEntries(Object.entries(found).filter(([, id]) => id !== undefined));
}

/** The place as a cursor, if it is short enough for one. */
export function toCursor({ ids, blocks }: RunPlace): string | undefined {
  const cursor = JSON.stringify({
    t: ids.taskId,
    m: ids.messageId,
    c: ids.conversationId,
    w: ids.workflowRunId,
    n: blocks,
  });
  return cursor.length <= MAX_CURSOR ? cursor : undefined;
}

/** The place that a cursor stands for. */
export function fromCursor(cursor: string): RunPlace | undefined {
  try {
    const { t, m, c, w, n } = JSON.parse(cursor);
    const ids = { taskId: valid(t), messageId: valid(m), conversationId: valid(c), workflowRunId: valid(w) };
    const known = Object.fromEntries(Object.entries(ids).filter(([, id]) => id !== undefined));
    return { ids: known, blocks: Number.isSafeInteger(n) ? Math.min(Math.max(n, 0), 1_000) : 0 };
  } catch {
    return undefined;
  }
}

/** Can the run be found again by these names? */
export function isFindable(ids: RunIds): boolean {
  return ids.workflowRunId !== undefined || (ids.conversationId !== undefined && ids.messageId !== undefined);
}

function valid(id: unknown): string | undefined {
  return typeof id === 'string' && ID.test(id) ? id : undefined;
}
