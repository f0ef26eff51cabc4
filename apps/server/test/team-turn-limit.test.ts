import { join } from 'node:path';
import { NOT_YET } from '@wegent/store';
import { describeWith, startMariaDb, temporaryFolder, waitFor } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, type Person, startChatServer } from './support/chat-server.ts';
import { claimRun } from './support/scripted-run.ts';
import { makeTeam } from './support/team.ts';

const TEAMS = '/apis/agent.wecode.io/v1/namespaces/bob/teams';

/** Changes how many turns of a Team run at once; null lifts the limit. */
async function limit(person: Person, team: string, turns: number | null): Promise<void> {
  const answer = await patch(person, `${TEAMS}/${team}`, { spec: { limits: { turns } } });
  expect(answer.status, await answer.text()).toBe(200);
}

let origin = '';
function patch(person: Person, path: string, body: object): Promise<Response> {
  return fetch(origin + path, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify(body),
  });
}

describe('a Team that limits how many of its turns run at once', () => {
  let server: ChatServer;
  let bob: Person;

  beforeAll(async () => {
    // What follows is not what a sweep has found.
    server = await startChatServer({ timings: { sweepMs: 600_000 } });
    origin = server.url;
    bob = await server.newPerson('bob');
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  const ask = async (team: string) => (await bob.send({ message: 'Hello', team: { name: team } })).taskId;
  const item = async (taskId: string) => (await bob.call('GET', `/api/v1/tasks/${taskId}`)).body;
  const waiting = async (taskId: string) => (await item(taskId)).waiting;
  const scale = async (team: string) => (await bob.call('GET', `${TEAMS}/${team}/scale`)).body;

  test('lets the others wait in the order in which they came, and says so', async () => {
    await makeTeam(bob, { name: 'narrow', members: [{ name: 'ann' }], limits: { turns: 1 } });
    const tasks = [];
    for (let count = 0; count < 3; count += 1) tasks.push(await ask('narrow'));
    const [first = '', second = '', third = ''] = tasks;
    const run = await server.nextRun(first);
    await run.start();
    expect(await item(second)).toMatchObject({
      phase: 'Pending',
      waiting: { why: 'team-limit', place: 1, message: expect.stringContaining('"narrow" runs one turn') },
    });
    expect(await waiting(third)).toMatchObject({ why: 'team-limit', place: 2 });
    expect(await scale('narrow')).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 1 } });
    expect([server.hasRun(second), server.hasRun(third)]).toEqual([false, false]);
    // Not even a manager that knows its name may take it.
    const [held] = await server.store.executions.activeOfTask(second);
    expect(held?.enqueuedAt).toBe(NOT_YET);
    await expect(claimRun(server.link, held?.id ?? '')).rejects.toMatchObject({ reason: 'Conflict' });

    await run.finish();
    const next = await server.nextRun(second);
    expect(await waiting(third)).toMatchObject({ place: 1 });
    expect(server.hasRun(third)).toBe(false);
    await next.answer('second');
    await (await server.nextRun(third)).answer('third');
    await server.settled(third);
    expect(await scale('narrow')).toMatchObject({ status: { replicas: 0 } });
  });

  test('is held by 0, goes on when the limit is raised, and has none without the field', async () => {
    await makeTeam(bob, { name: 'held', members: [{ name: 'ann' }], limits: { turns: 0 } });
    const tasks = await Promise.all(Array.from({ length: 5 }, () => ask('held')));
    for (const task of tasks) expect(await waiting(task)).toMatchObject({ why: 'team-held' });
    expect(await scale('held')).toMatchObject({ spec: { replicas: 0 }, status: { replicas: 0 } });

    const raised = await patch(bob, `${TEAMS}/held/scale`, { spec: { replicas: 2 } });
    expect(raised.status).toBe(200);
    const begun = () => tasks.filter((task) => server.hasRun(task));
    await waitFor(() => begun().length === 2, { what: 'two turns to begin' });
    expect(await scale('held')).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 2 } });
    const order = await Promise.all(
      tasks.map(async (task) => ({ task, place: (await waiting(task))?.place })),
    );
    expect(order.map(({ place }) => place).sort()).toEqual([1, 2, 3, undefined, undefined]);

    await limit(bob, 'held', null);
    await waitFor(() => begun().length === 5, { what: 'all turns to begin' });
    expect((await scale('held')).spec).toEqual({});
    for (const task of tasks) await (await server.nextRun(task)).answer('done');
    await server.settled(tasks[4] ?? '');
  });

  test('counts what ran before there was a limit, and waits for its end', async () => {
    await makeTeam(bob, { name: 'late', members: [{ name: 'ann' }] });
    const early = await ask('late');
    const run = await server.nextRun(early);
    await run.start();
    await limit(bob, 'late', 1);
    expect(await scale('late')).toMatchObject({ status: { replicas: 1 } });
    const next = await ask('late');
    expect(await waiting(next)).toMatchObject({ why: 'team-limit', place: 1 });
    await run.finish();
    await (await server.nextRun(next)).answer('now');
    await server.settled(next);
  });

  test('what is cancelled leaves the line, and so does what is deleted', async () => {
    await makeTeam(bob, { name: 'left', members: [{ name: 'ann' }], limits: { turns: 1 } });
    const [running, cancelled, deleted, last] = [
      await ask('left'),
      await ask('left'),
      await ask('left'),
      await ask('left'),
    ];
    const run = await server.nextRun(running);
    await run.start();
    const stopped = await bob.call('POST', `/api/v1/tasks/${cancelled}/cancel`, {});
    expect(stopped.body, stopped.text).toMatchObject({ outcome: 'cancelled' });
    expect(await item(cancelled)).toMatchObject({ phase: 'Cancelled' });
    expect((await bob.call('DELETE', `/api/v1/tasks/${deleted}`)).status).toBeLessThan(300);
    expect(await waiting(last)).toMatchObject({ place: 1 });
    // A task that is deleted while its turn runs gives its place back.
    const removed = bob.call('DELETE', `/api/v1/tasks/${running}`);
    await run.obey();
    expect((await removed).status).toBeLessThan(300);
    await (await server.nextRun(last)).answer('last');
    await server.settled(last);
  });

  test('a turn counts once, whoever takes part, and until its end, also while it waits for a person', async () => {
    await makeTeam(bob, {
      name: 'many',
      members: [{ name: 'ann', confirm: true }, { name: 'ben' }],
      collaborationModel: 'pipeline',
      limits: { turns: 1 },
    });
    const first = await ask('many');
    const second = await ask('many');
    await (await server.nextRun(first)).answer('a plan');
    await waitFor(async () => (await item(first)).phase === 'WaitingForInput', { what: 'the gate' });
    expect(await scale('many')).toMatchObject({ status: { replicas: 1 } });
    expect(await waiting(second)).toMatchObject({ why: 'team-limit' });
    const approvals = (await bob.call('GET', '/api/v1/approvals')).body.items;
    const gate = approvals.find((open: { taskId: string }) => open.taskId === first);
    const path = `/api/v1/approvals/${gate.id}`;
    const decided = await bob.call('POST', path, { decision: 'allow' });
    expect(decided.status, decided.text).toBeLessThan(300);
    const later = await server.nextRun(first);
    await later.start();
    expect(server.hasRun(second)).toBe(false);
    await later.finish();
    await (await server.nextRun(second)).answer('another plan');
    expect((await bob.call('POST', `/api/v1/tasks/${second}/cancel`, {})).status).toBeLessThan(300);
    await server.settled(second);

    await makeTeam(bob, {
      name: 'voices',
      members: [{ name: 'ann', leader: true }, { name: 'ben' }, { name: 'cy' }],
      collaborationModel: 'collaborate',
      limits: { turns: 0 },
    });
    const task = await ask('voices');
    // One of its runs is cancelled before it is let in: what follows waits with the others.
    const runs = await server.store.executions.activeOfTask(task);
    expect(runs).toHaveLength(2);
    for (const { id } of runs)
      expect((await bob.call('POST', `/api/v1/tasks/${task}/cancel`, { executionId: id })).status).toBe(200);
    await server.settled(task);
    expect(server.hasRun(task)).toBe(false);
  });

  test('who administers sees why coding tasks wait, and nobody is said to be in the way of others', async () => {
    const coder = [{ name: 'ann', shell: 'ClaudeCode' as const }];
    await makeTeam(bob, { name: 'coders', members: coder, limits: { turns: 0 } });
    const task = await ask('coders');
    const overview = (await server.admin.call('GET', '/api/v1/admin/executors')).body;
    expect(overview.waiting).toMatchObject([{ taskId: task, why: 'team-held', place: 1 }]);
    expect((await bob.call('GET', '/api/v1/executors')).body.slots).toMatchObject({ waiting: 0 });
    expect((await bob.call('POST', `/api/v1/tasks/${task}/cancel`, {})).status).toBe(200);
  });

  test('what waits for a Team that is deleted ends, and says why', async () => {
    await makeTeam(bob, {
      name: 'gone',
      members: [{ name: 'ann', leader: true }, { name: 'ben' }, { name: 'cy' }],
      collaborationModel: 'collaborate',
      limits: { turns: 0 },
    });
    const task = await ask('gone');
    const { uid } = (await bob.call('GET', `${TEAMS}/gone`)).body.metadata;
    expect(await server.store.turnLines.teams()).toContain(uid);
    expect((await bob.call('DELETE', `${TEAMS}/gone?force=true`)).status).toBe(200);
    await server.settled(task);
    expect(await item(task)).toMatchObject({ phase: 'Failed' });
    const answer = (await bob.messages(task)).at(-1);
    expect(answer).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('Team was deleted') },
    });
    expect(await server.store.turnLines.teams()).not.toContain(uid);
  });

  test('nobody lets in the turns of a Team without a limit', async () => {
    await makeTeam(bob, { name: 'free', members: [{ name: 'ann' }] });
    const task = await ask('free');
    const run = await server.nextRun(task);
    expect((await server.store.messages.get(run.claim.spec.messageId))?.turnLine).toBeNull();
    await run.answer('free');
    await server.settled(task);
  });
});

test('a server that was away lets in what waits when it is back', async () => {
  await using folder = await temporaryFolder();
  const databaseUrl = `sqlite:${join(folder.path, 'turns.db')}`;
  let tasks: string[] = [];
  {
    await using before = await startChatServer({ databaseUrl, timings: { sweepMs: 600_000 } });
    origin = before.url;
    const bob = await before.newPerson('bob');
    await makeTeam(bob, { name: 'slow', members: [{ name: 'ann' }], limits: { turns: 1 } });
    for (let count = 0; count < 3; count += 1)
      tasks.push((await bob.send({ message: 'Hello', team: { name: 'slow' } })).taskId);
    const run = await before.nextRun(tasks[0] ?? '');
    await run.start();
    // It ends, and nobody is there any more to let in the next.
    const [message] = await before.store.executions.activeOfTask(tasks[0] ?? '');
    await before.store.events.append(
      [
        {
          executionId: run.id,
          attempt: 'server',
          firstSeq: 'next',
          events: [{ type: 'finish', outcome: 'completed' }],
        },
      ],
      Date.now(),
    );
    expect(message?.id).toBe(run.id);
  }
  await using after = await startChatServer({ databaseUrl, timings: { sweepMs: 600_000 } });
  tasks = tasks.slice(1);
  await (await after.nextRun(tasks[0] ?? '')).answer('second');
  await (await after.nextRun(tasks[1] ?? '')).answer('third');
  await after.settled(tasks[1] ?? '');
}, 60_000);

describeWith(['mariadb'], 'two servers on one database', () => {
  test('never run more turns of a Team at once than it may', async () => {
    await using mariadb = await startMariaDb();
    const databaseUrl = await mariadb.createDatabase();
    await using one = await startChatServer({ databaseUrl, timings: { sweepMs: 500 } });
    await using two = await startChatServer({ databaseUrl, timings: { sweepMs: 500 } });
    origin = one.url;
    const bob = await one.newPerson('bob');
    await makeTeam(bob, { name: 'pair', members: [{ name: 'ann' }], limits: { turns: 2 } });
    const TURNS = 20;
    const send = async (server: ChatServer) => {
      const answer = await server.call(
        'POST',
        '/api/v1/tasks',
        { clientMessageId: crypto.randomUUID(), message: 'Hello', team: { name: 'pair' } },
        { authorization: `Bearer ${bob.token}` },
      );
      expect(answer.status, answer.text).toBe(201);
      return String(answer.body.taskId);
    };
    const sent = Array.from({ length: TURNS }, (_, index) => send(index % 2 === 0 ? one : two));
    let most = 0;
    const done = new Set<string>();
    const working = new Set<string>();
    const tasks: string[] = await Promise.all(sent);
    await waitFor(
      async () => {
        const uid = (await bob.call('GET', `${TEAMS}/pair`)).body.metadata.uid;
        most = Math.max(most, await one.store.turnLines.running(uid));
        for (const task of tasks) {
          if (done.has(task) || working.has(task)) continue;
          const [run] = await one.store.executions.activeOfTask(task);
          if (run?.state !== 'pending' || run.enqueuedAt === NOT_YET) continue;
          working.add(task);
          expect(working.size, 'runs that managers may take').toBeLessThanOrEqual(2);
          const server = done.size % 2 === 0 ? two : one;
          void claimRun(server.link, run.id).then(async (claimed) => {
            await claimed.start();
            working.delete(task);
            done.add(task);
            await claimed.finish();
          });
        }
        return done.size === TURNS;
      },
      { what: 'all turns to be over', timeoutMs: 60_000 },
    );
    for (const task of tasks) await one.settled(task);
    expect(most).toBe(2);
    // As the rows tell it: when each began to run, and when it was over.
    const runs = (
      await Promise.all(
        tasks.map(async (task) => {
          const [answer] = (await bob.messages(task)).filter(({ role }) => role === 'assistant');
          return one.store.executions.ofMessage(answer?.id ?? '');
        }),
      )
    ).flat();
    expect(runs).toHaveLength(TURNS);
    const moments = runs.flatMap(({ startedAt, finishedAt }) => [
      { at: startedAt ?? 0, change: 1 },
      { at: finishedAt ?? 0, change: -1 },
    ]);
    moments.sort((left, right) => left.at - right.at || left.change - right.change);
    let running = 0;
    for (const { change } of moments) {
      running += change;
      expect(running).toBeLessThanOrEqual(2);
    }
  }, 180_000);
});
