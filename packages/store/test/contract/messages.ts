import { NO_USAGE } from '@wegent/api';
import { expect, test } from 'vitest';
import { newId, type Store } from '../../src/index.ts';
import { execution, message, task } from '../fixtures.ts';
import type { StoreUnderTest } from './open-store.ts';

/** Messages: their tree, their texts, their ids. */
export function messagesContract({ shared }: StoreUnderTest): void {
  test('gives back every field, whatever the text', async () => {
    const { messages } = shared();
    const text = `工程 🚀 NUL:\u0000 trailing  \n${'x'.repeat(1_000_000)}`;
    const row = message(newId(), {
      role: 'assistant',
      sender: { bot: { name: 'bot', namespace: 'ns' } },
      text,
      blocks: [{ type: 'text', blockId: 'b', executionId: 'e', text: '\u0000🚀', done: true }],
      status: 'failed',
      error: { reason: 'Timeout', message: 'too slow', retryable: true },
      attachments: [{ id: 'a', name: 'f.txt', mediaType: 'text/plain', size: 3 }],
      shellType: 'Chat',
      usage: { ...NO_USAGE, inputTokens: 3, costUsd: 0.25 },
      options: { whenBusy: 'queue' },
      finishedAt: 2000,
    });
    await messages.insert(row);
    expect(await messages.get(row.id)).toEqual(row);
    const patch = {
      text: 'short ',
      error: null,
      usage: null,
      status: 'completed',
      finishedAt: null,
    } as const;
    await messages.update(row.id, patch);
    expect(await messages.get(row.id)).toEqual({ ...row, ...patch });
    expect(await messages.getMany(['nothing', row.id])).toHaveLength(1);
    expect(await messages.get('nothing')).toBeUndefined();
  });

  test('takes a clientMessageId once for each sender', async () => {
    const { messages } = shared();
    const [userId, clientMessageId] = [newId(), 'c1'];
    const mine = { sender: { userId, name: 'U' }, clientMessageId };
    const attempts = await Promise.allSettled(
      Array.from({ length: 5 }, () => messages.insert(message(newId(), mine))),
    );
    expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
    const refused = attempts.find((attempt) => attempt.status === 'rejected');
    expect(refused?.reason).toMatchObject({ reason: 'AlreadyExists' });
    expect((await messages.byClientId(userId, 'c1'))?.clientMessageId).toBe('c1');
    expect(await messages.byClientId(userId, 'C1')).toBeUndefined();
    expect(await messages.byClientId(userId, 'c1 ')).toBeUndefined();
    await messages.insert(message(newId(), { ...mine, clientMessageId: 'c1 ' }));
    await messages.insert(message(newId(), { sender: { userId: newId(), name: 'V' }, clientMessageId }));
    await messages.insert(message(newId(), { sender: { userId, name: 'U' } }));
    await messages.insert(message(newId(), { sender: { userId, name: 'U' } }));
  });

  test('walks the tree: children, siblings, paths, leaves', async () => {
    const store = shared();
    const taskId = newId();
    // question ─ answer ─ follow-up ─ reply
    //          └ answer again
    // question edited
    const question = await say(store, taskId, null, 1);
    const answer = await say(store, taskId, question, 2);
    const followUp = await say(store, taskId, answer, 3);
    const reply = await say(store, taskId, followUp, 4);
    const again = await say(store, taskId, question, 5);
    const edited = await say(store, taskId, null, 6);
    const queued = await say(store, taskId, question, 7, { queued: true });
    const { messages } = store;
    const ids = (rows: { id: string }[]) => rows.map((row) => row.id);

    expect(ids(await messages.children(taskId, null))).toEqual([question, edited]);
    expect(ids(await messages.children(taskId, question))).toEqual([answer, again]);
    expect(await messages.children(taskId, reply)).toEqual([]);
    expect(ids(await messages.path(taskId, reply, { limit: 10 }))).toEqual([
      question,
      answer,
      followUp,
      reply,
    ]);
    expect(ids(await messages.path(taskId, reply, { limit: 2 }))).toEqual([followUp, reply]);
    expect(ids(await messages.path(taskId, reply, { before: followUp, limit: 1 }))).toEqual([answer]);
    expect(ids(await messages.path(taskId, reply, { before: question, limit: 5 }))).toEqual([]);
    expect(ids(await messages.path(newId(), reply, { limit: 10 }))).toEqual([]);
    const places = await messages.siblings(taskId, [again, edited, reply, queued]);
    expect(places.get(again)).toEqual({ index: 2, count: 2, ids: [answer, again] });
    expect(places.get(edited)).toEqual({ index: 2, count: 2, ids: [question, edited] });
    expect(places.get(reply)).toEqual({ index: 1, count: 1, ids: [reply] });
    expect(places.get(queued)).toEqual({ index: 1, count: 1, ids: [queued] });
    expect(await messages.newestLeaf(taskId, question)).toBe(again);
    expect(await messages.newestLeaf(taskId, answer)).toBe(reply);

    expect(ids(await messages.queued(taskId))).toEqual([queued]);
    await messages.remove(reply);
    expect(await messages.get(reply)).toBeDefined();
    await messages.update(queued, { queued: false, parentId: reply });
    expect(await messages.newestLeaf(taskId, answer)).toBe(queued);
    await messages.remove(await say(store, taskId, reply, 8, { queued: true }));
    expect(await messages.queued(taskId)).toEqual([]);
  });

  test('reads a path of more than a thousand messages', async () => {
    const store = shared();
    const taskId = newId();
    let leaf: string | null = null;
    await store.transaction(async (tx) => {
      leaf = null;
      for (let index = 0; index < 1500; index += 1) leaf = await say(tx, taskId, leaf, index);
    });
    const path = await store.messages.path(taskId, leaf ?? '', { limit: 10_000 });
    expect(path).toHaveLength(1500);
    expect(path[0]?.createdAt).toBe(0);
  });

  test('finds answers of live tasks whose runs are all over', async () => {
    const store = shared();
    const states = { done: ['completed', 'failed'], busy: ['completed', 'running'] } as const;
    const live = task(newId());
    const gone = task(newId());
    const found: string[] = [];
    for (const row of [live, gone]) {
      await store.tasks.insert(row, []);
      for (const [name, runs] of Object.entries(states)) {
        const answer = message(row.id, { role: 'assistant', status: 'running', createdAt: 0 });
        await store.messages.insert(answer);
        await store.executions.insert(
          runs.map((state) => execution({ taskId: row.id, messageId: answer.id }, { state })),
        );
        if (row === live && name === 'done') found.push(answer.id);
      }
    }
    await store.tasks.delete(gone.id, 1);
    const unfinished = (await store.messages.unfinished(1000)).filter((row) =>
      [live.id, gone.id].includes(row.taskId),
    );
    expect(unfinished.map((row) => row.id)).toEqual(found);
  });

  test('finds live tasks whose messages wait for nobody', async () => {
    const store = shared();
    const tasks = { idle: task(newId()), busy: task(newId()), gone: task(newId()), empty: task(newId()) };
    for (const row of Object.values(tasks)) await store.tasks.insert(row, []);
    for (const { id } of [tasks.idle, tasks.busy, tasks.gone])
      await say(store, id, null, 1, { queued: true });
    await say(store, tasks.empty.id, null, 1);
    await store.executions.insert([
      execution({ taskId: tasks.busy.id, messageId: newId() }, { state: 'pending' }),
    ]);
    await store.executions.insert([
      execution({ taskId: tasks.idle.id, messageId: newId() }, { state: 'failed' }),
    ]);
    await store.tasks.delete(tasks.gone.id, 1);
    const ids = new Set(Object.values(tasks).map((row) => row.id));
    expect((await store.messages.idleQueues(1000)).filter((id) => ids.has(id))).toEqual([tasks.idle.id]);
  });
}

async function say(
  store: Store,
  taskId: string,
  parentId: string | null,
  createdAt: number,
  fields: { queued?: boolean } = {},
): Promise<string> {
  const row = message(taskId, { parentId, createdAt, ...fields });
  await store.messages.insert(row);
  return row.id;
}
