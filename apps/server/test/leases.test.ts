import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, INTERNAL_SECRET, type Person, startChatServer } from './support/chat-server.ts';
import { claimRun, type ScriptedRun } from './support/scripted-run.ts';

let server: ChatServer;
let bob: Person;

beforeAll(async () => {
  server = await startChatServer({ timings: { cancelDeadlineMs: 60_000, sweepMs: 50 } });
  bob = await server.newPerson('bob');
});
afterAll(() => server[Symbol.asyncDispose]());

/** A run that has been claimed and announced. */
async function startedRun(message = 'Go.'): Promise<{ taskId: string; run: ScriptedRun }> {
  const { taskId } = await bob.send({ message });
  const run = await server.nextRun(taskId);
  await run.start();
  return { taskId, run };
}

/** Ends the leases of all managers, as if they had been silent for too long; the sweep does the rest. */
const loseLeases = () => server.store.executions.expireLeasesOf('suite', Date.now());

const stateOf = async (run: { id: string }) => (await server.store.executions.get(run.id))?.state;
const PATIENCE = { timeout: 20_000 };
const conflict = { reason: 'Conflict' };

describe('the lease', () => {
  test('eight managers claim at once: one gets the run', async () => {
    const { executionIds } = await bob.send({ message: 'Who is first?' });
    const [id = ''] = executionIds;
    const claims = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => claimRun(server.link, id, `manager-${index}`)),
    );
    const won = claims.filter(({ status }) => status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const claim of claims) {
      if (claim.status === 'rejected') expect(claim.reason).toMatchObject(conflict);
    }
    expect(await server.store.executions.get(id)).toMatchObject({ state: 'running', attempt: 1 });
  });

  test('is prolonged by a heartbeat, and only by that of the attempt that holds it', async () => {
    const { run } = await startedRun();
    const { leaseUntil, commands } = await run.heartbeat();
    expect(leaseUntil).toBeGreaterThanOrEqual(run.claim.leaseUntil);
    expect(commands).toEqual([]);
    for (const attempt of [2, 100]) {
      await expect(server.link.heartbeat(run.id, { attempt })).rejects.toMatchObject(conflict);
    }
    await expect(server.link.heartbeat(randomUUID(), { attempt: 1 })).rejects.toMatchObject(conflict);
    await run.finish();
    await expect(run.heartbeat()).rejects.toMatchObject(conflict);
  });
});

describe('the events of a run', () => {
  const log = (text: string) => ({ type: 'log' as const, stream: 'stdout' as const, text });
  const logOf = async (run: ScriptedRun) =>
    (await server.store.events.ofExecution(run.id)).flatMap(({ event }) =>
      event.type === 'log' ? [event.text] : [],
    );

  test('a batch that comes twice, or overlaps, is stored once', async () => {
    const { taskId, run } = await startedRun();
    const batch = { attempt: 1, firstSeq: 2, events: [log('a'), log('b')] };
    expect(await server.link.events(run.id, batch)).toEqual({ ackedSeq: 3 });
    expect(await server.link.events(run.id, batch)).toEqual({ ackedSeq: 3 });
    expect(
      await server.link.events(run.id, { attempt: 1, firstSeq: 3, events: [log('b'), log('c')] }),
    ).toEqual({ ackedSeq: 4 });
    const same = { attempt: 1, firstSeq: 5, events: [log('d')] };
    const acks = await Promise.all(Array.from({ length: 5 }, () => server.link.events(run.id, same)));
    expect(acks).toEqual(acks.map(() => ({ ackedSeq: 5 })));
    expect(await logOf(run)).toEqual(['a', 'b', 'c', 'd']);
    expect((await server.store.tasks.get(taskId))?.lastSeq).toBe(5);
  });

  test('a gap and a wrong attempt are refused, and change nothing', async () => {
    const { run } = await startedRun();
    for (const batch of [
      { attempt: 1, firstSeq: 3, events: [log('gap')] },
      { attempt: 2, firstSeq: 2, events: [log('future')] },
    ]) {
      await expect(server.link.events(run.id, batch)).rejects.toMatchObject(conflict);
    }
    await expect(
      server.link.events(randomUUID(), { attempt: 1, firstSeq: 1, events: [log('nowhere')] }),
    ).rejects.toMatchObject({ reason: 'NotFound' });
    expect(await logOf(run)).toEqual([]);
    expect(await stateOf(run)).toBe('running');
  });

  test('nothing comes after the end, but the end may come twice', async () => {
    const { run } = await startedRun();
    const end = {
      attempt: 1,
      firstSeq: 2,
      events: [log('last'), { type: 'finish' as const, outcome: 'completed' as const }],
    };
    expect(await server.link.events(run.id, end)).toEqual({ ackedSeq: 3 });
    expect(await server.link.events(run.id, end)).toEqual({ ackedSeq: 3 });
    await expect(
      server.link.events(run.id, { attempt: 1, firstSeq: 4, events: [log('late')] }),
    ).rejects.toMatchObject(conflict);
    expect(await logOf(run)).toEqual(['last']);
    const second = await startedRun();
    await second.run.emit({ type: 'finish', outcome: 'completed' }, log('behind the end'));
    expect(await logOf(second.run)).toEqual([]);
  });

  test('text, tool and question move the run and the task between their states', async () => {
    const { taskId, run } = await startedRun();
    const phase = async () => (await bob.call('GET', `/api/v1/tasks/${taskId}`)).body.phase;
    await expect.poll(phase, PATIENCE).toBe('Running');
    await run.emit({
      type: 'question',
      questionId: 'q',
      questions: [{ id: 'colour', text: 'Which colour?' }],
    });
    expect(await stateOf(run)).toBe('waiting');
    await expect.poll(phase, PATIENCE).toBe('WaitingForInput');
    expect((await bob.messages(taskId)).at(-1)?.status).toBe('waiting');
    await run.emit({ type: 'question-answered', questionId: 'q', answers: { colour: 'red' } });
    expect(await stateOf(run)).toBe('running');
    await expect.poll(phase, PATIENCE).toBe('Running');
    await run.finish();
    await expect.poll(phase, PATIENCE).toBe('Completed');
  });
});

describe('a lost lease', () => {
  test('is a second attempt, which takes back what the first has written; the first is fenced off', async () => {
    const { taskId, run } = await startedRun();
    using client = await bob.connect();
    await client.ask('task:join', { taskId });
    await run.text('The first at');
    await run.emit(
      { type: 'reasoning-start', blockId: 'thought' },
      { type: 'reasoning-delta', blockId: 'thought', text: 'hm' },
      { type: 'warning', code: 'mcp', message: 'one server is away' },
    );
    await loseLeases();
    const second = await server.nextRun(taskId);
    expect(second.id).toBe(run.id);
    expect(second.claim.attempt).toBe(2);
    expect(second.claim.nextSeq).toBe(7);
    expect(second.claim.openBlocks.toSorted()).toEqual(['text-1-1', 'thought']);
    expect(second.claim.spec.input.text).toBe('Go.');
    await expect(run.text('tempt')).rejects.toMatchObject(conflict);
    await expect(run.heartbeat()).rejects.toMatchObject(conflict);
    await second.start();
    await second.emit(
      ...second.claim.openBlocks.map((blockId) => ({ type: 'block-reset' as const, blockId })),
    );
    await second.text('The second attempt.');
    await second.finish();
    await server.settled(taskId);
    const [, answer] = await bob.messages(taskId);
    expect(answer).toMatchObject({ status: 'completed', text: 'The second attempt.' });
    expect(answer?.blocks.map(({ type }) => type)).toEqual(['warning', 'text']);
    const starts = client.received.filter(({ name }) => name === 'chat:start');
    expect(starts.map(({ payload }) => payload.attempt)).toEqual([2]);
    const { events } = await client.ask('chat:resume', { taskId, afterSeq: 0 });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  });

  test('after a tool was used is a failure that says so, and the next message goes on', async () => {
    const { taskId, run } = await startedRun();
    await run.text('I will delete it. ');
    await run.tool('delete_file');
    const queued = await bob.send({ taskId, message: 'Next.' });
    expect(queued.queued).toBe(true);
    await loseLeases();
    const next = await server.nextRun(taskId);
    expect(next.id).not.toBe(run.id);
    expect(next.claim.spec.input.text).toBe('Next.');
    await next.answer('Here.');
    await server.settled(taskId);
    const [, answer] = await bob.messages(taskId);
    expect(answer).toMatchObject({
      status: 'failed',
      text: 'I will delete it. ',
      error: { reason: 'LeaseLost', retryable: true },
    });
    expect(answer?.error?.message).toContain('tools');
    await expect(run.finish()).rejects.toMatchObject(conflict);
  });

  test('ends after the last attempt', async () => {
    const { taskId, run } = await startedRun();
    const attempts = [run.claim.attempt];
    const { maxAttempts } = run.claim.spec.shell;
    for (let attempt = 2; attempt <= maxAttempts; attempt += 1) {
      await loseLeases();
      const again = await server.nextRun(taskId);
      attempts.push(again.claim.attempt);
      await again.start();
    }
    expect(attempts).toEqual([1, 2, 3]);
    await loseLeases();
    await server.settled(taskId);
    const [, answer] = await bob.messages(taskId);
    expect(answer).toMatchObject({ status: 'failed', error: { reason: 'LeaseLost' } });
    expect(answer?.error?.message).toContain('3 times');
    expect(server.hasRun(taskId)).toBe(false);
    expect((await bob.send({ taskId, message: 'Again.' })).executionIds).toHaveLength(1);
  });

  test('of a run that is being cancelled ends as cancelled', async () => {
    const { taskId, run } = await startedRun();
    await run.text('So far.');
    using client = await bob.connect();
    const cancelled = client.ask('chat:cancel', { taskId });
    await expect.poll(() => stateOf(run), PATIENCE).toBe('cancelling');
    await loseLeases();
    expect(await cancelled).toMatchObject({ outcome: 'cancelled' });
    await server.settled(taskId);
    expect((await bob.messages(taskId))[1]).toMatchObject({ status: 'cancelled', text: 'So far.' });
    expect(server.hasRun(taskId)).toBe(false);
  });

  test('of one that waits for a person is another attempt as well', async () => {
    const { taskId, run } = await startedRun();
    await run.emit({ type: 'question', questionId: 'q', questions: [{ id: 'a', text: 'Which?' }] });
    await loseLeases();
    const second = await server.nextRun(taskId);
    expect(second.claim).toMatchObject({ attempt: 2, openBlocks: ['q'], waiting: true });
    await second.finish();
  });
});

describe('the routes of the managers', () => {
  const paths = ['claim', 'heartbeat', 'events'];
  const bodies = [
    { managerId: 'm' },
    { attempt: 1 },
    { attempt: 1, firstSeq: 1, events: [{ type: 'finish', outcome: 'completed' }] },
  ];

  test('are shut to users, and to everybody who does not know the secret', async () => {
    const { executionIds } = await bob.send({ message: 'Mine.' });
    const tokens = [undefined, '', bob.token, server.admin.token, 'wrong', `${INTERNAL_SECRET}x`];
    for (const [index, path] of paths.entries()) {
      for (const token of tokens) {
        const answer = await server.call(
          'POST',
          `/internal/v1/executions/${executionIds[0]}/${path}`,
          bodies[index],
          token === undefined ? {} : { authorization: `Bearer ${token}` },
        );
        expect(answer, `${path} with ${token}`).toMatchObject({ status: 401, body: { kind: 'Status' } });
      }
    }
    expect(await stateOf({ id: executionIds[0] ?? '' })).toBe('pending');
    const openApi = await server.call('GET', '/openapi.json');
    expect(openApi.text).not.toContain('/internal/');
  });

  test('speak the same contract as the link in one process', async () => {
    const { taskId, executionIds } = await bob.send({ message: 'Over HTTP.' });
    const post = (path: string, body: unknown, id = executionIds[0]) =>
      server.call('POST', `/internal/v1/executions/${id}/${path}`, body, {
        authorization: `Bearer ${INTERNAL_SECRET}`,
      });
    const claim = await post('claim', { managerId: 'remote' });
    expect(claim).toMatchObject({ status: 200, body: { attempt: 1, nextSeq: 1, openBlocks: [] } });
    expect(await post('claim', { managerId: 'other' })).toMatchObject({ status: 409 });
    expect(await post('heartbeat', { attempt: 1 })).toMatchObject({ status: 200, body: { commands: [] } });
    expect(await post('heartbeat', { attempt: 2 })).toMatchObject({ status: 409 });
    const finish = { type: 'finish', outcome: 'completed' };
    expect(await post('events', { attempt: 1, firstSeq: 2, events: [finish] })).toMatchObject({
      status: 409,
    });
    expect(await post('events', { attempt: 1, firstSeq: 1, events: [finish] }, randomUUID())).toMatchObject({
      status: 404,
    });
    for (const events of [[], [{ type: 'nonsense' }], [{ type: 'text-delta', blockId: 'b' }], 'x']) {
      expect(await post('events', { attempt: 1, firstSeq: 1, events })).toMatchObject({ status: 422 });
    }
    expect(await post('events', { attempt: 1, firstSeq: 1, events: [finish] })).toMatchObject({
      status: 200,
      body: { ackedSeq: 1 },
    });
    await server.settled(taskId);
    expect((await bob.messages(taskId))[1]).toMatchObject({ status: 'completed' });
  });
});
