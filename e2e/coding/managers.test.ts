import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChangeList, Claim } from '@wegent/api';
import { openQueue, sandboxQueueOf } from '@wegent/queue';
import { describeWith, waitFor } from '@wegent/testing';
import { afterEach, expect, test } from 'vitest';
import { bashCall, runAsAgent } from '../support/agent-shell.ts';
import { type CodingTask, openTask, toolsOf } from '../support/coding.ts';
import { atServer, type Installation, type Member, startInstallation } from '../support/installation.ts';
import { expectNothingLeft, type Traces, tracesOf } from '../support/leaks.ts';
import { insideOf, stillThere } from '../support/sandbox-processes.ts';
import { numberFaults, readStored } from '../support/stored-truth.ts';
import { runInTerminal } from '../support/task-terminal.ts';

/** A lost lease is found, and its run is taken up or ended, within this time. */
const TAKE_OVER_MS = 120_000;

describeWith(['claude-code', 'bubblewrap', 'redis-server', 'mariadb'], 'several managers', () => {
  let installation: Installation | undefined;
  let traces: Traces | undefined;

  afterEach(async () => {
    const gone = traces;
    await installation?.[Symbol.asyncDispose]();
    installation = undefined;
    traces = undefined;
    if (gone) await expectNothingLeft(gone);
  });

  async function begin(options: Parameters<typeof startInstallation>[0] = {}): Promise<Installation> {
    installation = await startInstallation(options);
    return installation;
  }

  /** Waits until the command of a task is at work, and notes what there is of its sandbox. */
  async function working(task: CodingTask): Promise<void> {
    await task.until((answer) => toolsOf(answer).some(({ done }) => !done), 'the command');
    traces = await tracesOf(installation?.managers.map(({ dataDir }) => dataDir) ?? []);
  }

  /** The stored events of a task have no gap, and its runs ended once. */
  async function expectWritten({ admin }: Installation, task: CodingTask, finishes: number): Promise<void> {
    const { events } = await readStored(admin, task.taskId);
    expect(numberFaults(events)).toEqual([]);
    expect(events.filter(({ event }) => event.type === 'finish')).toHaveLength(finishes);
  }

  test('one execution that two managers are given is done by one of them, once', async () => {
    const { servers, managers, secret, admin, redis, ...rest } = await begin({ servers: 2 });
    // Both at once, and again and again while it runs: over the queues of both, and over the claims themselves.
    const task = await rest.start({
      message: bashCall('echo once >> /workspace/sample/done.txt; sleep 4; echo ended'),
    });
    const queues = await Promise.all(
      ['sandbox', ...managers.map(({ name }) => sandboxQueueOf(name))].map((name) =>
        openQueue({ url: redis.url, name }),
      ),
    );
    let isOver = false;
    let enqueued = 0;
    const refusals: string[] = [];
    const flooding = (async () => {
      while (!isOver) {
        const group = 'default';
        await Promise.all(queues.map((queue) => queue.enqueue({ id: task.executionId, group })));
        enqueued += 1;
        await delay(50);
      }
    })();
    const claiming = (async () => {
      // Not before a real manager has it: this one would do nothing with it.
      await task.until(({ status }) => status === 'running', 'the run');
      while (!isOver) {
        for (const { url } of servers) refusals.push(await claim(url, secret, task.executionId));
        await delay(100);
      }
    })();
    await working(task);
    const answer = await task.answered();
    isOver = true;
    await Promise.all([flooding, claiming]);
    await Promise.all(queues.map((queue) => queue.close()));
    expect(answer.status, JSON.stringify(answer.error)).toBe('completed');
    expect(enqueued).toBeGreaterThan(20);
    expect(refusals.length).toBeGreaterThan(10);
    expect(new Set(refusals)).toEqual(new Set(['Conflict']));
    expect(await task.text('/files/done.txt')).toBe('once\n');
    expect(toolsOf(answer)).toHaveLength(1);
    const { events } = await readStored(admin, task.taskId);
    const starts = events.flatMap(({ event }) => (event.type === 'run-start' ? event.attempt : []));
    expect(starts).toEqual([1]);
    await expectWritten({ servers, managers, secret, admin, redis, ...rest }, task, 1);
    // One manager alone has made a sandbox.
    const made = await Promise.all(managers.map(({ dataDir }) => tracesOf([dataDir])));
    expect(made.filter(({ sandboxIds }) => sandboxIds.length > 0)).toHaveLength(1);
  });

  test('two managers that claim in the same moment: one gets it, the other may write nothing', async () => {
    const { servers, managers, secret, admin, start, overview } = await begin({ servers: 2 });
    // No manager takes anything, so that the claims below are the first.
    for (const manager of managers) manager.process().send('SIGSTOP');
    const task = await start({ message: '[[say Mine.]]' });
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        claim(servers[index % 2]?.url ?? '', secret, task.executionId, `twin-${index}`),
      ),
    );
    expect(claims.filter((result) => result === 'claimed')).toHaveLength(1);
    expect(claims.filter((result) => result === 'Conflict')).toHaveLength(7);
    const { events: before } = await readStored(admin, task.taskId);
    for (const attempt of [0, 2, 7]) {
      const body = { attempt, firstSeq: 1, events: [{ type: 'text-delta', blockId: 'x', text: 'not mine' }] };
      const answer = await internal(
        servers[1]?.url ?? '',
        secret,
        `executions/${task.executionId}/events`,
        body,
      );
      expect([400, 409, 422]).toContain(answer.status);
    }
    expect((await readStored(admin, task.taskId)).events).toEqual(before);
    for (const manager of managers) manager.process().send('SIGCONT');
    // Nobody beats for the twins, so the run is lost and goes to a manager that lives.
    const answer = await task.answered(TAKE_OVER_MS);
    expect(answer).toMatchObject({ status: 'completed', text: 'Mine.' });
    expect((await overview()).managers).toHaveLength(2);
  });

  test('a manager that is killed and comes back reads on where it was', async () => {
    const all = await begin();
    const task = await all.start({
      message: `[[say Before.]] ${bashCall(ticking(20))} [[say After.]]`,
    });
    await working(task);
    const manager = await all.managerOf(task.taskId);
    await manager.kill();
    await manager.restart();
    const answer = await task.answered(TAKE_OVER_MS);
    expect(answer.status, JSON.stringify(answer.error)).toBe('completed');
    expect(answer.text.match(/Before\.|After\./g)).toEqual(['Before.', 'After.']);
    expect(await task.text('/files/begun.txt')).toBe('begun\n');
    await expectWritten(all, task, 1);
    expect(
      await all.overview().then(({ managers }) => managers.map(({ managerId }) => managerId).sort()),
    ).toEqual(['host-1', 'host-2']);
  });

  test('a manager that does not come back: the run is lost, and another host goes on with the task', async () => {
    const all = await begin();
    const task = await all.start({ message: bashCall('echo first > /workspace/sample/first.txt; echo ok') });
    expect(await task.answered()).toMatchObject({ status: 'completed' });
    const first = await all.overview().then(({ managers }) => hostOf(all, managers, task.taskId));
    await archived(all, task.taskId);
    await task.send(bashCall('echo second > /workspace/sample/second.txt; sleep 600'));
    await working(task);
    expect((await all.managerOf(task.taskId)).name).toBe(first.name);
    await first.kill();
    const failed = await task.answered(TAKE_OVER_MS);
    expect(failed).toMatchObject({ status: 'failed', error: { reason: 'LeaseLost' } });
    // What was archived after the last turn that ended well is there again; what came later went with its host.
    await task.send(bashCall('cat /workspace/sample/*.txt'));
    const answer = await task.answered(TAKE_OVER_MS);
    expect(answer.status, JSON.stringify(answer.error)).toBe('completed');
    expect(JSON.stringify(toolsOf(answer).at(-1)?.output)).toContain('first');
    expect(answer.text).not.toContain('sleep');
    const { managers } = await all.overview();
    expect(hostOf(all, managers, task.taskId).name).not.toBe(first.name);
    expect((await task.get<ChangeList>('/changes')).files.map((file) => file.path)).toEqual(['first.txt']);
    // The host that comes back finds a sandbox of a task that lives elsewhere, and takes nothing over.
    expect(await insideOf(first.dataDir)).not.toEqual([]);
    await first.restart();
    await runAsAgent(task, 'echo third > /workspace/sample/third.txt');
    expect(await task.text('/files/third.txt')).toBe('third\n');
    expect((await task.get<ChangeList>('/changes')).files.map((file) => file.path)).toEqual([
      'first.txt',
      'third.txt',
    ]);
  });

  test('files, changes and terminals of a task come from the manager that has it', async () => {
    const all = await begin({ servers: 2 });
    const tasks = await Promise.all(
      ['one', 'two', 'three', 'four'].map((word) =>
        all.start({ message: bashCall(`echo ${word} > /workspace/sample/word.txt; sleep 3; echo ok`) }),
      ),
    );
    await Promise.all(tasks.map((task) => task.answered()));
    traces = await tracesOf(all.managers.map(({ dataDir }) => dataDir));
    const { managers } = await all.overview();
    const places = tasks.map(({ taskId }) => hostOf(all, managers, taskId).name);
    expect(new Set(places), 'tasks are spread over the managers').toEqual(new Set(['host-1', 'host-2']));
    for (const server of all.servers) {
      const person = atServer(all.admin, server);
      for (const [index, word] of ['one', 'two', 'three', 'four'].entries()) {
        const { taskId } = tasks[index] ?? { taskId: '' };
        const seen = openTask(person, taskId, '');
        expect(await seen.text('/files/word.txt')).toBe(`${word}\n`);
        expect((await seen.get<ChangeList>('/changes')).files).toEqual([
          expect.objectContaining({ path: 'word.txt', status: 'added' }),
        ]);
        const shown = await runInTerminal({ person, taskId, command: 'cat /workspace/sample/word.txt' });
        expect(shown).toBe(word);
      }
    }
    // Nobody started a second sandbox for what was looked at.
    const after = await all.overview();
    expect(tasks.map(({ taskId }) => hostOf(all, after.managers, taskId).name)).toEqual(places);
    const sandboxes = after.managers.flatMap((manager) => manager.sandboxes);
    expect(sandboxes.map(({ taskId }) => taskId).sort()).toEqual(tasks.map(({ taskId }) => taskId).sort());
    // Without the secret a manager shows nothing.
    const answer = await fetch(`${all.managers[0]?.url}/internal/v1/executor`, {
      method: 'POST',
      headers: { authorization: 'Bearer wrong' },
    });
    expect(answer.status).toBe(401);
  });

  test('a manager that is told to end lets a short turn end, and takes nothing new', async () => {
    const all = await begin({ drainSeconds: 60 });
    const task = await all.start({ message: `${bashCall('sleep 6; echo ended')} [[say Done.]]` });
    await working(task);
    const manager = await all.managerOf(task.taskId);
    const other = all.managers.find(({ name }) => name !== manager.name);
    const ending = manager.stop();
    const next = await Promise.all(
      Array.from({ length: 3 }, (_, index) => all.start({ message: `[[say Next ${index}.]]` })),
    );
    const answers = await Promise.all(next.map((each) => each.answered()));
    expect(answers.map(({ text }) => text)).toEqual(['Next 0.', 'Next 1.', 'Next 2.']);
    const { managers } = await all.overview();
    for (const { taskId } of next) expect(hostOf(all, managers, taskId).name).toBe(other?.name);
    expect(await task.answered()).toMatchObject({ status: 'completed', text: 'Done.' });
    expect(await ending).toBe(0);
    await expectWritten(all, task, 1);
  });

  test('a turn that is longer than the drain goes on in its sandbox until the manager is back', async () => {
    const all = await begin({ managers: 1, drainSeconds: 1 });
    const task = await all.start({
      message: `[[say Before.]] ${bashCall(ticking(16))} [[say After.]]`,
    });
    await working(task);
    const [manager] = all.managers;
    if (!manager) throw new Error('there is no manager');
    expect(await manager.stop()).toBe(0);
    expect((await insideOf(manager.dataDir)).some(({ command }) => command.includes('main.js'))).toBe(true);
    await manager.restart();
    const answer = await task.answered(TAKE_OVER_MS);
    expect(answer.status, JSON.stringify(answer.error)).toBe('completed');
    expect(answer.text.match(/Before\.|After\./g)).toEqual(['Before.', 'After.']);
    expect(await task.text('/files/begun.txt')).toBe('begun\n');
    await expectWritten(all, task, 1);
  });

  test('a manager that hangs for longer than its lease writes nothing afterwards', async () => {
    const all = await begin();
    const task = await all.start({ message: bashCall(ticking(6)) });
    await working(task);
    const manager = await all.managerOf(task.taskId);
    manager.process().send('SIGSTOP');
    const failed = await task.answered(TAKE_OVER_MS);
    expect(failed).toMatchObject({ status: 'failed', error: { reason: 'LeaseLost' } });
    const { events } = await readStored(all.admin, task.taskId);
    const inside = await insideOf(manager.dataDir);
    manager.process().send('SIGCONT');
    await waitFor(
      async () => (await all.overview()).managers.some(({ managerId }) => managerId === manager.name),
      { what: 'the manager to report again', timeoutMs: 30_000 },
    );
    await task.send('[[say Next.]]');
    expect(await task.answered(TAKE_OVER_MS)).toMatchObject({ status: 'completed', text: 'Next.' });
    const stored = await readStored(all.admin, task.taskId);
    expect(numberFaults(stored.events)).toEqual([]);
    expect(stored.events.slice(0, events.length)).toEqual(events);
    const late = stored.events
      .slice(events.length)
      .filter(({ executionId }) => executionId === task.executionId);
    expect(late).toEqual([]);
    expect(inside.length).toBeGreaterThan(0);
  });

  test('a task that is deleted is gone from its host, also when that was away', async () => {
    const all = await begin();
    const task = await all.start({ message: bashCall('echo here > /workspace/sample/here.txt; echo ok') });
    await task.answered();
    const manager = hostOf(all, (await all.overview()).managers, task.taskId);
    const inside = await insideOf(manager.dataDir);
    const { sandboxIds } = await tracesOf([manager.dataDir]);
    await manager.kill();
    await all.admin.api.tasks.remove(task.taskId);
    await manager.restart();
    const folder = path.join(manager.dataDir, 'sandboxes', sandboxIds[0] ?? 'none');
    await waitFor(
      () =>
        stat(folder).then(
          () => false,
          () => true,
        ),
      { what: 'the folder to go', timeoutMs: 60_000 },
    );
    expect(await stillThere(inside)).toEqual([]);
  });
});

/** Writes a mark once, then works for so many seconds. */
function ticking(seconds: number): string {
  return `echo begun >> /workspace/sample/begun.txt; for i in $(seq 1 ${seconds}); do echo tick $i; sleep 1; done`;
}

/** The manager whose report names a living sandbox of the task. */
function hostOf(
  { managers }: Installation,
  states: Awaited<ReturnType<Installation['overview']>>['managers'],
  taskId: string,
): Member {
  const found = states.find(({ sandboxes }) => sandboxes.some((sandbox) => sandbox.taskId === taskId));
  const member = managers.find(({ name }) => name === found?.managerId);
  if (!member) throw new Error(`no manager has task ${taskId}: ${JSON.stringify(states, null, 1)}`);
  return member;
}

/** Waits until the workspace of a task is in the blob store. */
async function archived({ managers }: Installation, taskId: string): Promise<void> {
  const blobs = path.join(managers[0]?.dataDir ?? '', '../blobs');
  const isThere = async () =>
    (await readdir(blobs, { recursive: true })).some((name) => name.includes(`workspaces+${taskId}`));
  await waitFor(isThere, { what: 'the archive of the workspace', timeoutMs: 60_000 });
}

async function claim(url: string, secret: string, executionId: string, managerId = 'thief'): Promise<string> {
  const answer = await internal(url, secret, `executions/${executionId}/claim`, { managerId });
  const body: unknown = await answer.json();
  if (answer.ok) return Claim.safeParse(body).success ? 'claimed' : JSON.stringify(body);
  return typeof body === 'object' && body !== null && 'reason' in body ? String(body.reason) : '';
}

function internal(url: string, secret: string, place: string, body: object): Promise<Response> {
  return fetch(`${url}/internal/v1/${place}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
