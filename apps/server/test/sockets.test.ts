import { randomUUID } from 'node:crypto';
import {
  ChatResumeAck,
  ChatSendAck,
  CLIENT_REQUESTS,
  type ClientRequests,
  foldOfMessage,
  type Message,
  reduceEvents,
  type SequencedEvent,
  TaskJoinAck,
  textOf,
} from '@wegent/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signAccessToken } from '../src/auth/access-token.ts';
import { type ChatClient, connectChat, handshakeRefusal } from './support/chat-client.ts';
import { type ChatServer, JWT_SECRET, type Person, startChatServer } from './support/chat-server.ts';

let server: ChatServer;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  server = await startChatServer();
  bob = await server.newPerson('bob');
  eve = await server.newPerson('eve');
});
afterAll(() => server[Symbol.asyncDispose]());

/** A conversation of Bob's with one finished answer. */
async function finishedTask(text = 'The answer.') {
  const sent = await bob.send({ message: 'A question.' });
  const run = await server.nextRun(sent.taskId);
  await run.answer(text);
  await server.settled(sent.taskId);
  return sent;
}

describe('requests', () => {
  test('each is acknowledged in the shape of the contract', async () => {
    using client = await bob.connect();
    const sent = ChatSendAck.parse(
      await client.ask('chat:send', {
        clientMessageId: randomUUID(),
        team: { name: 'assistant' },
        message: 'Hello.',
      }),
    );
    const { taskId, messageId } = sent;
    expect(sent.executionIds).toHaveLength(1);
    const run = await server.nextRun(taskId);
    await run.start();
    await run.text('Good ');
    const joined = TaskJoinAck.parse(await client.ask('task:join', { taskId }));
    expect(joined).toMatchObject({
      lastSeq: 3,
      running: [run.id],
      queued: [],
      task: { taskId, phase: 'Running', title: 'Hello.', metadata: { uid: taskId } },
      messages: [
        { id: messageId, role: 'user', text: 'Hello.', siblings: { index: 1, count: 1, ids: [messageId] } },
        { role: 'assistant', text: 'Good ', status: 'running', runs: [{ executionId: run.id }] },
      ],
    });
    const resumed = ChatResumeAck.parse(await client.ask('chat:resume', { taskId, afterSeq: 1 }));
    expect(resumed.events.map(({ seq, event }) => [seq, event.type])).toEqual([
      [2, 'text-start'],
      [3, 'text-delta'],
    ]);
    expect(resumed.lastSeq).toBe(3);
    const queued = await client.ask('chat:send', { clientMessageId: randomUUID(), taskId, message: 'And?' });
    expect(queued).toMatchObject({ taskId, executionIds: [], queued: true });
    expect(
      await client.request('chat:queued', { taskId, messageId: queued.messageId, action: 'delete' }),
    ).toEqual({ ok: true });
    await run.text('day.');
    await run.finish();
    await server.settled(taskId);
    expect(await client.request('chat:cancel', { taskId })).toEqual({
      ok: true,
      outcome: 'already-finished',
    });
    expect(await client.request('task:read', { taskId })).toEqual({ ok: true });
    const { messages } = await client.ask('history:sync', { taskId, afterMessageId: messageId });
    const [answer] = messages;
    expect(messages).toMatchObject([{ role: 'assistant', text: 'Good day.', status: 'completed' }]);
    const again = ChatSendAck.parse(
      await client.ask('chat:regenerate', { taskId, messageId: answer?.id ?? '' }),
    );
    expect(again.messageId).toBe(messageId);
    const second = await server.nextRun(taskId);
    await second.answer('Better.');
    await server.settled(taskId);
    expect(
      TaskJoinAck.parse(await client.ask('task:select', { taskId, messageId: answer?.id ?? '' })).messages.at(
        -1,
      ),
    ).toMatchObject({ text: 'Good day.', siblings: { index: 1, count: 2 } });
    expect(await client.request('task:leave', { taskId })).toEqual({ ok: true });
  });

  const VALID: { [Name in keyof ClientRequests]: Record<string, unknown> } = {
    'chat:send': { clientMessageId: 'c', message: 'm' },
    'chat:regenerate': { taskId: 't', messageId: 'm' },
    'chat:queued': { taskId: 't', messageId: 'm', action: 'delete' },
    'chat:cancel': { taskId: 't' },
    'chat:resume': { taskId: 't', afterSeq: 0 },
    'task:join': { taskId: 't' },
    'task:leave': { taskId: 't' },
    'task:select': { taskId: 't', messageId: 'm' },
    'task:read': { taskId: 't' },
    'history:sync': { taskId: 't' },
  };

  test.each(Object.keys(CLIENT_REQUESTS))('%s refuses what has the wrong shape', async (name) => {
    using client = await bob.connect();
    const valid = VALID[name as keyof ClientRequests];
    const wrong: [payload: unknown, fields: string[]][] = [
      [null, []],
      [undefined, []],
      ['text', []],
      [42, []],
      [true, []],
      [[], []],
      [[valid], []],
      [{}, Object.keys(valid).filter((key) => key !== 'afterMessageId')],
      [{ ...valid, surprise: 1 }, ['surprise']],
      [{ ...valid, constructor: 1, toString: 2 }, ['constructor']],
      ...Object.keys(valid).flatMap((key): [unknown, string[]][] => [
        [{ ...valid, [key]: null }, [key]],
        [{ ...valid, [key]: { $gt: '' } }, [key]],
        [{ ...valid, [key]: [1, [2, [3]]] }, [key]],
        [{ ...valid, [key]: name === 'chat:resume' && key === 'afterSeq' ? -1.5 : 17 }, [key]],
        [{ ...valid, [key]: 'x'.repeat(2_000_000) }, [key]],
      ]),
    ];
    for (const [payload, fields] of wrong) {
      const answer = await client.raw(name, payload);
      expect(answer, JSON.stringify(payload)?.slice(0, 100)).toMatchObject({
        ok: false,
        error: { kind: 'Status', status: 'Failure', reason: 'Invalid', code: 422 },
      });
      const named = answer.error?.details?.causes?.map(({ field }) => field) ?? [];
      for (const field of fields) expect(named).toContain(field);
      expect(answer.error?.message).toContain(name);
      expect(answer.error?.message?.length).toBeLessThan(2_000);
    }
    expect(await client.raw(name)).toMatchObject({ ok: false, error: { reason: 'Invalid' } });
    expect(client.isOpen()).toBe(true);
  });

  test('a message of 10 MB is refused with the limit in the answer, and the connection stays', async () => {
    using client = await bob.connect();
    const answer = await client.raw('chat:send', {
      clientMessageId: randomUUID(),
      team: { name: 'assistant' },
      message: 'x'.repeat(10_000_000),
    });
    expect(answer).toMatchObject({ ok: false, error: { reason: 'Invalid' } });
    expect(answer.error?.message).toContain('1,000,000 characters');
    expect(client.isOpen()).toBe(true);
  });

  test('binary data and a hundred thousand fields are refused, and hold nobody up', async () => {
    using client = await bob.connect();
    const bytes = Buffer.alloc(15_000_000);
    for (const payload of [bytes, { clientMessageId: 'c', message: 'm', team: bytes }, { taskId: bytes }]) {
      expect(await client.raw('chat:send', payload)).toMatchObject({
        ok: false,
        error: { reason: 'Invalid' },
      });
    }
    const fields = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, index) => [`field${index}`, index]),
    );
    const answer = await client.raw('task:join', fields);
    expect(answer).toMatchObject({ ok: false, error: { reason: 'Invalid' } });
    expect(answer.error?.details?.causes).toHaveLength(100);
    expect((await client.raw('x'.repeat(1_000_000), {})).error?.message?.length).toBeLessThan(1_000);
    expect(client.isOpen()).toBe(true);
  });

  test('an unknown event is answered with those that there are', async () => {
    using client = await bob.connect();
    for (const name of ['chat:shout', '__proto__', 'toString', 'error', 'chat:start']) {
      const answer = await client.raw(name, {});
      expect(answer, name).toMatchObject({ ok: false, error: { reason: 'BadRequest' } });
      expect(answer.error?.message).toContain('chat:send');
    }
    expect(client.isOpen()).toBe(true);
  });

  test('a request without acknowledgement works, and a wrong one harms nobody', async () => {
    using client = await bob.connect();
    const { taskId } = await finishedTask();
    client.socket.emit('task:join');
    client.socket.emit('task:join', null);
    client.socket.emit('task:join', 'text', 'more', 3);
    client.socket.emit('nonsense');
    client.socket.emit('error', { message: 'boom' });
    client.socket.emit('task:read', { taskId });
    await client.until('task:status', (status) => status.taskId === taskId && status.unread === false);
    expect(client.isOpen()).toBe(true);
    expect(server.log.filter((line) => line.includes('"level":60'))).toEqual([]);
  });

  test("somebody else's task is a task that does not exist, for every request", async () => {
    const { taskId, messageId } = await finishedTask();
    const missing = randomUUID();
    using stranger = await eve.connect();
    const requests: [string, Record<string, unknown>][] = [
      ['chat:send', { clientMessageId: randomUUID(), message: 'Let me in.' }],
      ['chat:regenerate', { messageId }],
      ['chat:queued', { messageId, action: 'delete' }],
      ['chat:queued', { messageId, action: 'edit', message: 'x' }],
      ['chat:cancel', {}],
      ['chat:cancel', { messageId }],
      ['chat:resume', { afterSeq: 0 }],
      ['chat:resume', { afterSeq: 1_000_000 }],
      ['task:join', {}],
      ['task:leave', {}],
      ['task:select', { messageId }],
      ['task:read', {}],
      ['history:sync', {}],
      ['history:sync', { afterMessageId: messageId }],
    ];
    for (const [name, rest] of requests) {
      const foreign = await stranger.raw(name, { ...rest, taskId });
      const absent = await stranger.raw(name, { ...rest, taskId: missing });
      expect(JSON.stringify(foreign).replaceAll(taskId, 'TASK'), name).toBe(
        JSON.stringify(absent).replaceAll(missing, 'TASK'),
      );
      if (name !== 'task:leave') expect(foreign).toMatchObject({ ok: false, error: { reason: 'NotFound' } });
    }
    const rest: [string, string, unknown?][] = [
      ['GET', ''],
      ['GET', '/messages'],
      ['GET', '/events'],
      ['POST', '/cancel', {}],
      ['POST', '/retry', {}],
      ['POST', '/messages', { clientMessageId: randomUUID(), message: 'Let me in.' }],
      ['PATCH', '', { title: 'Mine' }],
      ['DELETE', ''],
    ];
    for (const [method, path, body] of rest) {
      const foreign = await eve.call(method, `/api/v1/tasks/${taskId}${path}`, body);
      const absent = await eve.call(method, `/api/v1/tasks/${missing}${path}`, body);
      expect(foreign.status, `${method} ${path}`).toBe(404);
      expect(foreign.text.replaceAll(taskId, 'TASK')).toBe(absent.text.replaceAll(missing, 'TASK'));
    }
    expect(stranger.received.filter(({ payload }) => JSON.stringify(payload).includes(taskId))).toEqual([]);
    expect((await bob.messages(taskId)).map(({ text }) => text)).toEqual(['A question.', 'The answer.']);
  });
});

describe('handshake', () => {
  test('says why it refuses', async () => {
    const { userId, epoch } = await identityOf(bob);
    const claims = { userId, sessionId: randomUUID(), epoch };
    const secret = new TextEncoder().encode(JWT_SECRET);
    const sign = (life: { now: number; seconds: number }, key = secret) => signAccessToken(key, claims, life);
    const expired = await sign({ now: Date.now() - 60_000, seconds: 30 });
    const forged = await sign(
      { now: Date.now(), seconds: 900 },
      new TextEncoder().encode('another secret that has enough characters'),
    );
    const [header, payload] = bob.token.split('.');
    const none = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`;

    expect(await handshakeRefusal(server.url, { token: expired.token })).toBe('expired');
    const refused: [string, Record<string, unknown>][] = [
      ['nothing', {}],
      ['empty', { token: '' }],
      ['garbage', { token: 'garbage' }],
      ['a number', { token: 17 }],
      ['an object', { token: { toString: 'x' } }],
      ['a long one', { token: 'x'.repeat(100_000) }],
      ['alg none', { token: none }],
      ['alg none with a signature', { token: `${none}${bob.token.split('.')[2]}` }],
      ['forged', { token: forged.token }],
      ['without its signature', { token: `${header}.${payload}.` }],
      [
        'another epoch',
        {
          token: (
            await signAccessToken(secret, { ...claims, epoch: epoch + 1 }, { now: Date.now(), seconds: 60 })
          ).token,
        },
      ],
      [
        'a user who does not exist',
        {
          token: (
            await signAccessToken(
              secret,
              { ...claims, userId: randomUUID() },
              { now: Date.now(), seconds: 60 },
            )
          ).token,
        },
      ],
      ['an unknown API key', { token: 'wg_0123456789012345678901234567890123456789' }],
    ];
    for (const [what, auth] of refused) {
      expect(await handshakeRefusal(server.url, auth), what).toBe('unauthorized');
    }
  });

  test('takes an API key, until the key is deleted', async () => {
    const { body: key } = await bob.call('POST', '/api/v1/users/me/api-keys', { name: 'suite' });
    using client = await connectChat(server.url, { token: key.key });
    const { taskId } = await finishedTask();
    expect(await client.request('task:join', { taskId })).toMatchObject({ ok: true });
    expect((await bob.call('DELETE', `/api/v1/users/me/api-keys/${key.id}`)).status).toBe(204);
    await client.ended();
    expect(await handshakeRefusal(server.url, { token: key.key })).toBe('unauthorized');
  });

  test('refuses pages of another origin, and takes those of its own', async () => {
    for (const origin of ['https://evil.example', 'null', server.url.replace('127.0.0.1', 'localhost')]) {
      expect(await handshakeRefusal(server.url, { token: bob.token }, { origin }), origin).toMatch(/error/);
    }
    using client = await connectChat(server.url, { token: bob.token }, { origin: server.url });
    expect(client.isOpen()).toBe(true);
  });
});

describe('the end of a right ends the connection', () => {
  test('the token expires', async () => {
    const { userId, epoch } = await identityOf(bob);
    const { token } = await signAccessToken(
      new TextEncoder().encode(JWT_SECRET),
      { userId, sessionId: randomUUID(), epoch },
      { now: Date.now(), seconds: 2 },
    );
    using client = await connectChat(server.url, { token });
    await client.ended();
    expect(await handshakeRefusal(server.url, { token })).toBe('expired');
  });

  test('the session is signed out: its own sockets end, others stay', async () => {
    const leaving = await server.signIn('bob', bob.password);
    using client = await leaving.connect();
    using other = await bob.connect();
    expect((await leaving.call('POST', '/api/v1/auth/logout', {})).status).toBeLessThan(300);
    await client.ended();
    expect(other.isOpen()).toBe(true);
    expect(await handshakeRefusal(server.url, { token: leaving.token })).toBe('unauthorized');
  });

  test('the account is disabled', async () => {
    const dan = await server.newPerson('dan');
    using client = await dan.connect();
    await server.admin.call('PATCH', `/api/v1/admin/users/${dan.user.id}`, { disabled: true });
    await client.ended();
    expect(await handshakeRefusal(server.url, { token: dan.token })).toBe('unauthorized');
  });

  test('the password is changed, by the person or by an administrator', async () => {
    const kim = await server.newPerson('kim');
    using client = await kim.connect();
    const changed = await kim.call('PATCH', '/api/v1/users/me', {
      password: { current: kim.password, next: 'a new password of kim' },
    });
    expect(changed.status).toBe(200);
    await client.ended();
    const again = await server.signIn('kim', 'a new password of kim');
    using second = await again.connect();
    await server.admin.call('POST', `/api/v1/admin/users/${kim.user.id}/reset-password`, {
      password: 'yet another password',
    });
    await second.ended();
  });
});

describe('events', () => {
  test('joining at every position of a stream leaves no gap and repeats nothing', async () => {
    const sent = await bob.send({ message: 'Write.' });
    const { taskId } = sent;
    const run = await server.nextRun(taskId);
    const steps = [
      () => run.start(),
      () => run.text('one '),
      () => run.text('two '),
      () => run.tool('clock', { time: '12:00' }),
      () => run.text('three '),
      () => run.text('four '),
      () => run.usage({ input: 3, output: 5 }),
      () => run.text('five'),
      () => run.finish(),
    ];
    const joins: Promise<{ client: ChatClient; ack: TaskJoinAck }>[] = [];
    for (const step of steps) {
      const client = await bob.connect();
      // The join and the next events are under way at the same moment.
      joins.push(client.ask('task:join', { taskId }).then((ack) => ({ client, ack })));
      await step();
    }
    await server.settled(taskId);
    const messages = await bob.messages(taskId);
    const final = messages.at(-1);
    const { lastSeq } = await (await bob.connect()).ask('chat:resume', { taskId, afterSeq: 0 });
    for (const { client, ack } of await Promise.all(joins)) {
      if (ack.lastSeq < lastSeq) await client.until('chat:done', ({ seq }) => seq === lastSeq);
      const events = eventsOf(client);
      // What came before the answer of the join is in the answer; what came later goes on without a gap.
      const later = events.filter(({ seq }) => seq > ack.lastSeq);
      expect(later.map(({ seq }) => seq)).toEqual(
        Array.from({ length: lastSeq - ack.lastSeq }, (_, index) => ack.lastSeq + 1 + index),
      );
      expect(new Set(events.map(({ seq }) => seq)).size).toBe(events.length);
      expect(events.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq).sort((a, b) => a - b));
      const joined = ack.messages.find(({ role }) => role === 'assistant');
      expect(joined?.id).toBe(final?.id);
      const fold = later.reduce(
        (folded, { executionId, event }) => reduceEvents(folded, executionId, event),
        foldOfMessage(joined as Message),
      );
      expect(fold.blocks).toEqual(final?.blocks);
      expect(textOf(fold)).toBe(final?.text);
      expect(fold.usage).toEqual(final?.usage);
    }
  });

  test('who has left hears nothing more of the task', async () => {
    const sent = await bob.send({ message: 'Write.' });
    const run = await server.nextRun(sent.taskId);
    using staying = await bob.connect();
    using leaving = await bob.connect();
    await staying.ask('task:join', { taskId: sent.taskId });
    await leaving.ask('task:join', { taskId: sent.taskId });
    await run.start();
    await leaving.until('chat:start');
    await leaving.ask('task:leave', { taskId: sent.taskId });
    await run.text('secret');
    await run.finish();
    await staying.until('chat:done', ({ taskId }) => taskId === sent.taskId);
    // The status of the task goes to the person, and is sent after the events of the run.
    await leaving.until(
      'task:status',
      ({ taskId, phase }) => taskId === sent.taskId && phase === 'Completed',
    );
    expect(leaving.received.filter(({ name }) => name === 'chat:chunk' || name === 'chat:done')).toEqual([]);
  });

  test('the other sockets of the sender hear of the message and of its answer', async () => {
    using sender = await bob.connect();
    using other = await bob.connect();
    using stranger = await eve.connect();
    const sent = await sender.ask('chat:send', {
      clientMessageId: 'from-the-other-tab',
      team: { name: 'assistant' },
      message: 'Hello.',
    });
    const told = await other.until('chat:message', ({ taskId }) => taskId === sent.taskId);
    expect(told.message).toMatchObject({
      id: sent.messageId,
      role: 'user',
      text: 'Hello.',
      clientMessageId: 'from-the-other-tab',
      sender: { userId: bob.user.id, name: 'bob' },
    });
    await other.until('task:created', ({ task }) => task.taskId === sent.taskId);
    const run = await server.nextRun(sent.taskId);
    await run.answer('Hi.');
    for (const client of [sender, other]) {
      await client.until('chat:start', ({ executionId }) => executionId === run.id);
      await client.until('chat:done', ({ executionId }) => executionId === run.id);
    }
    expect(stranger.received).toEqual([]);
  });

  test('numbers count per task, rise, and none comes twice on a connection that joins again and again', async () => {
    const { taskId } = await finishedTask('one');
    using client = await bob.connect();
    for (const text of ['two', 'three']) {
      await client.ask('task:join', { taskId });
      await bob.send({ taskId, message: text });
      const run = await server.nextRun(taskId);
      await run.start();
      await run.text(text);
      await client.ask('task:join', { taskId });
      await run.finish();
      await server.settled(taskId);
    }
    await client.until('chat:done', ({ seq }) => seq === 15);
    expect(eventsOf(client).map(({ seq }) => seq)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    const { events, lastSeq } = await client.ask('chat:resume', { taskId, afterSeq: 0 });
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
    expect(lastSeq).toBe(15);
  });
});

describe('coming back', () => {
  test('chat:resume from the beginning, the middle, the end and the future', async () => {
    const { taskId } = await finishedTask();
    using client = await bob.connect();
    const all = await client.ask('chat:resume', { taskId, afterSeq: 0 });
    expect(all.events.map(({ event }) => event.type)).toEqual([
      'run-start',
      'text-start',
      'text-delta',
      'text-end',
      'finish',
    ]);
    const some = await client.ask('chat:resume', { taskId, afterSeq: 3 });
    expect(some).toEqual({ ok: true, events: all.events.slice(3), lastSeq: 5 });
    expect(await client.ask('chat:resume', { taskId, afterSeq: 5 })).toMatchObject({
      events: [],
      lastSeq: 5,
    });
    expect(await client.request('chat:resume', { taskId, afterSeq: 6 })).toMatchObject({
      ok: false,
      error: { reason: 'Invalid', details: { causes: [{ field: 'afterSeq' }] } },
    });
  });

  test('events that are not kept any more come as a snapshot, and the running answer goes on from it', async () => {
    const { taskId } = await finishedTask('Old.');
    await bob.send({ taskId, message: 'Next.' });
    const run = await server.nextRun(taskId);
    await run.start();
    await run.text('New');
    expect(await server.store.events.compact(Date.now() + 1, 100)).toBeGreaterThanOrEqual(5);
    using client = await bob.connect();
    const joined = await client.ask('task:join', { taskId });
    expect(joined.messages.map(({ text }) => text)).toEqual(['A question.', 'Old.', 'Next.', 'New']);
    const old = await client.ask('chat:resume', { taskId, afterSeq: 2 });
    expect(old.events).toEqual([]);
    expect(old.snapshot?.seq).toBe(8);
    expect(old.snapshot?.messages).toEqual(joined.messages);
    const rest = await client.ask('chat:resume', { taskId, afterSeq: 5 });
    expect(rest.snapshot).toBeUndefined();
    expect(rest.events.map(({ seq }) => seq)).toEqual([6, 7, 8]);
    await run.text(' one.');
    await run.finish();
    await server.settled(taskId);
    await server.store.events.compact(Date.now() + 1, 100);
    const end = await client.ask('chat:resume', { taskId, afterSeq: 8 });
    expect(end.snapshot?.messages.map(({ text }) => text)).toEqual([
      'A question.',
      'Old.',
      'Next.',
      'New one.',
    ]);
    expect(end.snapshot?.messages).toEqual(await bob.messages(taskId));
    expect(await client.ask('chat:resume', { taskId, afterSeq: end.lastSeq })).toMatchObject({ events: [] });
  });

  test('who is thousands of events behind gets a snapshot', async () => {
    const { taskId } = await bob.send({ message: 'Much.' });
    const run = await server.nextRun(taskId);
    await run.start();
    await run.text('0');
    for (let batch = 0; batch < 6; batch += 1) {
      const events = Array.from({ length: 1_000 }, () => ({
        type: 'text-delta' as const,
        blockId: 'text-1-1',
        text: 'x',
      }));
      await run.emit(...events);
    }
    using client = await bob.connect();
    const { snapshot, events } = await client.ask('chat:resume', { taskId, afterSeq: 1 });
    expect(events).toEqual([]);
    expect(snapshot?.seq).toBe(6_003);
    expect(snapshot?.messages.at(-1)?.text).toBe(`0${'x'.repeat(6_000)}`);
    expect((await client.ask('chat:resume', { taskId, afterSeq: 1_003 })).events).toHaveLength(5_000);
    await run.finish();
  });

  test('history:sync gives what follows a message on the active path', async () => {
    const { taskId, messageId } = await finishedTask('One.');
    const second = await bob.send({ taskId, message: 'More.' });
    await (await server.nextRun(taskId)).answer('Two.');
    await server.settled(taskId);
    using client = await bob.connect();
    const texts = async (afterMessageId?: string | null) =>
      (
        await client.ask('history:sync', {
          taskId,
          ...(afterMessageId === undefined ? {} : { afterMessageId }),
        })
      ).messages.map(({ text }) => text);
    expect(await texts()).toEqual(['A question.', 'One.', 'More.', 'Two.']);
    expect(await texts(null)).toHaveLength(4);
    expect(await texts(messageId)).toEqual(['One.', 'More.', 'Two.']);
    expect(await texts(second.messageId)).toEqual(['Two.']);
    expect(await client.request('history:sync', { taskId, afterMessageId: randomUUID() })).toMatchObject({
      ok: false,
      error: { reason: 'NotFound' },
    });
  });
});

describe('floods', () => {
  test('what comes too fast is refused at once, and the connection stays', async () => {
    const { taskId } = await finishedTask();
    using client = await bob.connect();
    const answers = await Promise.all(
      Array.from({ length: 1_500 }, () => client.request('chat:resume', { taskId, afterSeq: 5 })),
    );
    const refused = answers.filter((answer) => !answer.ok);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(400);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(answer).toMatchObject({
        ok: false,
        error: { reason: 'TooManyRequests', code: 429, details: { retryAfterSeconds: 1 } },
      });
    }
    expect(client.isOpen()).toBe(true);
    using other = await bob.connect();
    expect(await other.request('task:join', { taskId })).toMatchObject({ ok: true });
  });

  test('a hundred sends at once are no flood', async () => {
    using client = await bob.connect();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        client.request('chat:send', {
          clientMessageId: randomUUID(),
          team: { name: 'assistant' },
          message: `Message ${index}`,
        }),
      ),
    );
    expect(answers.filter((answer) => !answer.ok)).toEqual([]);
  });
});

/** The events that a connection got, with the numbers that its frames give them. */
function eventsOf(client: ChatClient): Omit<SequencedEvent, 'messageId'>[] {
  return client.received.flatMap(({ name, payload }) => {
    const { executionId, seq } = payload;
    const one = (event: SequencedEvent['event']) => [{ seq: Number(seq), executionId, event }];
    switch (name) {
      case 'chat:start':
        return one({
          type: 'run-start',
          executionId,
          attempt: payload.attempt,
          bot: payload.bot,
          shellType: payload.shellType,
        });
      case 'chat:chunk':
        return payload.events.map((event: SequencedEvent['event'], index: number) => ({
          seq: seq - payload.events.length + 1 + index,
          executionId,
          event,
        }));
      case 'chat:done':
        return one({ type: 'finish', outcome: payload.outcome ?? 'completed' });
      case 'chat:cancelled':
        return one({ type: 'finish', outcome: 'cancelled' });
      case 'chat:error':
        return one({ type: 'finish', outcome: 'failed', error: payload.error });
      default:
        return [];
    }
  });
}

async function identityOf(person: Person): Promise<{ userId: string; epoch: number }> {
  const row = await server.store.users.get(person.user.id);
  return { userId: person.user.id, epoch: row?.sessionEpoch ?? 0 };
}
