import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, INTERNAL_SECRET, type Person, startChatServer } from './support/chat-server.ts';
import { claimRun, type ScriptedRun } from './support/scripted-run.ts';

let server: ChatServer;
let bob: Person;
let eve: Person;
const PATIENCE = { timeout: 20_000 };

beforeAll(async () => {
  server = await startChatServer({ timings: { sweepMs: 50 } });
  bob = await server.newPerson('bob');
  eve = await server.newPerson('eve');
});
afterAll(() => server[Symbol.asyncDispose]());

/** A run of bob's coder that has begun. */
async function startedRun(
  options: Record<string, unknown> = {},
): Promise<{ taskId: string; run: ScriptedRun }> {
  const { taskId } = await bob.send({ message: 'Clean up.', team: { name: 'coder' }, ...options });
  const run = await server.nextRun(taskId);
  await run.start();
  return { taskId, run };
}

const decide = (person: Person, id: string, body: unknown = { decision: 'allow' }) =>
  person.call('POST', `/api/v1/approvals/${id}`, body);
const phaseOf = async (taskId: string) => (await bob.call('GET', `/api/v1/tasks/${taskId}`)).body.phase;
const waitingIds = async (person: Person) =>
  (await person.call('GET', '/api/v1/approvals')).body.items.map(({ id }: { id: string }) => id);

describe('an approval', () => {
  test('waits for a person, who allows it; the run hears it once and goes on', async () => {
    const { taskId, run } = await startedRun();
    using client = await bob.connect();
    await run.askApproval('allow-1', 'Run ls');
    await expect.poll(() => phaseOf(taskId), PATIENCE).toBe('WaitingForInput');
    expect(await client.until('approval:requested', (event) => event.taskId === taskId)).toEqual({
      taskId,
      approvalId: 'allow-1',
      title: 'Run ls',
    });
    const { body } = await bob.call('GET', '/api/v1/approvals');
    expect(body.items).toContainEqual({
      id: 'allow-1',
      type: 'approval',
      taskId,
      taskTitle: 'Clean up.',
      executionId: run.id,
      tool: 'Bash',
      title: 'Run ls',
      input: { command: 'ls' },
      reason: 'a rule asks',
      createdAt: expect.any(String),
    });
    const decision = {
      decision: 'allow',
      updatedInput: { command: 'ls -l' },
      remember: { tool: 'Bash', match: '*ls*' },
    };
    expect(await decide(bob, 'allow-1', decision)).toMatchObject({
      status: 200,
      body: { decision: 'allow' },
    });
    await client.until('approval:resolved', (event) => event.approvalId === 'allow-1');
    expect(await waitingIds(bob)).not.toContain('allow-1');
    expect(await run.inputs()).toEqual([
      {
        type: 'approval',
        id: expect.any(String),
        by: 'bob',
        approvalId: 'allow-1',
        decision: 'allow',
        updatedInput: { command: 'ls -l' },
        remember: { tool: 'Bash', match: '*ls*', decision: 'allow' },
      },
    ]);
    expect((await run.heartbeat()).commands).toEqual([]);
    await run.emit({ type: 'approval-decided', approvalId: 'allow-1', decision: 'allow', by: 'bob' });
    await expect.poll(() => phaseOf(taskId), PATIENCE).toBe('Running');
    await run.finish();
  });

  test('that is to hold for the rest of the task goes before the rules of the Ghost from then on', async () => {
    const { taskId, run } = await startedRun();
    await run.askApproval('remember-1');
    await decide(bob, 'remember-1', { decision: 'allow', remember: { tool: 'Bash', match: '*npm test*' } });
    await run.emit({ type: 'approval-decided', approvalId: 'remember-1', decision: 'allow', by: 'bob' });
    await run.finish();
    await expect.poll(() => phaseOf(taskId), PATIENCE).toBe('Completed');
    await bob.send({ taskId, message: 'Once more.' });
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.approvals[0]).toEqual({ tool: 'Bash', match: '*npm test*', decision: 'allow' });
    await next.start();
    await next.finish();
  });

  test('is decided once, and who comes later hears by whom', async () => {
    const { run } = await startedRun({ participants: ['eve'], message: '@coder Clean up.' });
    await run.askApproval('race-1');
    const answers = await Promise.all([
      ...Array.from({ length: 4 }, () => decide(bob, 'race-1')),
      ...Array.from({ length: 4 }, () => decide(eve, 'race-1', { decision: 'deny', reason: 'no' })),
    ]);
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    const winner = won[0]?.body.decision === 'allow' ? 'bob has allowed' : 'eve has refused';
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      expect(status).toBe(409);
      expect(body.message).toContain(winner);
    }
    expect(await run.inputs()).toHaveLength(1);
    await run.finish();
    expect((await decide(bob, 'race-1')).body.message).toContain(winner);
  });

  test("of somebody else's task does not exist, for reading and for deciding", async () => {
    const { taskId, run } = await startedRun();
    await run.askApproval('secret-1');
    expect(await waitingIds(eve)).toEqual([]);
    const foreign = await decide(eve, 'secret-1');
    const unknown = await decide(eve, 'nothing-1');
    expect(foreign.status).toBe(404);
    expect(foreign.body).toEqual({
      ...unknown.body,
      message: unknown.body.message.replace('nothing', 'secret'),
    });
    expect((await eve.call('POST', '/api/v1/questions/secret-1', { answers: {} })).status).toBe(404);
    // Not even an administrator takes part in what is not theirs.
    expect((await decide(server.admin, 'secret-1')).status).toBe(404);
    expect((await server.call('POST', '/api/v1/approvals/secret-1', { decision: 'allow' })).status).toBe(401);
    expect((await run.heartbeat()).commands).toEqual([]);
    expect(await phaseOf(taskId)).toBe('WaitingForInput');
    await run.finish();
  });

  test('is refused with what is wrong, and nothing changes', async () => {
    const { run } = await startedRun();
    await run.askApproval('bad-1');
    for (const body of [
      {},
      { decision: 'maybe' },
      { decision: 'expired' },
      { decision: 'allow', extra: 1 },
      { decision: 'deny', reason: 'x'.repeat(10_001) },
      { decision: 'allow', remember: { tool: '' } },
    ]) {
      expect((await decide(bob, 'bad-1', body)).status).toBe(422);
    }
    expect((await bob.call('POST', '/api/v1/questions/bad-1', { answers: {} })).status).toBe(404);
    expect((await decide(bob, encodeURIComponent('../bad-1'))).status).toBe(404);
    expect(await waitingIds(bob)).toContain('bad-1');
    await run.finish();
  });

  test('expires with its run, however that ends', async () => {
    const ended = await startedRun();
    const cancelled = await startedRun();
    using client = await bob.connect();
    await ended.run.askApproval('late-1');
    await cancelled.run.askApproval('late-2');
    await ended.run.finish('failed', { reason: 'Timeout', message: 'x', retryable: true });
    await Promise.all([bob.call('POST', `/api/v1/tasks/${cancelled.taskId}/cancel`), cancelled.run.obey()]);
    for (const id of ['late-1', 'late-2']) {
      await client.until('approval:resolved', (event) => event.approvalId === id);
      const late = await decide(bob, id);
      expect(late.status).toBe(409);
      expect(late.body.message).toContain('does not wait');
    }
    expect(await waitingIds(bob)).toEqual([]);
  });

  test('under an id that several runs use never goes to the wrong one', async () => {
    const first = await startedRun();
    const second = await startedRun();
    await first.run.askApproval('a1-p1');
    await second.run.askApproval('a1-p1');
    const unclear = await decide(bob, 'a1-p1');
    expect(unclear.status).toBe(409);
    expect(unclear.body.message).toContain('executionId');
    for (const { run } of [first, second]) expect((await run.heartbeat()).commands).toEqual([]);
    expect((await decide(bob, `a1-p1?executionId=${second.run.id}`)).status).toBe(200);
    expect(await second.run.inputs()).toMatchObject([{ approvalId: 'a1-p1', decision: 'allow' }]);
    expect((await first.run.heartbeat()).commands).toEqual([]);
    expect((await decide(eve, `a1-p1?executionId=${first.run.id}`)).status).toBe(404);
    expect((await decide(bob, 'a1-p1', { decision: 'deny' })).status).toBe(200);
    expect(await first.run.inputs()).toMatchObject([{ decision: 'deny' }]);
    await first.run.finish();
    await second.run.finish();
  });

  test('survives the loss of its manager: the next attempt hears what was decided meanwhile', async () => {
    const { taskId, run } = await startedRun();
    await run.emitAt('7', { type: 'tool-call', blockId: 't', tool: 'Bash', title: 'ls', input: {} });
    await run.askApproval('lost-1');
    await run.askApproval('lost-2');
    expect((await decide(bob, 'lost-1')).status).toBe(200);
    await server.store.executions.expireLeasesOf('suite', Date.now());
    const next = await server.nextRun(taskId, run.id);
    expect(next.claim).toMatchObject({ attempt: 2, cursor: '7', irreversible: true });
    await expect.poll(() => phaseOf(taskId), PATIENCE).toBe('WaitingForInput');
    expect(await waitingIds(bob)).toEqual(['lost-2']);
    expect((await decide(bob, 'lost-2', { decision: 'deny' })).status).toBe(200);
    await expect.poll(async () => (await next.heartbeat()).commands.length, PATIENCE).toBe(2);
    expect(await next.inputs()).toMatchObject([{ approvalId: 'lost-1' }, { approvalId: 'lost-2' }]);
    await expect(run.heartbeat()).rejects.toMatchObject({ reason: 'Conflict' });
    await next.finish();
  });
});

describe('a question', () => {
  const questions = [
    { id: 'database', text: 'Which database?', options: [{ value: 'sqlite', label: 'SQLite' }] },
    { id: 'more', text: 'What else?', multiple: true },
  ];

  test('is answered by whoever takes part', async () => {
    const { taskId, run } = await startedRun();
    await run.emit({ type: 'question', questionId: 'q-1', questions });
    await expect.poll(() => waitingIds(bob), PATIENCE).toEqual(['q-1']);
    const [item] = (await bob.call('GET', '/api/v1/approvals')).body.items;
    expect(item).toMatchObject({ type: 'question', title: 'Which database?', input: questions });
    const wrong = await bob.call('POST', '/api/v1/questions/q-1', { answers: { databse: 'sqlite' } });
    expect(wrong.status).toBe(422);
    expect(wrong.body.message).toContain('asked were database, more');
    const answers = { database: 'sqlite', more: ['a', 'b'] };
    expect((await eve.call('POST', '/api/v1/questions/q-1', { answers })).status).toBe(404);
    expect(await bob.call('POST', '/api/v1/questions/q-1', { answers })).toMatchObject({ status: 200 });
    expect(await run.inputs()).toMatchObject([{ type: 'answer', questionId: 'q-1', answers, by: 'bob' }]);
    await run.emit({ type: 'question-answered', questionId: 'q-1', answers });
    await expect.poll(() => phaseOf(taskId), PATIENCE).toBe('Running');
    await run.finish();
    expect((await bob.call('POST', '/api/v1/questions/q-1', { answers })).status).toBe(409);
  });
});

test('the way of managers over HTTP carries cursors, inputs and what was received', async () => {
  const { taskId } = await bob.send({ message: 'Over HTTP.', team: { name: 'coder' } });
  const run = await server.nextRun(taskId);
  await run.emitAt('41', { type: 'phase', text: 'x' });
  await run.askApproval('http-1');
  await decide(bob, 'http-1');
  const post = (body: unknown) =>
    server.call('POST', `/internal/v1/executions/${run.id}/heartbeat`, body, {
      authorization: `Bearer ${INTERNAL_SECRET}`,
    });
  const { body } = await post({ attempt: 1 });
  expect(body.commands).toMatchObject([{ type: 'input', input: { approvalId: 'http-1' } }]);
  const received = body.commands.map(({ input }: { input: { id: string } }) => input.id);
  expect((await post({ attempt: 1, received })).body.commands).toEqual([]);
  await server.store.executions.expireLeasesOf('suite', Date.now());
  await expect.poll(async () => (await server.store.executions.get(run.id))?.state, PATIENCE).toBe('pending');
  const claim = await server.call(
    'POST',
    `/internal/v1/executions/${run.id}/claim`,
    { managerId: 'other' },
    { authorization: `Bearer ${INTERNAL_SECRET}` },
  );
  expect(claim.body).toMatchObject({ cursor: '41', attempt: 2 });
  expect((await post({ attempt: 1 })).status).toBe(409);
  expect((await post({ attempt: 2 })).body.commands).toHaveLength(1);
});

test('a run with a cursor is tried again after tools were used, one without is not', async () => {
  const lost = await startedRun();
  const living = await startedRun();
  await lost.run.tool('Bash');
  await living.run.tool('Bash');
  await living.run.emitAt('3', { type: 'phase', text: 'x' });
  await server.store.executions.expireLeasesOf('suite', Date.now());
  await expect
    .poll(async () => (await server.store.executions.get(lost.run.id))?.error?.reason, PATIENCE)
    .toBe('LeaseLost');
  const next = await server.nextRun(living.taskId, living.run.id);
  expect(next.claim).toMatchObject({ attempt: 2, cursor: '3', irreversible: true });
  await next.finish();
  await expect(claimRun(server.link, living.run.id)).rejects.toMatchObject({ reason: 'Conflict' });
});
