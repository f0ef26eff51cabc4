import { randomUUID } from 'node:crypto';
import type { ChatSendAck } from '@wegent/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChatClient } from './support/chat-client.ts';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';
import type { ScriptedRun } from './support/scripted-run.ts';

let server: ChatServer;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  server = await startChatServer({ timings: { cancelDeadlineMs: 60_000 } });
  bob = await server.newPerson('bob');
  eve = await server.newPerson('eve');
});
afterAll(() => server[Symbol.asyncDispose]());

interface BusyTask {
  taskId: string;
  run: ScriptedRun;
  client: ChatClient;
  /** Sends a message while the answer is being written. */
  send(message: string, rest?: Record<string, unknown>): Promise<ChatSendAck>;
  /** Texts of the messages that wait, in order. */
  waiting(): Promise<string[]>;
}

/** A conversation of Bob's whose first answer is being written. */
async function busyTask(): Promise<BusyTask> {
  const client = await bob.connect();
  const { taskId } = await bob.send({ message: 'First.' });
  const run = await server.nextRun(taskId);
  await run.start();
  await run.text('Working');
  await client.ask('task:join', { taskId });
  return {
    taskId,
    run,
    client,
    send: (message, rest = {}) =>
      client.ask('chat:send', { clientMessageId: randomUUID(), taskId, message, ...rest }),
    waiting: async () => (await client.ask('task:join', { taskId })).queued.map(({ text }) => text),
  };
}

const texts = async (taskId: string) => (await bob.messages(taskId)).map(({ text }) => text);

describe('a message while an answer is being written', () => {
  test('waits its turn; those that wait keep their order', async () => {
    const { taskId, run, client, send, waiting } = await busyTask();
    const second = await send('Second.');
    expect(second).toMatchObject({ taskId, executionIds: [], queued: true });
    const told = await client.until('chat:message', ({ message }) => message.id === second.messageId);
    expect(told.message).toMatchObject({ status: 'pending', text: 'Second.' });
    await send('Third.', { whenBusy: 'queue' });
    await send('Fourth.');
    expect(await waiting()).toEqual(['Second.', 'Third.', 'Fourth.']);
    expect(await texts(taskId)).toEqual(['First.', 'Working']);
    expect(server.hasRun(taskId)).toBe(false);
    await run.finish();
    for (const message of ['Second.', 'Third.', 'Fourth.']) {
      const next = await server.nextRun(taskId);
      expect(next.claim.spec.input.text).toBe(message);
      expect(next.claim.spec.history.at(-1)).toMatchObject({ role: 'assistant' });
      await next.answer(`Answer to ${message}`);
    }
    await server.settled(taskId);
    expect(await texts(taskId)).toEqual([
      'First.',
      'Working',
      'Second.',
      'Answer to Second.',
      'Third.',
      'Answer to Third.',
      'Fourth.',
      'Answer to Fourth.',
    ]);
    const final = await client.until(
      'chat:message',
      ({ message }) => message.id === second.messageId && message.status === 'completed',
    );
    expect(final.message.parentId).toBe(run.claim.spec.messageId);
  });

  test('is acknowledged in the same words when it is sent again, before and after its turn', async () => {
    const { taskId, run, client } = await busyTask();
    const payload = { clientMessageId: randomUUID(), taskId, message: 'Once.' };
    const first = await client.ask('chat:send', payload);
    expect(await client.ask('chat:send', payload)).toEqual(first);
    await run.finish();
    const next = await server.nextRun(taskId);
    const later = await client.ask('chat:send', payload);
    expect(later).toEqual({ ok: true, taskId, messageId: first.messageId, executionIds: [next.id] });
    await next.answer('Yes.');
    await server.settled(taskId);
    expect(await texts(taskId)).toEqual(['First.', 'Working', 'Once.', 'Yes.']);
  });

  test('reject: is refused, and nothing is written', async () => {
    const { taskId, run, client } = await busyTask();
    const payload = { clientMessageId: randomUUID(), taskId, message: 'Now or never.' };
    const refused = await client.request('chat:send', { ...payload, whenBusy: 'reject' });
    expect(refused).toMatchObject({ ok: false, error: { reason: 'Conflict', code: 409 } });
    await run.finish();
    await server.settled(taskId);
    expect(await texts(taskId)).toEqual(['First.', 'Working']);
    const taken = await client.ask('chat:send', { ...payload, whenBusy: 'reject' });
    expect(taken.executionIds).toHaveLength(1);
    await (await server.nextRun(taskId)).answer('Now.');
  });

  test('steer: stops the answer, keeps its text and goes on with this message before all that wait', async () => {
    const { taskId, run, send, waiting } = await busyTask();
    await send('Later.');
    await send('Turn left!', { whenBusy: 'steer' });
    expect(await waiting()).toEqual(['Turn left!', 'Later.']);
    await run.obey();
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.input.text).toBe('Turn left!');
    expect(next.claim.spec.history.at(-1)?.text).toBe('Working');
    await next.answer('Turning.');
    const last = await server.nextRun(taskId);
    expect(last.claim.spec.input.text).toBe('Later.');
    await last.answer('Done.');
    await server.settled(taskId);
    expect(await texts(taskId)).toEqual(['First.', 'Working', 'Turn left!', 'Turning.', 'Later.', 'Done.']);
  });

  test('an edit of an earlier message waits too, and becomes a version of it', async () => {
    const { taskId, run, client, send } = await busyTask();
    await send('First, better.', { parentId: null });
    await run.finish();
    const next = await server.nextRun(taskId);
    expect(next.claim.spec).toMatchObject({ history: [], input: { text: 'First, better.' } });
    await next.answer('Better.');
    await server.settled(taskId);
    const { messages } = await client.ask('task:join', { taskId });
    expect(messages.map(({ text }) => text)).toEqual(['First, better.', 'Better.']);
    expect(messages[0]?.siblings).toMatchObject({ index: 2, count: 2 });
  });
});

describe('a message that waits', () => {
  test('can be changed', async () => {
    const { taskId, run, client, send, waiting } = await busyTask();
    const { messageId } = await send('Helo.');
    expect(
      await client.request('chat:queued', { taskId, messageId, action: 'edit', message: 'Hello.' }),
    ).toEqual({ ok: true });
    await client.until(
      'chat:message',
      ({ message }) => message.id === messageId && message.text === 'Hello.',
    );
    expect(await waiting()).toEqual(['Hello.']);
    for (const message of [undefined, '', '  ']) {
      const answer = await client.request('chat:queued', {
        taskId,
        messageId,
        action: 'edit',
        ...(message === undefined ? {} : { message }),
      });
      expect(answer).toMatchObject({ ok: false, error: { details: { causes: [{ field: 'message' }] } } });
    }
    await run.finish();
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.input.text).toBe('Hello.');
    const late = await client.request('chat:queued', {
      taskId,
      messageId,
      action: 'edit',
      message: 'Too late.',
    });
    expect(late).toMatchObject({ ok: false, error: { reason: 'Conflict' } });
    await next.finish();
  });

  test('can be taken back', async () => {
    const { taskId, run, client, send, waiting } = await busyTask();
    const { messageId } = await send('Never mind.');
    await send('This one.');
    await client.ask('chat:queued', { taskId, messageId, action: 'delete' });
    await client.until('chat:removed', (removed) => removed.messageId === messageId);
    expect(await waiting()).toEqual(['This one.']);
    expect(await client.request('chat:queued', { taskId, messageId, action: 'delete' })).toMatchObject({
      ok: false,
      error: { reason: 'Conflict' },
    });
    await run.finish();
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.input.text).toBe('This one.');
    await next.answer('Yes.');
    await server.settled(taskId);
    expect(await texts(taskId)).toEqual(['First.', 'Working', 'This one.', 'Yes.']);
  });

  test('can be sent at once', async () => {
    const { taskId, run, client, send, waiting } = await busyTask();
    await send('Second.');
    const { messageId } = await send('Urgent.');
    await client.ask('chat:queued', { taskId, messageId, action: 'send-now' });
    expect((await waiting()).at(0)).toBe('Urgent.');
    await run.obey();
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.input.text).toBe('Urgent.');
    await next.finish();
    const last = await server.nextRun(taskId);
    expect(last.claim.spec.input.text).toBe('Second.');
    await last.finish();
  });

  test('goes on after the answer before it was cancelled', async () => {
    const { taskId, run, client, send } = await busyTask();
    await send('Then this.');
    const [stopped] = await Promise.all([client.ask('chat:cancel', { taskId }), run.obey()]);
    expect(stopped).toMatchObject({ outcome: 'cancelled' });
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.input.text).toBe('Then this.');
    await next.answer('Done.');
    await server.settled(taskId);
    expect(await texts(taskId)).toEqual(['First.', 'Working', 'Then this.', 'Done.']);
  });

  test('goes on after the answer before it failed', async () => {
    const { taskId, run, send } = await busyTask();
    await send('Then this.');
    await run.finish('failed', { reason: 'ModelAuth', message: 'Check the key.', retryable: false });
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.input.text).toBe('Then this.');
    await next.answer('Done.');
    await server.settled(taskId);
    expect((await bob.messages(taskId)).map(({ status }) => status)).toEqual([
      'completed',
      'failed',
      'completed',
      'completed',
    ]);
  });

  test('belongs to its sender: another member cannot change it, a stranger sees nothing', async () => {
    using mine = await bob.connect();
    const { taskId } = await bob.send({ message: '@assistant go', participants: ['eve'] });
    const run = await server.nextRun(taskId);
    await run.start();
    const { messageId } = await mine.ask('chat:send', {
      clientMessageId: randomUUID(),
      taskId,
      message: '@assistant more',
    });
    using hers = await eve.connect();
    expect((await hers.ask('task:join', { taskId })).queued).toHaveLength(1);
    for (const action of ['edit', 'delete', 'send-now'] as const) {
      const answer = await hers.request('chat:queued', { taskId, messageId, action, message: 'Changed.' });
      expect(answer, action).toMatchObject({ ok: false });
    }
    expect((await mine.ask('task:join', { taskId })).queued).toMatchObject([{ text: '@assistant more' }]);
    expect((await run.heartbeat()).commands).toEqual([]);
    await run.finish();
    await (await server.nextRun(taskId)).finish();
  });

  test('of somebody whose account was disabled is not sent any more', async () => {
    const dan = await server.newPerson('dan');
    const { taskId } = await dan.send({ message: 'First.' });
    const run = await server.nextRun(taskId);
    await run.start();
    const { messageId } = await dan.send({ taskId, message: 'Later.' });
    await server.admin.call('PATCH', `/api/v1/admin/users/${dan.user.id}`, { disabled: true });
    await run.finish();
    await server.settled(taskId);
    await expect
      .poll(() => server.store.messages.get(messageId), { timeout: 20_000 })
      .toMatchObject({
        queued: false,
        status: 'failed',
        error: { message: expect.stringContaining('disabled') },
      });
    expect(server.hasRun(taskId)).toBe(false);
  });

  test('whose agent has vanished fails visibly, and does not hold up the next', async () => {
    for (const name of ['going', 'gone']) {
      const made = await bob.call(
        'POST',
        '/api/v1/namespaces/bob/teams',
        document('Team', name, { members: [{ botRef: { name: 'assistant', namespace: 'public' } }] }),
      );
      expect(made.status).toBe(201);
    }
    const { taskId, run, client, send } = await busyTask();
    const doomed = await send('To one who goes.', { team: { name: 'going' } });
    const doomedToo = await send('To another.', { team: { name: 'gone' } });
    await send('To one who stays.');
    for (const name of ['going', 'gone']) await bob.call('DELETE', `/api/v1/namespaces/bob/teams/${name}`);
    await run.finish();
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.input.text).toBe('To one who stays.');
    for (const [messageId, name] of [
      [doomed.messageId, 'going'],
      [doomedToo.messageId, 'gone'],
    ]) {
      const told = await client.until(
        'chat:message',
        ({ message }) => message.id === messageId && message.status === 'failed',
      );
      expect(told.message.error?.message).toContain(`"${name}"`);
    }
    await next.answer('Here.');
    await server.settled(taskId);
    expect((await bob.messages(taskId)).map(({ text, status }) => [text, status])).toEqual([
      ['First.', 'completed'],
      ['Working', 'completed'],
      ['To one who goes.', 'failed'],
      ['To another.', 'failed'],
      ['To one who stays.', 'completed'],
      ['Here.', 'completed'],
    ]);
  });
});

test('many messages at once to an idle conversation: one is answered, the others wait, none is lost', async () => {
  const { taskId } = await bob.send({ message: 'Start.' });
  await (await server.nextRun(taskId)).answer('Started.');
  await server.settled(taskId);
  using client = await bob.connect();
  const messages = Array.from({ length: 12 }, (_, index) => `Message ${index}`);
  const acks = await Promise.all(
    messages.map((message) => client.ask('chat:send', { clientMessageId: randomUUID(), taskId, message })),
  );
  expect(acks.filter(({ queued }) => queued)).toHaveLength(11);
  const answered: string[] = [];
  for (const _ of messages) {
    const run = await server.nextRun(taskId);
    answered.push(run.claim.spec.input.text);
    await run.answer('.');
  }
  await server.settled(taskId);
  expect(answered.toSorted()).toEqual(messages.toSorted());
  const { body } = await bob.call('GET', `/api/v1/tasks/${taskId}/messages?limit=200`);
  expect(body.items).toHaveLength(26);
});
