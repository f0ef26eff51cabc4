import {
  ApiError,
  type ChatResumeAck,
  type Message,
  type SequencedEvent,
  type TaskItem,
  type TaskJoinAck,
  type TaskPhase,
} from '@wegent/api';
import type { Store, TaskRow } from '@wegent/store';
import type { Principal } from '../auth/principal.ts';
import type { Publisher } from '../realtime/publisher.ts';
import { readConversation, toMessages } from './conversation.ts';
import { findParticipants } from './participants.ts';
import { toTaskItem } from './task-item.ts';

const PAGE = 50;
/** Events that one resume sends; a client that is further behind gets a snapshot. */
const MAX_RESUME_EVENTS = 5_000;

/** What may change of a task. */
export interface TaskChange {
  title?: string | undefined;
  /** User names of all who take part besides the owner. */
  participants?: readonly string[] | undefined;
}

/** Tasks as people see them. */
export type TaskService = ReturnType<typeof createTaskService>;

/** Lists, pages and rooms of tasks. Only members of a task see it; for all others it does not exist. */
export function createTaskService({
  store,
  publisher,
  waitingOf,
  now = Date.now,
}: {
  store: Store;
  publisher: Publisher;
  /** Why the runs of a task do not begin. */
  waitingOf: (taskId: string) => Promise<TaskItem['waiting']>;
  now?: () => number;
}) {
  async function require(principal: Principal, taskId: string): Promise<TaskRow> {
    const task = await store.tasks.get(taskId);
    if (!task || !(await store.tasks.isMember(taskId, principal.userId))) throw notFound(taskId);
    return task;
  }

  async function requireOwner(principal: Principal, taskId: string): Promise<TaskRow> {
    const task = await require(principal, taskId);
    if (task.ownerId === principal.userId) return task;
    throw new ApiError('Forbidden', 'only the owner of a conversation may do this');
  }

  async function item(principal: Principal, taskId: string): Promise<TaskItem> {
    const row = await store.tasks.getItem(taskId, principal.userId);
    if (!row) throw notFound(taskId);
    return withWaiting(toTaskItem(row));
  }

  async function withWaiting(item: TaskItem): Promise<TaskItem> {
    const waiting = item.phase === 'Pending' ? await waitingOf(item.taskId) : undefined;
    if (!waiting) return item;
    const { why, message, place } = waiting;
    return { ...item, waiting: { why, message, place } };
  }

  /** Tells those who stay, those who came and those who must go. */
  async function tellMembers(taskId: string, before: ReadonlySet<string>): Promise<void> {
    const members = (await store.tasks.members(taskId)).map((member) => member.userId);
    for (const userId of [...before].filter((known) => !members.includes(known))) {
      publisher.leaveTask(userId, taskId);
      publisher.toUsers([userId], 'task:deleted', { taskId });
    }
    for (const userId of members) {
      const row = await store.tasks.getItem(taskId, userId);
      const event = before.has(userId) ? 'task:updated' : 'task:created';
      if (row) publisher.toUsers([userId], event, { task: toTaskItem(row) });
    }
  }

  return {
    require,
    requireOwner,
    notFound,
    item,

    /** One page of the caller's tasks, newest activity first. */
    async list(
      principal: Principal,
      query: {
        limit: number;
        before?: { activityAt: number; id: string } | undefined;
        search?: string | undefined;
        type?: 'chat' | 'code' | undefined;
        phases?: TaskPhase[] | undefined;
      },
    ): Promise<{ items: TaskItem[]; next?: { activityAt: number; id: string } }> {
      const rows = await store.tasks.list({ userId: principal.userId, ...query, limit: query.limit + 1 });
      const page = rows.slice(0, query.limit);
      const last = page.at(-1);
      return {
        items: page.map(toTaskItem),
        ...(rows.length > query.limit && last ? { next: { activityAt: last.activityAt, id: last.id } } : {}),
      };
    },

    /** The state of a conversation at one moment: `messages` are folded to exactly `lastSeq`. */
    async open(principal: Principal, taskId: string): Promise<TaskJoinAck> {
      await require(principal, taskId);
      const read = await store.transaction(async (tx) => {
        const row = await tx.tasks.getItem(taskId, principal.userId);
        if (!row) throw notFound(taskId);
        const page = await readConversation(tx, {
          taskId,
          leafId: row.activeLeafId,
          limit: PAGE,
          upTo: row.lastSeq,
        });
        const queued = await toMessages(tx, await tx.messages.queued(taskId));
        const running = (await tx.executions.activeOfTask(taskId)).map((execution) => execution.id);
        return { row, page, queued, running };
      });
      const { messages, continue: before } = read.page;
      return {
        task: await withWaiting(toTaskItem(read.row)),
        messages,
        queued: read.queued,
        lastSeq: read.row.lastSeq,
        running: read.running,
        ...(before === undefined ? {} : { continue: before }),
      };
    },

    /** The events after `afterSeq`; what is not kept any more, or is too much, comes as a snapshot. */
    async resume(principal: Principal, taskId: string, afterSeq: number): Promise<ChatResumeAck> {
      await require(principal, taskId);
      return store.transaction(async (tx) => {
        const task = await tx.tasks.get(taskId);
        if (!task) throw notFound(taskId);
        checkPlace(task, afterSeq, 'afterSeq');
        if (afterSeq < task.compactedSeq || task.lastSeq - afterSeq > MAX_RESUME_EVENTS) {
          return { snapshot: await snapshotOf(tx, task), events: [], lastSeq: task.lastSeq };
        }
        const events = await tx.events.ofTask(taskId, {
          after: afterSeq,
          upTo: task.lastSeq,
          limit: MAX_RESUME_EVENTS,
        });
        return { events, lastSeq: task.lastSeq };
      });
    },

    /** A page of the active path. */
    async messages(
      principal: Principal,
      taskId: string,
      { before, limit }: { before?: string | undefined; limit: number },
    ) {
      await require(principal, taskId);
      return store.transaction(async (tx) => {
        const task = await tx.tasks.get(taskId);
        if (!task) throw notFound(taskId);
        return readConversation(tx, { taskId, leafId: task.activeLeafId, before, limit, upTo: task.lastSeq });
      });
    },

    /** Messages of the active path after one that the client has; all of the page when it has none. */
    async messagesAfter(
      principal: Principal,
      taskId: string,
      afterMessageId: string | null,
    ): Promise<Message[]> {
      const { messages } = await this.messages(principal, taskId, { limit: 500 });
      if (afterMessageId === null) return messages;
      const index = messages.findIndex((message) => message.id === afterMessageId);
      if (index === -1)
        throw new ApiError(
          'NotFound',
          `message "${afterMessageId}" is not on the active path of this conversation`,
        );
      return messages.slice(index + 1);
    },

    /** Refuses a number that the events of the task have not reached yet. */
    async checkAfter(principal: Principal, taskId: string, after: number): Promise<void> {
      checkPlace(await require(principal, taskId), after, 'after');
    },

    /** Stored events after a number, for server-sent events; what is not kept any more comes as a snapshot. */
    async eventsAfter(
      principal: Principal,
      taskId: string,
      after: number,
      limit: number,
    ): Promise<{ snapshot?: ChatResumeAck['snapshot']; events: SequencedEvent[] }> {
      const task = await require(principal, taskId);
      if (after < task.compactedSeq) {
        const snapshot = await store.transaction(async (tx) => {
          const now = await tx.tasks.get(taskId);
          if (!now) throw notFound(taskId);
          return snapshotOf(tx, now);
        });
        return { snapshot, events: [] };
      }
      return { events: await store.events.ofTask(taskId, { after, upTo: task.lastSeq, limit }) };
    },

    /** Gives the conversation another title or, if the caller owns it, other participants. */
    async change(
      principal: Principal,
      taskId: string,
      { title, participants }: TaskChange,
    ): Promise<TaskItem> {
      const rights = participants === undefined ? require : requireOwner;
      await rights(principal, taskId);
      const users = participants && (await findParticipants(store, participants));
      const before = await store.tasks.members(taskId);
      await store.transaction(async (tx) => {
        const object = await tx.resources.lock(taskId);
        if (!object) throw notFound(taskId);
        if (users) {
          const userIds = users.map((user) => user.id);
          await tx.tasks.setMembers(taskId, userIds);
          await tx.tasks.update(taskId, { isGroup: userIds.length > 0 });
        }
        if (title !== undefined) await tx.tasks.update(taskId, { title });
        const spec = {
          ...object.spec,
          ...(title === undefined ? {} : { title }),
          ...(users ? { participants: users.map((user) => user.username) } : {}),
        };
        const metadata = { ...object.metadata, generation: (object.metadata.generation ?? 1) + 1 };
        await tx.resources.update({ ...object, metadata, spec }, object.metadata.resourceVersion ?? '');
      });
      await tellMembers(taskId, new Set(before.map((member) => member.userId)));
      return item(principal, taskId);
    },

    /** Makes the version of a message, and the newest conversation below it, the active path. */
    async select(principal: Principal, taskId: string, messageId: string): Promise<void> {
      await require(principal, taskId);
      await store.transaction(async (tx) => {
        const message = await tx.messages.get(messageId);
        if (!message || message.taskId !== taskId || message.queued) {
          throw new ApiError('NotFound', `message "${messageId}" not found in this conversation`);
        }
        await tx.tasks.update(taskId, { activeLeafId: await tx.messages.newestLeaf(taskId, messageId) });
      });
    },

    /** The caller has seen everything up to now. */
    async markRead(principal: Principal, taskId: string): Promise<void> {
      const task = await require(principal, taskId);
      await store.tasks.markRead(taskId, principal.userId, now());
      publisher.toUsers([principal.userId], 'task:status', {
        taskId,
        phase: task.phase,
        progress: task.progress,
        updatedAt: new Date(task.activityAt).toISOString(),
        unread: false,
      });
    },
  };
}

async function snapshotOf(tx: Store, task: TaskRow): Promise<NonNullable<ChatResumeAck['snapshot']>> {
  const { id: taskId, activeLeafId: leafId, lastSeq: upTo } = task;
  const { messages } = await readConversation(tx, { taskId, leafId, limit: PAGE, upTo });
  return { messages, seq: upTo };
}

function checkPlace(task: TaskRow, after: number, field: string): void {
  if (after <= task.lastSeq) return;
  throw new ApiError('Invalid', `${field} is ${after}, but this task has only ${task.lastSeq} events`, {
    details: {
      causes: [{ reason: 'FieldValueInvalid', field, message: `must be at most ${task.lastSeq}` }],
    },
  });
}

function notFound(taskId: string): ApiError {
  return new ApiError('NotFound', `tasks.agent.wecode.io "${taskId}" not found`, {
    details: { name: taskId, group: 'agent.wecode.io', kind: 'tasks' },
  });
}
