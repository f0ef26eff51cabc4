import type { ApiError, ExecutionEvent } from '@wegent/api';
import { waitFor } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, INTERNAL_SECRET, type Person, startChatServer } from './support/chat-server.ts';
import { claimRun, type ScriptedRun } from './support/scripted-run.ts';

let server: ChatServer;
let bob: Person;

beforeAll(async () => {
  server = await startChatServer({ timings: { sweepMs: 50 } });
  bob = await server.newPerson('bob');
});
afterAll(() => server[Symbol.asyncDispose]());

const say = (text: string): ExecutionEvent => ({ type: 'text-delta', blockId: 'b', text });

/** A run that a manager holds and has begun. */
async function held(): Promise<{ taskId: string; run: ScriptedRun }> {
  const { taskId } = await bob.send({ message: 'Write.' });
  const run = await server.nextRun(taskId);
  await run.start();
  return { taskId, run };
}

/** What becomes of a run whose manager is gone: its lease is over, and the sweep comes by. */
async function loseLease(run: ScriptedRun): Promise<void> {
  await server.store.executions.expireLeasesOf('suite', Date.now());
  await waitFor(async () => (await server.store.executions.get(run.id))?.state !== 'running', {
    what: 'the sweep to see the lost lease',
  });
}

async function reasonOf(refused: Promise<unknown>): Promise<string> {
  return refused.then(
    () => 'not refused',
    (error: ApiError) => error.reason,
  );
}

async function answerOf(taskId: string) {
  return (await bob.messages(taskId)).at(-1);
}

describe('a lease', () => {
  test('goes to one of many that want it', async () => {
    const { executionIds } = await bob.send({ message: 'Write.' });
    const [id = ''] = executionIds;
    const claims = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => claimRun(server.link, id, `manager-${index}`)),
    );
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refusals = claims.flatMap((claim) => (claim.status === 'rejected' ? [claim.reason.reason] : []));
    expect(refusals).toEqual(Array(19).fill('Conflict'));
    expect(await reasonOf(server.link.claim('no-such-run', { managerId: 'suite' }))).toBe('Conflict');
  });

  test('is prolonged by a heartbeat of its own attempt only', async () => {
    const { run } = await held();
    const before = run.claim.leaseUntil;
    await expect.poll(async () => (await run.heartbeat()).leaseUntil).toBeGreaterThan(before);
    expect(await reasonOf(server.link.heartbeat(run.id, { attempt: 2 }))).toBe('Conflict');
    await run.finish();
    expect(await reasonOf(run.heartbeat())).toBe('Conflict');
  });
});

describe('the events of a run', () => {
  test('a batch that comes again is no second batch, and one that goes on from the middle adds its end', async () => {
    const { taskId, run } = await held();
    const post = (firstSeq: number, ...events: ExecutionEvent[]) =>
      server.link.events(run.id, { attempt: 1, firstSeq, events });
    await post(2, { type: 'text-start', blockId: 'b' }, say('a'), say('b'));
    expect(await post(2, { type: 'text-start', blockId: 'b' }, say('a'), say('b'))).toEqual({ ackedSeq: 4 });
    expect(await post(4, say('b'), say('c'))).toEqual({ ackedSeq: 5 });
    expect((await answerOf(taskId))?.text).toBe('abc');
    const end: ExecutionEvent = { type: 'finish', outcome: 'completed' };
    await post(6, end);
    // Its acknowledgement was lost: the manager may ask again without harm.
    expect(await post(6, end)).toEqual({ ackedSeq: 6 });
    expect(await reasonOf(post(7, say('d')))).toBe('Conflict');
    await server.settled(taskId);
    expect((await server.store.tasks.get(taskId))?.lastSeq).toBe(6);
  });

  test('a batch behind a gap is refused and says where to go on', async () => {
    const { run } = await held();
    const refused = server.link.events(run.id, { attempt: 1, firstSeq: 5, events: [say('x')] });
    await expect(refused).rejects.toMatchObject({
      reason: 'Conflict',
      message: expect.stringMatching(/go on at 2/),
    });
    expect((await server.store.executions.get(run.id))?.lastSeq).toBe(1);
    await run.finish();
  });

  test('what comes after the end in one batch is not kept', async () => {
    const { taskId, run } = await held();
    await run.emit({ type: 'finish', outcome: 'completed' }, say('late'));
    await server.settled(taskId);
    expect((await server.store.tasks.get(taskId))?.lastSeq).toBe(2);
  });

  test('the internal routes want their secret, and no token of a person opens them', async () => {
    const { executionIds } = await bob.send({ message: 'Write.' });
    const path = `/internal/v1/executions/${executionIds[0]}/claim`;
    const claim = (authorization: string) =>
      server.call('POST', path, { managerId: 'suite' }, { authorization });
    for (const header of [
      '',
      'Bearer',
      `Bearer ${bob.token}`,
      `Bearer ${server.admin.token}`,
      `Bearer ${INTERNAL_SECRET}x`,
    ]) {
      expect([header.slice(0, 12), (await claim(header)).status]).toEqual([header.slice(0, 12), 401]);
    }
    const claimed = await claim(`Bearer ${INTERNAL_SECRET}`);
    expect(claimed).toMatchObject({ status: 200, body: { attempt: 1, nextSeq: 1, openBlocks: [] } });
    expect((await claim(`Bearer ${INTERNAL_SECRET}`)).status).toBe(409);
  });
});

describe('a manager that is lost', () => {
  test('another takes the run over, takes back what was written, and the first can write no more', async () => {
    const { taskId, run } = await held();
    await run.text('half');
    using client = await bob.connect();
    await client.ask('task:join', { taskId });
    await loseLease(run);
    const second = await server.nextRun(taskId);
    expect(second.claim).toMatchObject({ attempt: 2, nextSeq: 4, openBlocks: ['text-1-1'] });
    expect(await reasonOf(run.text('late'))).toBe('Conflict');
    expect(await reasonOf(run.heartbeat())).toBe('Conflict');
    await second.start();
    await second.emit(
      ...second.claim.openBlocks.map((blockId) => ({ type: 'block-reset', blockId }) as const),
    );
    expect((await answerOf(taskId))?.text).toBe('');
    await second.text('whole');
    await second.finish();
    await server.settled(taskId);
    expect(await answerOf(taskId)).toMatchObject({ text: 'whole', status: 'completed' });
    const starts = client.received.filter(({ name }) => name === 'chat:start');
    expect(starts.map(({ payload }) => payload.attempt)).toEqual([2]);
  });

  test('a run that has used a tool is not repeated by itself', async () => {
    const { taskId, run } = await held();
    await run.text('before');
    await run.tool('send_mail');
    await loseLease(run);
    await server.settled(taskId);
    expect(await answerOf(taskId)).toMatchObject({
      status: 'failed',
      text: 'before',
      error: { reason: 'LeaseLost', retryable: true },
    });
    expect((await answerOf(taskId))?.error?.message).toMatch(/not repeated/);
    expect(server.hasRun(taskId)).toBe(false);
  });

  test('a run that is lost again and again fails, and the next message goes on', async () => {
    const { taskId, run } = await held();
    const { maxAttempts } = run.claim.spec.shell;
    let current = run;
    for (let attempt = 1; attempt < maxAttempts; attempt += 1) {
      await loseLease(current);
      current = await server.nextRun(taskId);
    }
    expect(current.claim.attempt).toBe(maxAttempts);
    const queued = await bob.send({ taskId, message: 'Still there?' });
    expect(queued.queued).toBe(true);
    await loseLease(current);
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.input.text).toBe('Still there?');
    await next.answer('Yes.');
    await server.settled(taskId);
    const [, first] = await bob.messages(taskId);
    expect(first).toMatchObject({ status: 'failed', error: { reason: 'LeaseLost' } });
  });

  test('a run that was being cancelled ends as cancelled', async () => {
    const { taskId, run } = await held();
    await run.text('half');
    const cancelled = bob.call('POST', `/api/v1/tasks/${taskId}/cancel`, {});
    await waitFor(async () => (await run.heartbeat()).commands.length > 0, { what: 'the order to stop' });
    await server.store.executions.expireLeasesOf('suite', Date.now());
    expect((await cancelled).body).toEqual({ outcome: 'cancelled' });
    await server.settled(taskId);
    expect(await answerOf(taskId)).toMatchObject({ status: 'cancelled', text: 'half' });
  });

  test('a queue that has forgotten a run is filled again', async () => {
    const { taskId, executionIds } = await bob.send({ message: 'Write.' });
    const [id = ''] = executionIds;
    await waitFor(() => server.hasRun(taskId), { what: 'the run to be delivered' });
    await (await server.nextRun(taskId)).heartbeat();
    // The server looks again after ten seconds; here they have passed.
    await server.store.executions.expireLeasesOf('suite', Date.now());
    await waitFor(() => server.hasRun(taskId), { what: 'the run to be delivered again' });
    expect((await server.store.executions.get(id))?.state).toBe('pending');
    await (await server.nextRun(taskId)).answer('Here.');
  });

  test('what a server left half done is finished at the next look', async () => {
    const { taskId, run } = await held();
    const queued = await bob.send({ taskId, message: 'Next.' });
    // The end is stored, but the server that stored it dies before it does anything about it.
    await server.store.events.append(
      [{ executionId: run.id, attempt: 1, firstSeq: 2, events: [{ type: 'finish', outcome: 'completed' }] }],
      Date.now(),
    );
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.messageId).not.toBe(run.claim.spec.messageId);
    await next.answer('Done.');
    await server.settled(taskId);
    const path = await bob.messages(taskId);
    expect(path.map(({ status }) => status)).toEqual(Array(4).fill('completed'));
    expect(path[2]?.id).toBe(queued.messageId);
  });
});
