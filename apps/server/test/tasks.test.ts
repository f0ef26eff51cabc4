import { randomUUID } from 'node:crypto';
import type { TaskItem } from '@wegent/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, type Person, startChatServer } from './support/chat-server.ts';

let server: ChatServer;
let people = 0;

beforeAll(async () => {
  server = await startChatServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Somebody who has no task yet. */
function somebody(): Promise<Person> {
  people += 1;
  return server.newPerson(`person-${people}`);
}

/** A task that is over. */
async function finished(person: Person, message: string, rest: object = {}): Promise<string> {
  const { taskId } = await person.send({ message, ...rest });
  await (await server.nextRun(taskId)).answer('Done.');
  await server.settled(taskId);
  return taskId;
}

async function list(person: Person, query = ''): Promise<{ titles: string[]; next: string | undefined }> {
  const { status, body, text } = await person.call('GET', `/api/v1/tasks${query}`);
  if (status !== 200) throw new Error(text);
  return { titles: body.items.map((item: TaskItem) => item.title), next: body.metadata.continue };
}

async function itemOf(person: Person, taskId: string): Promise<TaskItem> {
  return (await person.call('GET', `/api/v1/tasks/${taskId}`)).body;
}

describe('starting a task over HTTP', () => {
  test('without an id of the client each request is a message of its own', async () => {
    const bob = await somebody();
    const team = { name: 'assistant', namespace: 'public' };
    const start = () => bob.call('POST', '/api/v1/tasks', { team, message: 'Hello.' });
    const [one, two] = [await start(), await start()];
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(two.body.taskId).not.toBe(one.body.taskId);
    const path = `/api/v1/tasks/${one.body.taskId}/messages`;
    expect(await bob.call('POST', path, { message: 'And again.' })).toMatchObject({ status: 201 });
  });

  test('the same id of the client is the same message', async () => {
    const bob = await somebody();
    const team = { name: 'assistant', namespace: 'public' };
    const body = { team, message: 'Hello.', clientMessageId: randomUUID() };
    const one = await bob.call('POST', '/api/v1/tasks', body);
    expect((await bob.call('POST', '/api/v1/tasks', body)).body).toEqual(one.body);
  });
});

describe('the list of tasks', () => {
  test('is in the order of activity, and pages meet without a gap', async () => {
    const bob = await somebody();
    const ids: string[] = [];
    for (const title of ['a', 'b', 'c', 'd', 'e']) ids.push(await finished(bob, title));
    expect((await list(bob)).titles).toEqual(['e', 'd', 'c', 'b', 'a']);
    const first = await list(bob, '?limit=2');
    expect(first.titles).toEqual(['e', 'd']);
    // What happens between two pages does not move what is still to come.
    await bob.send({ taskId: ids[4] ?? '', message: 'Again.' });
    const second = await list(bob, `?limit=2&continue=${first.next}`);
    expect(second.titles).toEqual(['c', 'b']);
    const third = await list(bob, `?limit=2&continue=${second.next}`);
    expect(third).toEqual({ titles: ['a'], next: undefined });
    await bob.send({ taskId: ids[0] ?? '', message: 'Up.' });
    expect((await list(bob, '?limit=1')).titles).toEqual(['a']);
  });

  test('is found by a part of the title, by type and by phase', async () => {
    const bob = await somebody();
    await finished(bob, 'Plan the trip to Ærø');
    await finished(bob, '100% sure_thing');
    await finished(bob, '计划一次旅行');
    const running = await bob.send({ message: 'Write a poem', type: 'code' });
    await (await server.nextRun(running.taskId)).start();
    await expect.poll(() => itemOf(bob, running.taskId)).toMatchObject({ phase: 'Running' });
    const found = async (query: string) => (await list(bob, query)).titles;
    expect(await found('?search=TRIP')).toEqual(['Plan the trip to Ærø']);
    expect(await found(`?search=${encodeURIComponent('旅行')}`)).toEqual(['计划一次旅行']);
    expect(await found('?search=%25')).toEqual(['100% sure_thing']);
    expect(await found('?search=sure_t')).toEqual(['100% sure_thing']);
    expect(await found('?search=sureXt')).toEqual([]);
    expect(await found('?type=code')).toEqual(['Write a poem']);
    expect(await found('?phase=Running')).toEqual(['Write a poem']);
    expect(await found('?phase=Completed,Failed&search=plan')).toEqual(['Plan the trip to Ærø']);
  });

  test('refuses what it cannot do, and says what it can', async () => {
    const bob = await somebody();
    const refused = async (query: string) => (await bob.call('GET', `/api/v1/tasks${query}`)).status;
    expect(await refused('?limit=0')).toBe(422);
    expect(await refused('?limit=many')).toBe(422);
    expect(await refused('?continue=nonsense')).toBe(400);
    expect(await refused('?type=poem')).toBe(422);
    const { status, body } = await bob.call('GET', '/api/v1/tasks?phase=Sleeping');
    expect(status).toBe(400);
    expect(body.message).toContain('Completed');
  });

  test('shows only tasks that one takes part in', async () => {
    const [bob, eve] = [await somebody(), await somebody()];
    const taskId = await finished(bob, 'Private');
    expect(await list(eve)).toEqual({ titles: [], next: undefined });
    const paths: [string, string, unknown?][] = [
      ['GET', ''],
      ['GET', '/messages'],
      ['GET', '/events'],
      ['PATCH', '', { title: 'Mine' }],
      ['DELETE', ''],
      ['POST', '/cancel', {}],
      ['POST', '/retry', {}],
      ['POST', '/messages', { clientMessageId: randomUUID(), message: 'Hi.' }],
    ];
    for (const [method, path, body] of paths) {
      const foreign = await eve.call(method, `/api/v1/tasks/${taskId}${path}`, body);
      const absent = await eve.call(method, `/api/v1/tasks/${randomUUID()}${path}`, body);
      expect([method, path, foreign.status]).toEqual([method, path, 404]);
      expect(foreign.body.message.replace(/"[^"]+"/, '')).toBe(absent.body.message.replace(/"[^"]+"/, ''));
    }
    expect(await itemOf(bob, taskId)).toMatchObject({ title: 'Private' });
  });
});

describe('unread', () => {
  test('a task is unread after its answer, until it has been seen', async () => {
    const bob = await somebody();
    const { taskId } = await bob.send({ message: 'Hello.' });
    expect((await itemOf(bob, taskId)).unread, 'what one has written oneself').toBe(false);
    await (await server.nextRun(taskId)).answer('Hi.');
    await server.settled(taskId);
    expect((await itemOf(bob, taskId)).unread).toBe(true);
    using client = await bob.connect();
    using other = await bob.connect();
    await client.ask('task:read', { taskId });
    expect(await other.until('task:status', (status) => status.taskId === taskId)).toMatchObject({
      unread: false,
    });
    expect((await itemOf(bob, taskId)).unread).toBe(false);
  });
});

describe('changing a task', () => {
  test('another title is told to all who take part', async () => {
    const [bob, eve] = [await somebody(), await somebody()];
    const taskId = await finished(bob, '@assistant hello', { participants: [eve.user.username] });
    using client = await eve.connect();
    const renamed = await bob.call('PATCH', `/api/v1/tasks/${taskId}`, { title: '  New title ' });
    expect(renamed).toMatchObject({
      status: 200,
      body: { title: 'New title', spec: { title: 'New title' } },
    });
    expect(await client.until('task:updated')).toMatchObject({ task: { taskId, title: 'New title' } });
    for (const body of [{ title: ' ' }, { title: 'x'.repeat(501) }, {}, { name: 'x' }]) {
      expect((await bob.call('PATCH', `/api/v1/tasks/${taskId}`, body)).status).toBe(422);
    }
  });

  test('who is taken out of a conversation hears and sees nothing more of it', async () => {
    const [bob, eve, kim] = [await somebody(), await somebody(), await somebody()];
    const taskId = await finished(bob, '@assistant hello', { participants: [eve.user.username] });
    using gone = await eve.connect();
    using came = await kim.connect();
    await gone.ask('task:join', { taskId });
    const changed = await bob.call('PATCH', `/api/v1/tasks/${taskId}`, {
      participants: [kim.user.username],
    });
    expect(changed).toMatchObject({ status: 200, body: { spec: { participants: [kim.user.username] } } });
    await gone.until('task:deleted', (event) => event.taskId === taskId);
    expect(await came.until('task:created')).toMatchObject({ task: { taskId } });
    const { messageId } = await bob.send({ taskId, message: 'Just us now.' });
    await came.ask('task:join', { taskId });
    expect((await kim.messages(taskId)).at(-1)).toMatchObject({ id: messageId });
    expect(await gone.request('task:join', { taskId })).toMatchObject({
      ok: false,
      error: { reason: 'NotFound' },
    });
    expect(gone.received.filter(({ name }) => name === 'chat:message')).toEqual([]);
    expect((await eve.call('GET', `/api/v1/tasks/${taskId}`)).status).toBe(404);
  });

  test('only the owner says who takes part, and names that nobody has are refused', async () => {
    const [bob, eve] = [await somebody(), await somebody()];
    const taskId = await finished(bob, '@assistant hello', { participants: [eve.user.username] });
    const patch = (person: Person, participants: string[]) =>
      person.call('PATCH', `/api/v1/tasks/${taskId}`, { participants });
    expect((await patch(eve, [])).status).toBe(403);
    const unknown = await patch(bob, [eve.user.username, 'nobody-at-all']);
    expect(unknown).toMatchObject({
      status: 422,
      body: { details: { causes: [{ field: 'participants' }] } },
    });
    expect(unknown.body.message).toContain('nobody-at-all');
    expect((await eve.call('GET', `/api/v1/tasks/${taskId}`)).status).toBe(200);
    expect((await patch(bob, [])).status).toBe(200);
    // Alone again, one need not call anybody.
    const sent = await bob.send({ taskId, message: 'Are you there?' });
    expect(sent.executionIds).toHaveLength(1);
    await (await server.nextRun(taskId)).answer('Yes.');
  });

  test('a deleted task is gone on every transport, and its run is stopped', async () => {
    const bob = await somebody();
    const { taskId } = await bob.send({ message: 'Write.' });
    const run = await server.nextRun(taskId);
    await run.start();
    await bob.send({ taskId, message: 'And then this.' });
    using client = await bob.connect();
    await client.ask('task:join', { taskId });
    const deleted = bob.call('DELETE', `/api/v1/tasks/${taskId}`);
    await expect
      .poll(async () => (await run.heartbeat()).commands, { timeout: 10_000 })
      .toEqual([{ type: 'cancel' }]);
    await run.finish('cancelled');
    expect((await deleted).status).toBe(204);
    await client.until('task:deleted', (event) => event.taskId === taskId);
    expect(await client.request('task:join', { taskId })).toMatchObject({ ok: false });
    expect((await bob.call('GET', `/api/v1/tasks/${taskId}`)).status).toBe(404);
    expect((await list(bob)).titles).toEqual([]);
    // Nothing of it is looked after any more.
    expect(await server.store.messages.unfinished(1000)).toEqual([]);
    expect(await server.store.messages.idleQueues(1000)).toEqual([]);
  });
});
