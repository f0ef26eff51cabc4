import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, type Person, startChatServer } from './support/chat-server.ts';
import { type EventStream, openEventStream } from './support/event-stream.ts';
import type { ScriptedRun } from './support/scripted-run.ts';

let server: ChatServer;
let bob: Person;

beforeAll(async () => {
  server = await startChatServer();
  bob = await server.newPerson('bob');
});
afterAll(() => server[Symbol.asyncDispose]());

/** A task whose answer has begun: three events are stored. */
async function begun(person = bob): Promise<{ taskId: string; run: ScriptedRun }> {
  const { taskId } = await person.send({ message: 'Write.' });
  const run = await server.nextRun(taskId);
  await run.start();
  await run.text('one');
  return { taskId, run };
}

function open(
  person: Person,
  taskId: string,
  options: { after?: number; lastEventId?: string } = {},
): Promise<EventStream> {
  return openEventStream({ url: server.url, token: person.token, taskId, ...options });
}

describe('the events of a task over HTTP', () => {
  test('what is stored is replayed, and what comes is live, each with its number', async () => {
    const { taskId, run } = await begun();
    await using stream = await open(bob, taskId);
    expect(await stream.take(3)).toMatchObject([
      { id: 1, event: 'run-start', data: { seq: 1, executionId: run.id } },
      { id: 2, event: 'text-start' },
      { id: 3, event: 'text-delta', data: { event: { text: 'one' } } },
    ]);
    await run.text(' two');
    expect(await stream.take(1)).toMatchObject([{ id: 4, data: { event: { text: ' two' } } }]);
    await run.finish();
    expect((await stream.take(2)).map(({ event }) => event)).toEqual(['text-end', 'finish']);
  });

  test('a reader goes on behind a number, or behind the last event that it had', async () => {
    const { taskId, run } = await begun();
    await run.finish();
    await using after = await open(bob, taskId, { after: 2 });
    expect(await after.take(1)).toMatchObject([{ id: 3 }]);
    await using resumed = await open(bob, taskId, { after: 0, lastEventId: '3' });
    expect(await resumed.take(1)).toMatchObject([{ id: 4 }]);
  });

  test('a number that is none, or that lies in the future, is refused', async () => {
    const { taskId, run } = await begun();
    const status = (path: string) => bob.call('GET', `/api/v1/tasks/${taskId}/events${path}`);
    expect(await status('?after=1000')).toMatchObject({
      status: 422,
      body: { kind: 'Status', details: { causes: [{ field: 'after' }] } },
    });
    expect((await status('?after=-1')).status).toBe(422);
    expect((await status('?after=x')).status).toBe(422);
    await expect(open(bob, taskId, { lastEventId: 'x' })).rejects.toThrow('400');
    await run.finish();
  });

  test('what is not kept any more comes as one snapshot, and the rest after it', async () => {
    const { taskId, run } = await begun();
    await run.finish();
    await server.settled(taskId);
    await server.store.events.compact(Date.now() + 1, 1000);
    await using stream = await open(bob, taskId);
    const [snapshot] = await stream.take(1);
    expect(snapshot).toMatchObject({ id: 5, event: 'snapshot', data: { seq: 5 } });
    expect(snapshot?.data).toMatchObject({ messages: [{ text: 'Write.' }, { text: 'one' }] });
    await bob.send({ taskId, message: 'More.' });
    await (await server.nextRun(taskId)).answer('two');
    expect((await stream.take(2)).map(({ id }) => id)).toEqual([6, 7]);
  });

  test("nobody else's", async () => {
    const eve = await server.newPerson('eve');
    const { taskId, run } = await begun();
    await expect(open(eve, taskId)).rejects.toThrow('404');
    await run.finish();
  });

  test.each([
    [
      'the account is disabled',
      (person: Person) =>
        server.admin.call('PATCH', `/api/v1/admin/users/${person.user.id}`, { disabled: true }),
    ],
    ['the session is signed out', (person: Person) => person.call('POST', '/api/v1/auth/logout')],
    [
      'the task is deleted',
      (person: Person, taskId: string) => person.call('DELETE', `/api/v1/tasks/${taskId}`),
    ],
  ])('the stream ends when %s', async (name, withdraw) => {
    const person = await server.newPerson(`reader-${name.length}`);
    const { taskId, run } = await begun(person);
    await using stream = await open(person, taskId);
    await stream.take(3);
    if (name.startsWith('the task')) await run.finish();
    expect((await withdraw(person, taskId)).status).toBeLessThan(300);
    await stream.ended();
  });
});
