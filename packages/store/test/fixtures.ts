import { NO_USAGE, type ResourceObject } from '@wegent/api';
import {
  type ExecutionRow,
  type MessageRow,
  newId,
  type Store,
  type TaskRow,
  type UserRow,
} from '../src/index.ts';

/** An object of a kind that needs nothing else. */
export function resource(
  name: string,
  {
    kind = 'Ghost',
    namespace = 'default',
    labels,
    spec = {},
  }: {
    kind?: string;
    namespace?: string;
    labels?: Record<string, string>;
    spec?: Record<string, unknown>;
  } = {},
): ResourceObject {
  return {
    apiVersion: 'agent.wecode.io/v1',
    kind,
    metadata: { name, namespace, ...(labels ? { labels } : {}) },
    spec,
  };
}

/** A person with a new id. */
export function user(username: string, fields: Partial<UserRow> = {}): UserRow {
  return {
    id: newId(),
    username,
    displayName: null,
    email: null,
    passwordHash: null,
    role: 'user',
    namespace: username,
    disabled: false,
    sessionEpoch: 0,
    preferences: {},
    createdAt: 1000,
    lastLoginAt: null,
    ...fields,
  };
}

/** A task of this person. */
export function task(ownerId: string, fields: Partial<TaskRow> = {}): TaskRow {
  const id = fields.id ?? newId();
  return {
    id,
    namespace: 'default',
    name: `task-${id}`,
    ownerId,
    title: 'A task',
    type: 'chat',
    phase: 'Pending',
    progress: 0,
    teamNamespace: 'default',
    teamName: 'team',
    activeLeafId: null,
    lastSeq: 0,
    compactedSeq: 0,
    errorMessage: null,
    result: null,
    startedAt: null,
    finishedAt: null,
    activityAt: 1000,
    createdAt: 1000,
    deletedAt: null,
    usage: NO_USAGE,
    isGroup: false,
    branch: null,
    pullRequest: null,
    executor: null,
    workspace: null,
    ...fields,
  };
}

/** A person's message, without a client's id. */
export function message(taskId: string, fields: Partial<MessageRow> = {}): MessageRow {
  return {
    id: newId(),
    taskId,
    parentId: null,
    role: 'user',
    sender: { userId: 'somebody', name: 'Somebody' },
    text: 'Hello',
    blocks: [],
    status: 'completed',
    error: null,
    attachments: [],
    shellType: null,
    usage: null,
    clientMessageId: null,
    options: {},
    createdAt: 1000,
    finishedAt: null,
    queued: false,
    teamUid: null,
    turnLine: null,
    ...fields,
  };
}

/** A pending run. */
export function execution(
  place: { taskId: string; messageId: string },
  fields: Partial<ExecutionRow> = {},
): ExecutionRow {
  return {
    id: newId(),
    ...place,
    parentExecutionId: null,
    bot: { name: 'bot', namespace: 'default' },
    memberIndex: 0,
    shellType: 'Chat',
    state: 'pending',
    attempt: 0,
    maxAttempts: 2,
    managerId: null,
    leaseUntil: null,
    lastSeq: 0,
    irreversible: false,
    error: null,
    usage: null,
    options: {},
    createdAt: 1000,
    enqueuedAt: 1000,
    startedAt: null,
    finishedAt: null,
    cancelRequestedAt: null,
    cursor: null,
    ...fields,
  };
}

/** Stores a person's task with its document. */
export async function storeTask(
  store: Store,
  owner: UserRow,
  fields: Partial<TaskRow> = {},
): Promise<TaskRow> {
  const row = task(owner.id, fields);
  await store.transaction(async (tx) => {
    await tx.tasks.insert(row, []);
    const document = resource(row.name, { kind: 'Task', namespace: row.namespace });
    await tx.resources.create({ ...document, metadata: { ...document.metadata, uid: row.id } });
  });
  return row;
}

/** Stores a task with one run, held by manager `m1` as attempt 1 until 10,000. */
export async function storeRun(store: Store, fields: Partial<ExecutionRow> = {}): Promise<ExecutionRow> {
  const owner = user(newId());
  await store.users.insert(owner);
  const { id: taskId } = await storeTask(store, owner);
  return storeRunOf(store, { taskId, messageId: newId() }, fields);
}

/** Stores another run of a task, held like that of `storeRun`. */
export async function storeRunOf(
  store: Store,
  place: { taskId: string; messageId: string },
  fields: Partial<ExecutionRow> = {},
): Promise<ExecutionRow> {
  const row = execution(place, {
    state: 'running',
    attempt: 1,
    managerId: 'm1',
    leaseUntil: 10_000,
    startedAt: 1000,
    ...fields,
  });
  await store.executions.insert([row]);
  return row;
}
