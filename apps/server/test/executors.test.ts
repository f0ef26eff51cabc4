import { randomUUID } from 'node:crypto';
import { type ManagerReport, REPORT_TOPIC } from '@wegent/api';
import { waitFor } from '@wegent/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ordersFor } from '../src/executors/manager-registry.ts';
import { type ChatServer, INTERNAL_SECRET, type Person, startChatServer } from './support/chat-server.ts';

let server: ChatServer;
let bob: Person;

beforeAll(async () => {
  server = await startChatServer({ timings: { sweepMs: 50 } });
  bob = await server.newPerson('bob');
});
afterAll(() => server[Symbol.asyncDispose]());

const REPORT: ManagerReport = {
  driver: 'local',
  isolation: 'bubblewrap with cgroups',
  isolated: true,
  slots: { total: 2, used: 0 },
  draining: false,
  engines: [{ name: 'claude-code', state: 'missing' }],
  sandboxes: [],
  taskIds: [],
  defaults: { cpu: 2, memoryBytes: 4e9, pids: 512, diskBytes: 1e10 },
};
const report = (changes: Partial<ManagerReport> = {}, id = 'm1') =>
  server.link.report(id, { ...REPORT, ...changes });
const summary = async () => (await bob.call('GET', '/api/v1/executors')).body;
const overview = async () => (await server.admin.call('GET', '/api/v1/admin/executors')).body;
const install = (person: Person, name = 'claude-code') =>
  person.call('POST', `/api/v1/admin/engines/${name}/install`, {});

/** A run that waits in the database and that no suite takes. */
async function waitingTask(message: string): Promise<string> {
  const { taskId } = await bob.send({ message, team: { name: 'coder' } });
  return taskId;
}

describe('where agents run', () => {
  // The registry of managers is kept for a second; suites that look at it after a change report first.
  const taskIds: string[] = [];
  afterEach(async () => {
    await server.store.managers.forget(Number.MAX_SAFE_INTEGER);
    for (const taskId of taskIds.splice(0)) await bob.call('DELETE', `/api/v1/tasks/${taskId}`);
  });
  beforeEach(() => waitFor(async () => (await overview()).managers.length === 0, { what: 'no manager' }));

  test('without a manager, runs wait and everybody is told why', async () => {
    expect(await summary()).toMatchObject({
      available: false,
      problem: expect.stringContaining('No manager'),
      isolated: false,
      slots: { total: 0, used: 0 },
      engines: [
        { name: 'claude-code', state: 'missing' },
        { name: 'agno', state: 'missing' },
      ],
      localRepositories: false,
    });
    const first = await waitingTask('First');
    const second = await waitingTask('Second');
    taskIds.push(first, second);
    const { waiting } = await overview();
    expect(waiting).toMatchObject([
      { taskId: first, taskTitle: 'First', namespace: 'bob', place: 1, why: 'no-manager' },
      { taskId: second, place: 2, message: expect.stringContaining('as soon as one is started') },
    ]);
    const item = (await bob.call('GET', `/api/v1/tasks/${second}`)).body;
    expect(item).toMatchObject({ phase: 'Pending', waiting: { why: 'no-manager', place: 2 } });
    using client = await bob.connect();
    const joined = await client.ask('task:join', { taskId: first });
    expect(joined.task.waiting).toMatchObject({ place: 1 });
  });

  test.each([
    [{ slots: { total: 2, used: 2 } }, 'slots', 'All 2 places'],
    [{ draining: true }, 'draining', 'take nothing new'],
    [{ problem: 'bubblewrap is missing: apt install bubblewrap' }, 'sandbox-problem', 'apt install'],
    [{}, 'starting', 'about to begin'],
  ] as const)('%j is the reason "%s"', async (changes, why, message) => {
    await report(changes);
    const taskId = await waitingTask('Wait');
    taskIds.push(taskId);
    const { waiting } = await overview();
    expect(waiting).toMatchObject([{ taskId, why, message: expect.stringContaining(message) }]);
  });

  test('managers are shown with all they tell, to administrators only', async () => {
    const sandbox = {
      sandboxId: 's1',
      taskId: 'gone',
      namespace: 'bob',
      state: 'busy' as const,
      executionIds: ['e1'],
      startedAt: new Date().toISOString(),
    };
    await report({
      sandboxes: [sandbox],
      engines: [{ name: 'claude-code', state: 'installing', progress: 0.4 }],
    });
    await report({ draining: true, engines: [] }, 'm2');
    const { managers } = await overview();
    expect(managers).toMatchObject([
      { managerId: 'm1', sandboxes: [sandbox], isolation: REPORT.isolation, seenAt: expect.any(String) },
      { managerId: 'm2', draining: true },
    ]);
    const shown = await summary();
    expect(shown).toMatchObject({
      available: true,
      driver: 'local',
      isolated: true,
      slots: { total: 4, used: 0, waiting: 0 },
      engines: [{ name: 'claude-code', state: 'installing', progress: 0.4 }, { name: 'agno' }],
    });
    expect(JSON.stringify(shown)).not.toContain('s1');
    expect((await bob.call('GET', '/api/v1/admin/executors')).status).toBe(403);
    expect((await install(bob)).status).toBe(403);
    expect((await server.call('GET', '/api/v1/executors')).status).toBe(401);
  });

  test('an engine is ordered at once, and the order stands until it is carried out', async () => {
    expect((await install(server.admin)).status).toBe(503);
    expect((await install(server.admin, 'something')).status).toBe(422);
    let asked = 0;
    const stop = await server.bus.subscribe(REPORT_TOPIC, () => {
      asked += 1;
    });
    await report();
    await report({ engines: [{ name: 'claude-code', state: 'installed' }] }, 'm2');
    expect((await install(server.admin)).status).toBe(202);
    await waitFor(() => asked > 0, { what: 'the managers to be asked' });
    await stop();
    expect(await report({ engines: [{ name: 'claude-code', state: 'installed' }] }, 'm2')).toEqual({
      goneTaskIds: [],
      installEngines: [],
    });
    expect((await report()).installEngines).toEqual(['claude-code']);
    // It was told, but its answer to that was lost.
    expect((await report()).installEngines).toEqual(['claude-code']);
    const installing = { engines: [{ name: 'claude-code' as const, state: 'installing' as const }] };
    expect((await report(installing)).installEngines).toEqual([]);
    expect((await report()).installEngines).toEqual([]);
    const { items } = (await server.admin.call('GET', '/api/v1/admin/audit')).body;
    expect(items).toContainEqual(
      expect.objectContaining({ action: 'install-engine', detail: { engine: 'claude-code' } }),
    );
  });

  test('a manager that is silent for long counts as gone', async () => {
    await server.store.managers.report('silent', REPORT, Date.now() - 31_000);
    expect((await overview()).managers).toEqual([]);
    expect((await summary()).available).toBe(false);
  });
});

test('an order that failed is not given again by itself, a new one is', () => {
  const failed = { engines: [{ name: 'claude-code' as const, state: 'failed' as const }] };
  expect(ordersFor(failed, [{ engine: 'claude-code', given: false }])).toEqual({
    give: ['claude-code'],
    keep: [{ engine: 'claude-code', given: true }],
  });
  expect(ordersFor(failed, [{ engine: 'claude-code', given: true }])).toEqual({ give: [], keep: [] });
});

describe('a task that is deleted', () => {
  test('takes its sandbox and its archive along', async () => {
    const { taskId } = await bob.send({ message: 'Work.', team: { name: 'coder' } });
    const run = await server.nextRun(taskId);
    await run.start();
    const archive = `workspaces/${taskId}.tar.zst`;
    await server.blobs.put(archive, Buffer.from('packed'));
    const sandbox = {
      sandboxId: 's1',
      taskId,
      namespace: 'bob',
      state: 'busy' as const,
      executionIds: [run.id],
      startedAt: new Date().toISOString(),
    };
    const other = randomUUID();
    const told = () => report({ sandboxes: [sandbox], taskIds: [taskId, other] });
    expect(await told()).toMatchObject({ goneTaskIds: [other] });
    let asked = 0;
    const stop = await server.bus.subscribe(REPORT_TOPIC, () => {
      asked += 1;
    });
    const [deleted] = await Promise.all([bob.call('DELETE', `/api/v1/tasks/${taskId}`), run.obey()]);
    expect(deleted.status).toBe(204);
    await waitFor(() => asked > 0, { what: 'the managers to be asked' });
    await stop();
    expect((await told()).goneTaskIds.sort()).toEqual([taskId, other].sort());
    expect(await server.blobs.read(archive)).toBeUndefined();
  });
});

describe('the way of managers', () => {
  const call = (body: unknown, secret = INTERNAL_SECRET, id = 'm9') =>
    server.call('POST', `/internal/v1/managers/${id}`, body, { authorization: `Bearer ${secret}` });

  test('takes reports of managers, and of nobody else', async () => {
    expect(await call(REPORT)).toMatchObject({
      status: 200,
      body: { goneTaskIds: [], installEngines: [] },
    });
    expect((await call(REPORT, 'wrong')).status).toBe(401);
    expect((await call(REPORT, bob.token)).status).toBe(401);
    expect((await call({ ...REPORT, slots: undefined })).status).toBe(422);
    expect((await call(REPORT, INTERNAL_SECRET, 'x'.repeat(200))).status).toBe(200);
    expect(await call(REPORT, INTERNAL_SECRET, 'x'.repeat(201))).toMatchObject({
      status: 400,
      body: { kind: 'Status', reason: 'BadRequest' },
    });
  });
});

test('a run goes to the namespace it belongs to in the queue, also when it is put back', async () => {
  const { taskId } = await bob.send({ message: 'Again.', team: { name: 'coder' } });
  const run = await server.nextRun(taskId);
  await run.start();
  const groups: string[] = [];
  const { sandbox } = server.queues;
  const enqueue = sandbox.enqueue.bind(sandbox);
  sandbox.enqueue = (job) => {
    if (job.id === run.id) groups.push(job.group);
    return enqueue(job);
  };
  await server.store.executions.expireLeasesOf('suite', Date.now());
  const next = await server.nextRun(taskId, run.id);
  sandbox.enqueue = enqueue;
  expect(groups).toEqual(['bob']);
  await next.finish();
});
