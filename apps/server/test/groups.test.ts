import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';

let server: ChatServer;
let bob: Person;
let eve: Person;
let mallory: Person;

beforeAll(async () => {
  server = await startChatServer();
  bob = await server.newPerson('bob');
  eve = await server.newPerson('eve');
  mallory = await server.newPerson('mallory');
  // A private Team of two, whose second member has a name of its own.
  const made = await bob.call(
    'POST',
    '/api/v1/namespaces/bob/teams',
    document('Team', 'pair', {
      collaborationModel: 'solo',
      members: [
        { name: 'lead', role: 'leader', botRef: { name: 'assistant', namespace: 'public' } },
        { name: 'scribe', botRef: { name: 'writer', namespace: 'public' }, prompt: 'You take the notes.' },
      ],
    }),
  );
  if (made.status !== 201) throw new Error(made.text);
});
afterAll(() => server[Symbol.asyncDispose]());

/** A group chat of Bob and Eve. */
async function group(message = 'Hello Eve.', team = 'assistant') {
  const { taskId } = await bob.send({ message, team: { name: team }, participants: ['eve'] });
  return taskId;
}

describe('who takes part', () => {
  test('a message carries the display name of its sender, or else the user name', async () => {
    const anna = await server.newPerson('anna');
    await anna.call('PATCH', '/api/v1/users/me', { displayName: 'Anna B.' });
    const { taskId } = await anna.send({
      message: 'Hello.',
      team: { name: 'assistant' },
      participants: ['eve'],
    });
    await eve.send({ taskId, message: 'Hello Anna.' });
    const names = (await eve.messages(taskId)).map((message) =>
      'name' in message.sender ? message.sender.name : undefined,
    );
    expect(names).toEqual(['Anna B.', 'eve']);
  });

  test('participants see the task, are told of it, and hear what is said', async () => {
    using hers = await eve.connect();
    const taskId = await group();
    const created = await hers.until('task:created', ({ task }) => task.taskId === taskId);
    expect(created.task).toMatchObject({ title: 'Hello Eve.', owner: { userId: bob.user.id } });
    expect((await eve.call('GET', '/api/v1/tasks')).body.items[0]).toMatchObject({ taskId });
    const joined = await hers.ask('task:join', { taskId });
    expect(joined.messages).toMatchObject([{ text: 'Hello Eve.', sender: { name: 'bob' } }]);
    using his = await bob.connect();
    await his.ask('task:join', { taskId });
    await hers.ask('chat:send', { clientMessageId: randomUUID(), taskId, message: 'Hello Bob.' });
    const heard = await his.until('chat:message', ({ message }) => message.text === 'Hello Bob.');
    expect(heard.message.sender).toEqual({ userId: eve.user.id, name: 'eve' });
    expect((await bob.call('GET', `/api/v1/tasks/${taskId}`)).body.unread).toBe(true);
  });

  test('everyone else is refused everywhere, in the words of a task that does not exist', async () => {
    const taskId = await group();
    const missing = randomUUID();
    using stranger = await mallory.connect();
    for (const name of ['task:join', 'chat:cancel', 'task:read', 'history:sync']) {
      const answer = await stranger.raw(name, { taskId });
      expect(answer, name).toMatchObject({ ok: false, error: { reason: 'NotFound' } });
      const absent = await stranger.raw(name, { taskId: missing });
      expect(JSON.stringify(answer).replaceAll(taskId, 'X')).toBe(
        JSON.stringify(absent).replaceAll(missing, 'X'),
      );
    }
    const sent = await stranger.raw('chat:send', {
      clientMessageId: randomUUID(),
      taskId,
      message: '@assistant hi',
    });
    expect(sent).toMatchObject({ ok: false, error: { reason: 'NotFound' } });
    expect((await mallory.call('GET', `/api/v1/tasks/${taskId}`)).status).toBe(404);
    expect((await mallory.call('GET', `/api/v1/namespaces/bob/tasks/task-${taskId}`)).status).toBe(404);
    await bob.send({ taskId, message: '@assistant go' });
    await (await server.nextRun(taskId)).answer('Going.');
    await server.settled(taskId);
    expect(stranger.received).toEqual([]);
  });

  test('files of a message are for those who take part', async () => {
    const form = new FormData();
    form.append('file', new Blob(['For the group.'], { type: 'text/plain' }), 'plan.txt');
    const response = await fetch(`${server.url}/api/v1/attachments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bob.token}` },
      body: form,
    });
    const { id } = (await response.json()) as { id: string };
    const path = `/api/v1/attachments/${id}`;
    expect((await eve.call('GET', path)).status).toBe(404);
    await bob.send({ taskId: await group(), message: 'Here it is.', attachmentIds: [id] });
    expect(await eve.call('GET', path)).toMatchObject({ status: 200, text: 'For the group.' });
    expect((await mallory.call('GET', path)).status).toBe(404);
    expect((await eve.call('DELETE', path)).status).toBe(403);
  });

  test('names that nobody has are refused by name', async () => {
    const answer = await bob.call('POST', '/api/v1/tasks', {
      clientMessageId: randomUUID(),
      team: { name: 'assistant' },
      message: 'Hello.',
      participants: ['eve', 'nobody', 'no one'],
    });
    expect(answer.status).toBe(422);
    expect(answer.body.message).toContain('"nobody"');
    expect(answer.body.message).toContain('"no one"');
    expect(answer.body.message).not.toContain('"eve"');
  });

  test('only the owner may delete it; then it is gone for all', async () => {
    const taskId = await group();
    using hers = await eve.connect();
    await hers.ask('task:join', { taskId });
    expect((await eve.call('DELETE', `/api/v1/tasks/${taskId}`)).status).toBe(403);
    expect((await bob.call('DELETE', `/api/v1/tasks/${taskId}`)).status).toBe(204);
    await hers.until('task:deleted', (deleted) => deleted.taskId === taskId);
    expect(await hers.request('task:join', { taskId })).toMatchObject({
      ok: false,
      error: { reason: 'NotFound' },
    });
    const { body } = await eve.call('GET', '/api/v1/tasks');
    expect(body.items.map((item: { taskId: string }) => item.taskId)).not.toContain(taskId);
  });
});

describe('who answers', () => {
  test('nobody, when nobody is called: the message is kept and no run begins', async () => {
    const taskId = await group('Just between us. Mail me: bob@assistant.example');
    const sent = await eve.send({ taskId, message: 'Of course. @nobody' });
    expect(sent.executionIds).toEqual([]);
    expect(sent.queued).toBeUndefined();
    expect(await server.store.executions.activeOfTask(taskId)).toEqual([]);
    expect((await bob.messages(taskId)).map(({ text, status }) => [text, status])).toEqual([
      ['Just between us. Mail me: bob@assistant.example', 'completed'],
      ['Of course. @nobody', 'completed'],
    ]);
  });

  test('the Team by its name, a member by its own', async () => {
    const taskId = await group('Hello.', 'pair');
    const calls: [message: string, bot: string][] = [
      ['@pair what now?', 'assistant'],
      ['Ask @Scribe, please', 'writer'],
      ['@lead: and you?', 'assistant'],
      ['(@scribe) @lead the first one counts', 'writer'],
    ];
    for (const [message, bot] of calls) {
      await bob.send({ taskId, message });
      const run = await server.nextRun(taskId);
      expect(run.claim.spec.bot.name, message).toBe(bot);
      expect(run.claim.spec.systemPrompt.includes('You take the notes.')).toBe(bot === 'writer');
      await run.answer(`I am ${bot}.`);
      await server.settled(taskId);
    }
  });

  test('a participant may call the Team of the conversation, even a private one of the owner', async () => {
    const taskId = await group('Hello.', 'pair');
    const plain = await eve.send({ taskId, message: 'Nobody is called.' });
    expect(plain.executionIds).toEqual([]);
    const sent = await eve.send({ taskId, message: '@pair hello' });
    expect(sent.executionIds).toHaveLength(1);
    const run = await server.nextRun(taskId);
    expect(run.claim.spec.owner).toEqual({ userId: bob.user.id, name: 'bob' });
    // One that waits for the answer, and one for another version of it.
    await eve.send({ taskId, message: '@scribe write that down' });
    await run.answer('Hello Eve.');
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.bot.name).toBe('writer');
    await next.answer('Written.');
    await server.settled(taskId);
    using hers = await eve.connect();
    await hers.ask('chat:regenerate', { taskId, messageId: next.claim.spec.messageId });
    await (await server.nextRun(taskId)).answer('Written again.');
    // Another conversation with that Team is not hers to begin.
    const refused = await eve.call('POST', '/api/v1/tasks', {
      clientMessageId: randomUUID(),
      team: { name: 'pair', namespace: 'bob' },
      message: 'Mine now.',
    });
    expect(refused.status).toBe(404);
  });

  test('a run knows who said what', async () => {
    const taskId = await group('I am Bob.');
    await eve.send({ taskId, message: 'I am Eve.' });
    await bob.send({ taskId, message: '@assistant who are we?' });
    const run = await server.nextRun(taskId);
    expect(run.claim.spec.history.map(({ sender, text }) => [sender, text])).toEqual([
      ['bob', 'I am Bob.'],
      ['eve', 'I am Eve.'],
    ]);
    expect(run.claim.spec.input).toMatchObject({ sender: 'bob', text: '@assistant who are we?' });
    await run.answer('Bob and Eve.');
    await server.settled(taskId);
    // In a conversation of two, names would only cost tokens.
    const alone = await bob.send({ message: 'Hello.' });
    const single = await server.nextRun(alone.taskId);
    expect(single.claim.spec.input.sender).toBeUndefined();
    await single.finish();
  });

  test('people talk on while an answer is being written', async () => {
    const taskId = await group('@assistant think');
    const run = await server.nextRun(taskId);
    await run.start();
    await run.text('Hm');
    const sent = await eve.send({ taskId, message: 'It takes its time.' });
    expect(sent.queued).toBeUndefined();
    const called = await eve.send({ taskId, message: '@assistant hurry' });
    expect(called.queued).toBe(true);
    await run.text('m.');
    await run.finish();
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.history.map(({ text }) => text)).toEqual([
      '@assistant think',
      'Hmm.',
      'It takes its time.',
    ]);
    await next.answer('Done.');
  });
});
