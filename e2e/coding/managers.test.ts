import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChangeList, Claim, type Message } from '@wegent/api';
import { openQueue, sandboxQueueOf } from '@wegent/queue';
import { describeWith, waitFor } from '@wegent/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bashCall, runAsAgent } from '../support/agent-shell.ts';
import { type CodingTask, openTask, toolsOf } from '../support/coding.ts';
import { atServer, type Installation, type Member, startInstallation } from '../support/installation.ts';
import { expectNothingLeft, type Traces, tracesOf } from '../support/leaks.ts';
import { insideOf, stillThere } from '../support/sandbox-processes.ts';
import { numberFaults, readStored } from '../support/stored-truth.ts';
import { runInTerminal } from '../support/task-terminal.ts';

/** A lost lease is found, and its run is taken up or ended, within this time. */
const TAKE_OVER_MS = 120_000;

const NEEDS = ['claude-code', 'bubblewrap', 'redis-server'] as const;

describeWith([...NEEDS, 'mariadb'], 'two managers and two servers', () => {
  let all: Installation;
  let traces: Traces;
  /** A task whose run somebody took who is no manager, and never beat. */
  let stolen: CodingTask;

  beforeAll(async () => {
    all = await startInstallation({ servers: 2, maxTasks: 1, drainSeconds: 60 });
  });
  afterAll(async () => {
    await all?.[Symbol.asyncDispose]();
    await expectNothingLeft(traces);
  });

  test('two that claim in the same moment: one gets it, the other may write nothing', async () => {
    const { servers, managers, secret, admin } = all;
    // No manager takes anything, so that the claims below are the first.
    for (const manager of managers) manager.process().send('SIGSTOP');
    stolen = await all.start({ message: '[[say Mine.]]' });
    const { executionId, taskId } = stolen;
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        claim(servers[index % 2]?.url ?? '', secret, executionId, `twin-${index}`),
      ),
    );
    expect(claims.toSorted()).toEqual([...Array<string>(7).fill('Conflict'), 'claimed']);
    const { events: before } = await readStored(admin, taskId);
    for (const attempt of [0, 2, 7]) {
      const body = { attempt, firstSeq: 1, events: [{ type: 'text-delta', blockId: 'x', text: 'not mine' }] };
      const answer = await internal(servers[1]?.url ?? '', secret, `executions/${executionId}/events`, body);
      expect([400, 409, 422]).toContain(answer.status);
    }
    expect((await readStored(admin, taskId)).events).toEqual(before);
    for (const manager of managers) manager.process().send('SIGCONT');
  });

  test('one execution that both managers are given is done by one of them, once', async () => {
    const { servers, managers, secret, admin, redis } = all;
    const task = await all.start({
      message: bashCall('echo once >> /workspace/sample/done.txt; sleep 3; echo ended'),
    });
    // Both at once, and again and again while it runs: over the queues of both, and over the claims themselves.
    const queues = await Promise.all(
      ['sandbox', ...managers.map(({ name }) => sandboxQueueOf(name))].map((name) =>
        openQueue({ url: redis.url, name }),
      ),
    );
    let isOver = false;
    let enqueued = 0;
    const refusals: string[] = [];
    const flooding = (async () => {
      for (; !isOver; enqueued += 1) {
        await Promise.all(queues.map((queue) => queue.enqueue({ id: task.executionId, group: 'default' })));
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
    const answer = await task.answered();
    isOver = true;
    await Promise.all([flooding, claiming]);
    await Promise.all(queues.map((queue) => queue.close()));
    expect(answer.status, JSON.stringify(answer.error)).toBe('completed');
    expect(enqueued).toBeGreaterThan(20);
    expect(refusals.length).toBeGreaterThan(5);
    expect(new Set(refusals)).toEqual(new Set(['Conflict']));
    expect(await task.text('/files/done.txt')).toBe('once\n');
    expect(toolsOf(answer)).toHaveLength(1);
    const { events } = await readStored(admin, task.taskId);
    const starts = events.flatMap(({ event }) => (event.type === 'run-start' ? event.attempt : []));
    expect(starts).toEqual([1]);
    await expectWritten(all, task, 1);
    // One manager alone has made a sandbox.
    const { managers: states } = await all.overview();
    expect(states.flatMap(({ sandboxes }) => sandboxes.map(({ taskId }) => taskId))).toEqual([task.taskId]);
  });

  test('files, changes and terminals of a task come from the manager that has it', async () => {
    const words = ['one', 'two'];
    // With one place each they are on both.
    const tasks = await Promise.all(
      words.map((word) =>
        all.start({ message: bashCall(`echo ${word} > /workspace/sample/word.txt; sleep 3; echo ok`) }),
      ),
    );
    await Promise.all(tasks.map((task) => task.answered()));
    traces = await tracesOf(all.managers.map(({ dataDir }) => dataDir));
    const { managers } = await all.overview();
    const places = tasks.map(({ taskId }) => hostOf(all, managers, taskId).name);
    expect(places.toSorted()).toEqual(['host-1', 'host-2']);
    for (const server of all.servers) {
      const person = atServer(all.admin, server);
      for (const [index, word] of words.entries()) {
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
    for (const [index, { taskId }] of tasks.entries()) {
      const having = after.managers.filter(({ sandboxes }) => sandboxes.some((one) => one.taskId === taskId));
      expect(having.map(({ managerId }) => managerId)).toEqual([places[index]]);
    }
    // Without the secret a manager shows nothing.
    const answer = await fetch(`${all.managers[0]?.url}/internal/v1/executor`, {
      method: 'POST',
      headers: { authorization: 'Bearer wrong' },
    });
    expect(answer.status).toBe(401);
  });

  test('a task that is deleted is gone from its host, also when that was away', async () => {
    const task = await all.start({ message: bashCall('echo here > /workspace/sample/here.txt; echo ok') });
    await task.answered();
    const host = hostOf(all, (await all.overview()).managers, task.taskId);
    const before = await insideOf(host.dataDir);
    expect(before).not.toEqual([]);
    await host.kill();
    await all.admin.api.tasks.remove(task.taskId);
    await host.restart();
    await waitFor(async () => !(await recordsOf(host)).includes(task.taskId), {
      what: 'the folder to go',
      timeoutMs: 60_000,
    });
    // Other tasks of the host have theirs.
    const now = await insideOf(host.dataDir);
    const gone = before.filter(({ pid }) => !now.some((other) => other.pid === pid));
    expect(gone).not.toEqual([]);
    expect(await stillThere(gone)).toEqual([]);
  });

  test('a manager that is told to end lets a short turn end, and takes nothing new', async () => {
    const task = await all.start({ message: `${bashCall('sleep 5; echo ended')} [[say Done.]]` });
    await task.until(isWorking, 'the command');
    const host = await all.managerOf(task.taskId);
    const other = all.managers.find(({ name }) => name !== host.name);
    const ending = host.stop();
    const next = await all.start({ message: '[[say Next.]]' });
    expect(await next.answered()).toMatchObject({ status: 'completed', text: 'Next.' });
    expect(hostOf(all, (await all.overview()).managers, next.taskId).name).toBe(other?.name);
    expect(await task.answered()).toMatchObject({ status: 'completed', text: 'Done.' });
    expect(await ending).toBe(0);
    await expectWritten(all, task, 1);
  });

  test('what was claimed by somebody who never beat goes to a manager that lives', async () => {
    expect(await stolen.answered(TAKE_OVER_MS)).toMatchObject({ status: 'completed', text: 'Mine.' });
    await expectWritten(all, stolen, 1);
  });
});

describeWith(NEEDS, 'managers that are lost', () => {
  let all: Installation;
  let traces: Traces;
  const tasks = {} as Record<'back' | 'drained' | 'hanging' | 'gone', { task: CodingTask; host: Member }>;

  /** Starts work of some seconds, and waits until it is under way. */
  async function begin(seconds: number): Promise<{ task: CodingTask; host: Member }> {
    const task = await all.start({
      message: `[[say Before.]] ${bashCall(ticking(seconds))} [[say After.]]`,
    });
    await task.until(isWorking, 'the command');
    return { task, host: await all.managerOf(task.taskId) };
  }

  // Leases last for half a minute, so all of them are lost at once: each manager has one place, and so one run.
  beforeAll(async () => {
    all = await startInstallation({ managers: 4, maxTasks: 1, drainSeconds: 1 });
    tasks.back = await begin(20);
    tasks.drained = await begin(20);
    tasks.hanging = await begin(20);
    const task = await all.start({ message: bashCall('echo first > /workspace/sample/first.txt; echo ok') });
    expect(await task.answered()).toMatchObject({ status: 'completed' });
    await archived(all, task.taskId);
    const { managers } = await all.overview();
    const host = hostOf(all, managers, task.taskId);
    await task.send(bashCall('echo second > /workspace/sample/second.txt; sleep 600'));
    await task.until(isWorking, 'the command');
    tasks.gone = { task, host };
    const hosts = Object.values(tasks).map((each) => each.host.name);
    expect(hosts.toSorted()).toEqual(['host-1', 'host-2', 'host-3', 'host-4']);
    traces = await tracesOf(all.managers.map(({ dataDir }) => dataDir));
  });
  afterAll(async () => {
    await all?.[Symbol.asyncDispose]();
    await expectNothingLeft(traces);
  });

  /** The turn went on in its sandbox, and everything of it is there once. */
  async function expectWhole(task: CodingTask): Promise<void> {
    const answer = await task.answered(TAKE_OVER_MS);
    expect(answer.status, JSON.stringify(answer.error)).toBe('completed');
    expect(answer.text.match(/Before\.|After\./g)).toEqual(['Before.', 'After.']);
    expect(await task.text('/files/begun.txt')).toBe('begun\n');
    await expectWritten(all, task, 1);
  }

  test.concurrent('one that is killed and comes back reads on where it was', async () => {
    const { task, host } = tasks.back;
    await host.kill();
    await host.restart();
    await expectWhole(task);
  });

  test.concurrent('a turn that is longer than the drain goes on until the manager is back', async () => {
    const { task, host } = tasks.drained;
    expect(await host.stop()).toBe(0);
    expect((await insideOf(host.dataDir)).some(({ command }) => command.includes('main.js'))).toBe(true);
    await host.restart();
    await expectWhole(task);
  });

  test.concurrent('one that hangs for longer than its lease writes nothing afterwards', async () => {
    const { task, host } = tasks.hanging;
    host.process().send('SIGSTOP');
    const failed = await task.answered(TAKE_OVER_MS);
    expect(failed).toMatchObject({ status: 'failed', error: { reason: 'LeaseLost' } });
    const { events } = await readStored(all.admin, task.taskId);
    host.process().send('SIGCONT');
    await waitFor(
      async () => (await all.overview()).managers.some(({ managerId }) => managerId === host.name),
      { what: 'the manager to report again', timeoutMs: 30_000 },
    );
    await task.send('[[say Next.]]');
    expect(await task.answered(TAKE_OVER_MS)).toMatchObject({ status: 'completed', text: 'Next.' });
    const stored = await readStored(all.admin, task.taskId);
    expect(numberFaults(stored.events)).toEqual([]);
    expect(stored.events.slice(0, events.length)).toEqual(events);
    const late = stored.events.slice(events.length);
    expect(late.filter(({ executionId }) => executionId === task.executionId)).toEqual([]);
  });

  test.concurrent('one that does not come back: its run is lost, and another host goes on', async () => {
    const { task, host } = tasks.gone;
    await host.kill();
    const failed = await task.answered(TAKE_OVER_MS);
    expect(failed).toMatchObject({ status: 'failed', error: { reason: 'LeaseLost' } });
    // What was archived after the last turn that ended well is there again; what came later went with its host.
    await task.send(bashCall('cat /workspace/sample/*.txt'));
    const answer = await task.answered(TAKE_OVER_MS);
    expect(answer.status, JSON.stringify(answer.error)).toBe('completed');
    expect(JSON.stringify(toolsOf(answer).at(-1)?.output)).toContain('first');
    expect(answer.text).not.toContain('sleep');
    expect(hostOf(all, (await all.overview()).managers, task.taskId).name).not.toBe(host.name);
    const changed = async () => (await task.get<ChangeList>('/changes')).files.map((file) => file.path);
    expect(await changed()).toEqual(['first.txt']);
    // The host that comes back finds a sandbox of a task that lives elsewhere, and takes nothing over.
    expect(await insideOf(host.dataDir)).not.toEqual([]);
    await host.restart();
    await runAsAgent(task, 'echo third > /workspace/sample/third.txt');
    expect(await task.text('/files/third.txt')).toBe('third\n');
    expect(await changed()).toEqual(['first.txt', 'third.txt']);
  });
});

const isWorking = (answer: Message) => toolsOf(answer).some(({ done }) => !done);

/** The stored events of a task have no gap, and its runs ended so many times. */
async function expectWritten({ admin }: Installation, task: CodingTask, finishes: number): Promise<void> {
  const { events } = await readStored(admin, task.taskId);
  expect(numberFaults(events)).toEqual([]);
  expect(events.filter(({ event }) => event.type === 'finish')).toHaveLength(finishes);
}

/** What is remembered about the sandboxes of a manager. */
async function recordsOf({ dataDir }: Member): Promise<string> {
  const folder = path.join(dataDir, 'sandboxes');
  const texts = (await readdir(folder)).map((name) =>
    readFile(path.join(folder, name, 'record.json'), 'utf8').catch(() => ''),
  );
  return (await Promise.all(texts)).join('\n');
}

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
