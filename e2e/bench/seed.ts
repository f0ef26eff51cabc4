import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { API_VERSION, NO_USAGE } from '@wegent/api';
import { newId, openStore, type Store, type TaskRow } from '@wegent/store';

/** Somebody who uses the product, with an API key in place of a password: hashing a thousand would take a minute. */
export interface Person {
  userId: string;
  namespace: string;
  token: string;
}

/** The Team of all benchmarks, one of the built-in ones. */
export const TEAM = { name: 'assistant', namespace: 'public' } as const;

const BATCH = 500;

/** Opens the database of a data folder, before the product does. */
export async function seed<T>(dataDir: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ url: `sqlite:${path.join(dataDir, 'wegent.db')}` });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Writes people; the first is an administrator. */
export function seedPeople(store: Store, count: number): Promise<Person[]> {
  return store.transaction(async (tx) => {
    const people: Person[] = [];
    for (let index = 0; index < count; index += 1) people.push(await seedPerson(tx, index));
    return people;
  });
}

async function seedPerson(tx: Store, index: number): Promise<Person> {
  const createdAt = Date.now();
  const userId = newId();
  const namespace = index === 0 ? 'default' : `person-${index}`;
  const token = `wg_${randomBytes(32).toString('base64url')}`;
  await tx.users.insert({
    id: userId,
    username: `person-${index}`,
    displayName: null,
    email: null,
    passwordHash: null,
    role: index === 0 ? 'admin' : 'user',
    namespace,
    disabled: false,
    sessionEpoch: 0,
    preferences: {},
    createdAt,
    lastLoginAt: null,
  });
  await tx.namespaces.insert({
    name: namespace,
    type: 'personal',
    ownerId: userId,
    displayName: null,
    createdAt,
  });
  await tx.apiKeys.insert({
    id: newId(),
    userId,
    name: 'bench',
    prefix: token.slice(0, 9),
    keyHash: createHash('sha256').update(token).digest('hex'),
    createdAt,
    expiresAt: null,
    lastUsedAt: null,
  });
  return { userId, namespace, token };
}

/** Writes finished conversations of one person, as the product leaves them. */
export async function seedTasks(store: Store, owner: Person, count: number): Promise<void> {
  const first = Date.now() - count * 1000;
  for (let done = 0; done < count; done += BATCH) {
    await store.transaction(async (tx) => {
      for (let index = done; index < Math.min(count, done + BATCH); index += 1)
        await seedTask(tx, owner, first + index * 1000);
    });
  }
}

async function seedTask(tx: Store, { userId, namespace }: Person, at: number): Promise<void> {
  const id = newId();
  const title = `How do I measure the speed of list number ${at % 100_000}?`;
  const task: TaskRow = {
    id,
    namespace,
    name: `task-${id}`,
    ownerId: userId,
    title,
    type: 'chat',
    phase: 'Completed',
    progress: 100,
    teamNamespace: TEAM.namespace,
    teamName: TEAM.name,
    activeLeafId: null,
    lastSeq: 0,
    compactedSeq: 0,
    errorMessage: null,
    result: 'By asking for it often, at a steady rate, and by looking at the slowest answers first. '.repeat(
      8,
    ),
    startedAt: at,
    finishedAt: at,
    activityAt: at,
    createdAt: at,
    deletedAt: null,
    usage: NO_USAGE,
    isGroup: false,
    branch: null,
    pullRequest: null,
    executor: null,
    workspace: null,
  };
  await tx.resources.create({
    apiVersion: API_VERSION,
    kind: 'Task',
    metadata: { uid: id, name: task.name, namespace, generation: 1 },
    spec: { title, prompt: title, teamRef: TEAM, type: 'chat' },
  });
  await tx.tasks.insert(task, []);
}
