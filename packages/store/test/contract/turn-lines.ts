import { expect, test } from 'vitest';
import { NOT_YET, newId, type Store } from '../../src/index.ts';
import { execution, message, resource, storeTask, user } from '../fixtures.ts';
import type { StoreUnderTest } from './open-store.ts';

/** The turns of Teams that limit how many run at once. */
export function turnLinesContract({ shared }: StoreUnderTest): void {
  async function turn(
    store: Store,
    teamUid: string,
    createdAt: number,
    turnLine: 'waiting' | null = 'waiting',
  ) {
    const owner = user(newId());
    await store.users.insert(owner);
    const { id: taskId } = await storeTask(store, owner);
    const row = message(taskId, { role: 'assistant', status: 'pending', createdAt, teamUid, turnLine });
    await store.messages.insert(row);
    const run = execution(
      { taskId, messageId: row.id },
      turnLine === 'waiting' ? { enqueuedAt: NOT_YET } : {},
    );
    await store.executions.insert([run]);
    return { taskId, messageId: row.id, runId: run.id };
  }

  test('wait in their order, are let in, and are no manager’s before', async () => {
    const store = shared();
    const team = newId();
    const second = await turn(store, team, 20);
    const first = await turn(store, team, 10);
    const free = await turn(store, team, 5, null);
    await turn(store, newId(), 1);
    const { turnLines, executions } = store;
    expect((await turnLines.waiting(team, 9)).map(({ messageId }) => messageId)).toEqual([
      first.messageId,
      second.messageId,
    ]);
    expect(await turnLines.waiting(team, 1)).toHaveLength(1);
    expect(await turnLines.teams()).toContain(team);
    expect(await turnLines.running(team)).toBe(1);
    const found = await turnLines.ofTask(second.taskId);
    expect(found).toEqual({
      messageId: second.messageId,
      taskId: second.taskId,
      teamUid: team,
      createdAt: 20,
    });
    expect(found && (await turnLines.before(found))).toBe(1);
    expect(await turnLines.ofTask(free.taskId)).toBeUndefined();

    const lease = { managerId: 'm', leaseUntil: 5, now: 1 };
    expect(await executions.claim(first.runId, lease)).toBeUndefined();
    expect((await executions.pending(Number.MAX_SAFE_INTEGER, 1000)).map(({ id }) => id)).toContain(
      free.runId,
    );
    expect((await executions.pending(NOT_YET, 1000)).map(({ id }) => id)).not.toContain(first.runId);
    const listed = await executions.waiting(['Chat'], 1000);
    expect(listed.find(({ id }) => id === first.runId)).toMatchObject({ heldBy: team });
    expect(listed.find(({ id }) => id === free.runId)).toMatchObject({ heldBy: null });

    expect(await turnLines.admit([first.messageId, free.messageId], 70)).toBe(1);
    expect(await turnLines.admit([], 70)).toBe(0);
    expect(await executions.get(first.runId)).toMatchObject({ enqueuedAt: 70 });
    expect(await executions.get(free.runId)).toMatchObject({ enqueuedAt: 1000 });
    expect(await executions.claim(first.runId, lease)).toMatchObject({ state: 'running' });
    expect(await turnLines.running(team)).toBe(2);
    expect((await store.messages.get(free.messageId))?.turnLine).toBeNull();
    await turnLines.awaitEnds(team);
    expect((await store.messages.get(free.messageId))?.turnLine).toBe('admitted');
    expect((await store.messages.get(second.messageId))?.turnLine).toBe('waiting');
  });

  test('are out when they are finished, and when their task is deleted', async () => {
    const store = shared();
    const team = newId();
    const turns = [await turn(store, team, 1), await turn(store, team, 2), await turn(store, team, 3, null)];
    const [finished, deleted, running] = turns;
    await store.messages.update(finished?.messageId ?? '', { status: 'cancelled', finishedAt: 9 });
    await store.tasks.delete(deleted?.taskId ?? '', 9);
    expect(await store.turnLines.waiting(team, 9)).toEqual([]);
    expect(await store.turnLines.teams()).not.toContain(team);
    expect(await store.turnLines.admit([finished?.messageId ?? ''], 9)).toBe(0);
    expect(await store.turnLines.running(team)).toBe(1);
    await store.tasks.delete(running?.taskId ?? '', 9);
    expect(await store.turnLines.running(team)).toBe(0);
  });

  test('who holds the lock of a Team is alone, and a Team that is gone has none', async () => {
    const store = shared();
    const { metadata } = await store.resources.create(resource(newId(), { kind: 'Team' }));
    const uid = metadata.uid ?? '';
    let inside = 0;
    const alone = () =>
      store.transaction(async (tx) => {
        expect((await tx.resources.lock(uid))?.metadata.name).toBe(metadata.name);
        inside += 1;
        expect(inside).toBe(1);
        await new Promise(setImmediate);
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 5 }, alone));
    await store.resources.delete('Team', metadata.namespace, metadata.name);
    expect(await store.resources.lock(uid)).toBeUndefined();
    expect(await store.resources.lock('x')).toBeUndefined();
  });
}
