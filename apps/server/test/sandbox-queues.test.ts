import type { ManagerReport } from '@wegent/api';
import { openQueue, type Queue, sandboxQueueOf } from '@wegent/queue';
import { describeWith, startRedis, type TestRedis, waitFor } from '@wegent/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChatServer, type Person, startChatServer } from './support/chat-server.ts';
import { claimRun } from './support/scripted-run.ts';
import { makeTeam } from './support/team.ts';

describeWith(['redis'], 'runs of managers that are processes of their own', () => {
  let redis: TestRedis;
  let server: ChatServer;
  let bob: Person;
  let queue: Queue;
  const own: string[] = [];
  const MANAGER = 'Manager.One';

  beforeAll(async () => {
    redis = await startRedis();
    server = await startChatServer({ environment: { REDIS_URL: redis.url } });
    bob = await server.newPerson('bob');
    queue = await openQueue({ url: redis.url, name: sandboxQueueOf(MANAGER) });
    queue.consume({ concurrency: 8, handler: async ({ id }) => void own.push(id) });
  });
  afterAll(async () => {
    await queue.close();
    await server[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  const report = (taskIds: string[], changes: Partial<ManagerReport> = {}) =>
    server.link.report(MANAGER, {
      driver: 'local',
      isolation: 'a test',
      isolated: true,
      slots: { total: 2, used: 0 },
      draining: false,
      engines: [],
      sandboxes: taskIds.map((taskId) => ({
        sandboxId: taskId,
        taskId,
        namespace: 'bob',
        state: 'idle' as const,
        executionIds: [],
        startedAt: new Date().toISOString(),
      })),
      taskIds,
      defaults: { cpu: 1, memoryBytes: 1, pids: 1, diskBytes: 1 },
      ...changes,
    });

  test('follow the sandbox of their task, as long as its manager is there', async () => {
    const { taskId } = await bob.send({ message: 'First.', team: { name: 'coder' } });
    // The first one goes to whoever has room.
    const first = await waitFor(
      async () => (await server.store.executions.activeOfTask(taskId))[0]?.id ?? false,
      { what: 'the first run' },
    );
    const run = await claimRun(server.link, first, MANAGER);
    await run.answer('Done.');
    await server.settled(taskId);
    expect((await server.store.tasks.get(taskId))?.executor).toBe(MANAGER);
    expect(own).toEqual([]);

    await report([taskId]);
    const second = await bob.send({ taskId, message: 'Second.' });
    await waitFor(() => own.includes(second.executionIds[0] ?? ''), { what: 'the run at its manager' });
    await (await claimRun(server.link, second.executionIds[0] ?? '', MANAGER)).answer('Done.');
    await server.settled(taskId);

    // A chat has no sandbox, a manager that drains or has lost the sandbox takes nothing.
    const count = own.length;
    await report([taskId], { draining: true });
    const third = await bob.send({ taskId, message: 'Third.' });
    const atLarge = await server.nextRun(taskId, third.executionIds[0]);
    await atLarge.answer('Done.');
    await server.settled(taskId);
    await report([]);
    const fourth = await bob.send({ taskId, message: 'Fourth.' });
    await (await server.nextRun(taskId, fourth.executionIds[0])).answer('Done.');
    const chat = await bob.send({ message: 'Hello' });
    await (await server.nextRun(chat.taskId)).answer('Hi.');
    expect(own).toHaveLength(count);
  });

  test('work on one host when they work in the sandbox of one task, and know whose folder is the newest', async () => {
    const shell = 'ClaudeCode' as const;
    const members = [
      { name: 'lead', shell, leader: true },
      ...['ada', 'ben'].map((name) => ({ name, shell })),
    ];
    const team = await makeTeam(bob, {
      name: 'panel',
      collaborationModel: 'collaborate',
      rounds: 1,
      members,
    });
    const { taskId } = await bob.send({ message: 'Look.', team });
    const runs = await waitFor(
      async () => {
        const found = await server.store.executions.activeOfTask(taskId);
        return found.length === 2 && found.map(({ id }) => id);
      },
      { what: 'two members at once' },
    );
    const [first = '', second = ''] = runs;
    const held = await claimRun(server.link, first, MANAGER);
    expect(held.claim.spec.lastManagerId).toBeUndefined();
    await expect(claimRun(server.link, second, 'elsewhere')).rejects.toMatchObject({ reason: 'Conflict' });
    await waitFor(() => own.includes(second), { what: 'the run at the manager of the other' });
    expect((await server.store.tasks.get(taskId))?.executor).toBe(MANAGER);
    const beside = await claimRun(server.link, second, MANAGER);
    expect(beside.claim.spec.lastManagerId).toBe(MANAGER);
    await held.answer('Seen.');
    await beside.answer('Seen too.');
    // Nothing works there any more, so another host may go on.
    const answer = await waitFor(async () => (await server.store.executions.activeOfTask(taskId))[0]?.id, {
      what: 'the run of the leader',
    });
    const moved = await claimRun(server.link, answer, 'elsewhere');
    expect(moved.claim.spec.lastManagerId).toBe(MANAGER);
    await moved.answer('All have seen it.');
    await server.settled(taskId);
    expect((await server.store.tasks.get(taskId))?.executor).toBe('elsewhere');
  });
});
