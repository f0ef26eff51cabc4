import { randomUUID } from 'node:crypto';
import { foldOfMessage, type Message, textOf } from '@wegent/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';

let server: ChatServer;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  server = await startChatServer({ timings: { cancelDeadlineMs: 60_000 } });
  bob = await server.newPerson('bob');
  eve = await server.newPerson('eve');
});
afterAll(() => server[Symbol.asyncDispose]());

/** Sends a message and lets it be answered; the ids of both. */
async function exchange(
  message: string,
  answer: string,
  rest: { taskId?: string } & Record<string, unknown> = {},
): Promise<{ taskId: string; question: string; answer: string }> {
  const sent = await bob.send({ message, ...rest });
  const run = await server.nextRun(sent.taskId);
  await run.answer(answer);
  await server.settled(sent.taskId);
  return { taskId: sent.taskId, question: sent.messageId, answer: run.claim.spec.messageId };
}

async function lastOf(taskId: string): Promise<Message> {
  const message = (await bob.messages(taskId)).at(-1);
  if (!message) throw new Error('the conversation is empty');
  return message;
}

const texts = async (taskId: string) => (await bob.messages(taskId)).map(({ text }) => text);

describe('a message that is sent again', () => {
  test('is one message with one answer, ten times at once and on any transport', async () => {
    using client = await bob.connect();
    using other = await bob.connect();
    const payload = { clientMessageId: randomUUID(), team: { name: 'assistant' }, message: 'Once.' };
    const acks = await Promise.all([
      ...Array.from({ length: 4 }, () => client.ask('chat:send', payload)),
      ...Array.from({ length: 3 }, () => other.ask('chat:send', payload)),
      ...Array.from({ length: 3 }, () => bob.send(payload)),
    ]);
    const plain = acks.map(({ taskId, messageId, executionIds }) => ({ taskId, messageId, executionIds }));
    expect(plain).toEqual(plain.map(() => plain[0]));
    expect(plain[0]?.executionIds).toHaveLength(1);
    const taskId = plain[0]?.taskId ?? '';
    const run = await server.nextRun(taskId);
    await run.answer('Yes.');
    await server.settled(taskId);
    client.socket.disconnect();
    using again = await bob.connect();
    expect(await again.ask('chat:send', payload)).toMatchObject(plain[0] ?? {});
    expect(await again.ask('chat:send', { ...payload, message: 'Something else.' })).toMatchObject(
      plain[0] ?? {},
    );
    expect(await texts(taskId)).toEqual(['Once.', 'Yes.']);
    expect(server.hasRun(taskId)).toBe(false);
    const { body } = await bob.call('GET', '/api/v1/tasks?search=Once');
    expect(body.items).toHaveLength(1);
  });

  test('the same id of two people is two messages', async () => {
    const clientMessageId = randomUUID();
    const mine = await bob.send({ clientMessageId, message: 'Mine.' });
    const hers = await eve.send({ clientMessageId, message: 'Hers.' });
    expect(hers.taskId).not.toBe(mine.taskId);
    expect(await eve.messages(hers.taskId)).toMatchObject([{ text: 'Hers.' }, {}]);
  });
});

describe('cancel', () => {
  test('stops a run that obeys, and keeps the text', async () => {
    const sent = await bob.send({ message: 'Write.' });
    const { taskId } = sent;
    const run = await server.nextRun(taskId);
    await run.start();
    await run.text('Half of it');
    using client = await bob.connect();
    await client.ask('task:join', { taskId });
    const cancelled = client.ask('chat:cancel', { taskId });
    await client.until('task:status', (status) => status.taskId === taskId && status.phase === 'Cancelling');
    expect((await run.heartbeat()).commands).toEqual([{ type: 'cancel' }]);
    await run.finish('cancelled');
    expect(await cancelled).toEqual({ ok: true, outcome: 'cancelled' });
    await client.until('chat:cancelled', ({ executionId }) => executionId === run.id);
    await server.settled(taskId);
    expect(await lastOf(taskId)).toMatchObject({
      role: 'assistant',
      text: 'Half of it',
      status: 'cancelled',
      blocks: [{ type: 'text', text: 'Half of it', done: true }],
    });
    expect((await bob.call('GET', `/api/v1/tasks/${taskId}`)).body.phase).toBe('Cancelled');
    expect(await client.ask('chat:cancel', { taskId })).toMatchObject({ outcome: 'already-finished' });
  });

  test('a run that has ended by itself was already finished', async () => {
    const sent = await bob.send({ message: 'Write.' });
    const run = await server.nextRun(sent.taskId);
    await run.start();
    using client = await bob.connect();
    const cancelled = client.ask('chat:cancel', { taskId: sent.taskId });
    await run.toldToStop();
    await run.text('All of it');
    await run.finish();
    expect(await cancelled).toMatchObject({ outcome: 'already-finished' });
    await server.settled(sent.taskId);
    expect(await lastOf(sent.taskId)).toMatchObject({ text: 'All of it', status: 'completed' });
  });

  test('a run that nobody has taken ends at once, and cannot be taken any more', async () => {
    const sent = await bob.send({ message: 'Write.' });
    const [executionId = ''] = sent.executionIds;
    using client = await bob.connect();
    expect(await client.ask('chat:cancel', { taskId: sent.taskId })).toMatchObject({ outcome: 'cancelled' });
    await server.settled(sent.taskId);
    await expect(server.link.claim(executionId, { managerId: 'late' })).rejects.toMatchObject({
      reason: 'Conflict',
    });
    expect(await lastOf(sent.taskId)).toMatchObject({ status: 'cancelled', text: '', blocks: [] });
  });

  test('a run that does not obey is ended at the deadline, and its late words are refused', async () => {
    await using hasty = await startChatServer({ timings: { cancelDeadlineMs: 50 } });
    const { admin } = hasty;
    const { taskId, messageId } = await admin.send({ message: 'Write.' });
    const run = await hasty.nextRun(taskId);
    await run.start();
    await run.text('Before.');
    const client = await admin.connect();
    expect(await client.ask('chat:cancel', { taskId, messageId })).toMatchObject({ outcome: 'cancelled' });
    await expect(run.text(' After.')).rejects.toMatchObject({ reason: 'Conflict' });
    await expect(run.finish()).rejects.toMatchObject({ reason: 'Conflict' });
    await expect(run.heartbeat()).rejects.toMatchObject({ reason: 'Conflict' });
    await hasty.settled(taskId);
    expect((await admin.messages(taskId)).at(-1)).toMatchObject({ text: 'Before.', status: 'cancelled' });
    const { events } = await client.ask('chat:resume', { taskId, afterSeq: 0 });
    expect(events.filter(({ event }) => event.type === 'finish')).toHaveLength(1);
    // A message that takes over does not wait for it either.
    const second = await admin.send({ taskId, message: 'Again.' });
    const stubborn = await hasty.nextRun(taskId, second.executionIds[0]);
    await stubborn.start();
    await admin.send({ taskId, message: 'Stop that.', whenBusy: 'steer' });
    const next = await hasty.nextRun(taskId);
    expect(next.claim.spec.input.text).toBe('Stop that.');
    await expect(stubborn.text('still')).rejects.toMatchObject({ reason: 'Conflict' });
    await next.answer('Stopped.');
    await hasty.settled(taskId);
    expect((await admin.messages(taskId)).at(-1)).toMatchObject({ text: 'Stopped.', status: 'completed' });
  });

  test('names one answer or the whole task; another answer is left alone', async () => {
    const first = await exchange('One.', 'First.');
    const sent = await bob.send({ taskId: first.taskId, message: 'Two.' });
    const run = await server.nextRun(first.taskId);
    await run.start();
    using client = await bob.connect();
    expect(await client.ask('chat:cancel', { taskId: first.taskId, messageId: first.answer })).toMatchObject({
      outcome: 'already-finished',
    });
    await run.text('still here');
    const stopping = client.ask('chat:cancel', {
      taskId: first.taskId,
      messageId: run.claim.spec.messageId,
    });
    await run.obey();
    expect(await stopping).toMatchObject({ outcome: 'cancelled' });
    expect(sent.executionIds).toEqual([run.id]);
  });

  test('the message after it starts a run of its own, which knows what was said', async () => {
    const sent = await bob.send({ message: 'Count.' });
    const { taskId } = sent;
    const run = await server.nextRun(taskId);
    await run.start();
    await run.text('one two');
    using client = await bob.connect();
    await Promise.all([client.ask('chat:cancel', { taskId }), run.obey()]);
    const next = await client.ask('chat:send', {
      clientMessageId: randomUUID(),
      taskId,
      message: 'Go on.',
    });
    expect(next.queued).toBeUndefined();
    const second = await server.nextRun(taskId);
    expect(next.executionIds).toEqual([second.id]);
    expect(second.claim).toMatchObject({ attempt: 1, nextSeq: 1, openBlocks: [] });
    expect(second.claim.spec.history.map(({ role, text }) => [role, text])).toEqual([
      ['user', 'Count.'],
      ['assistant', 'one two'],
    ]);
    expect(second.claim.spec.input.text).toBe('Go on.');
    await second.answer('three');
    await server.settled(taskId);
    expect(await texts(taskId)).toEqual(['Count.', 'one two', 'Go on.', 'three']);
    expect((await bob.messages(taskId)).map(({ status }) => status)).toEqual([
      'completed',
      'cancelled',
      'completed',
      'completed',
    ]);
  });
});

describe('versions', () => {
  test('another answer is a sibling; both stay', async () => {
    const { taskId, question, answer } = await exchange('Tell me.', 'First.');
    using client = await bob.connect();
    await client.ask('task:join', { taskId });
    const again = await client.ask('chat:regenerate', { taskId, messageId: answer });
    expect(again).toMatchObject({ taskId, messageId: question });
    expect(await client.request('chat:regenerate', { taskId, messageId: answer })).toMatchObject({
      ok: false,
      error: { reason: 'Conflict' },
    });
    const run = await server.nextRun(taskId);
    const announced = await client.until('chat:message', ({ message }) => message.role === 'assistant');
    expect(announced.message).toMatchObject({ id: run.claim.spec.messageId, parentId: question });
    expect(run.claim.spec.history).toEqual([]);
    expect(run.claim.spec.input.text).toBe('Tell me.');
    await run.answer('Second.');
    await server.settled(taskId);
    const ids = [answer, run.claim.spec.messageId];
    expect(await lastOf(taskId)).toMatchObject({
      text: 'Second.',
      parentId: question,
      siblings: { index: 2, count: 2, ids },
    });
    const selected = await client.ask('task:select', { taskId, messageId: answer });
    expect(selected.messages.map(({ text }) => text)).toEqual(['Tell me.', 'First.']);
    expect(selected.messages[1]?.siblings).toEqual({ index: 1, count: 2, ids });
    expect(await texts(taskId)).toEqual(['Tell me.', 'First.']);
  });

  test('two other answers at once, or two messages that will not wait: one of them is taken', async () => {
    const { taskId, answer } = await exchange('Tell me.', 'First.');
    using client = await bob.connect();
    const outcomes = async (requests: Promise<{ ok: boolean }>[]) =>
      (await Promise.all(requests)).map(({ ok }) => ok).toSorted();
    const regenerate = () => client.request('chat:regenerate', { taskId, messageId: answer });
    expect(await outcomes([regenerate(), regenerate(), regenerate()])).toEqual([false, false, true]);
    await (await server.nextRun(taskId)).answer('Second.');
    await server.settled(taskId);
    const send = (message: string) =>
      client.request('chat:send', { clientMessageId: randomUUID(), taskId, message, whenBusy: 'reject' });
    expect(await outcomes([send('a'), send('b'), send('c')])).toEqual([false, false, true]);
    await (await server.nextRun(taskId)).answer('Third.');
    await server.settled(taskId);
    expect(await bob.messages(taskId)).toHaveLength(4);
  });

  test('an edit is a sibling of what it edits: the first message, or one in the middle', async () => {
    const first = await exchange('Q1', 'A1');
    const { taskId } = first;
    const second = await exchange('Q2', 'A2', { taskId });
    const edited = await exchange('Q2, better', 'A2, better', { taskId, parentId: first.answer });
    expect(await texts(taskId)).toEqual(['Q1', 'A1', 'Q2, better', 'A2, better']);
    expect((await bob.messages(taskId))[2]?.siblings).toEqual({
      index: 2,
      count: 2,
      ids: [second.question, edited.question],
    });
    const sent = await bob.send({ taskId, message: 'Q1, better', parentId: null });
    const run = await server.nextRun(taskId);
    expect(run.claim.spec.history).toEqual([]);
    await run.answer('A1, better');
    await server.settled(taskId);
    const path = await bob.messages(taskId);
    expect(path.map(({ text }) => text)).toEqual(['Q1, better', 'A1, better']);
    expect(path[0]).toMatchObject({
      parentId: null,
      siblings: { index: 2, count: 2, ids: [first.question, sent.messageId] },
    });
    using client = await bob.connect();
    const back = await client.ask('task:select', { taskId, messageId: first.question });
    expect(back.messages.map(({ text }) => text)).toEqual(['Q1', 'A1', 'Q2, better', 'A2, better']);
  });

  test('a message cannot follow one that is not in the conversation', async () => {
    const { taskId } = await exchange('Here.', 'Yes.');
    const other = await exchange('There.', 'Yes.');
    using client = await bob.connect();
    for (const parentId of [randomUUID(), other.question, other.answer]) {
      for (const answer of [
        await client.request('chat:send', { clientMessageId: randomUUID(), taskId, message: 'x', parentId }),
        await client.request('task:select', { taskId, messageId: parentId }),
        await client.request('chat:regenerate', { taskId, messageId: parentId }),
      ]) {
        expect(answer).toMatchObject({ ok: false, error: { reason: 'NotFound' } });
      }
    }
    expect(await texts(taskId)).toEqual(['Here.', 'Yes.']);
    expect(
      await client.request('chat:send', {
        clientMessageId: randomUUID(),
        team: { name: 'assistant' },
        message: 'x',
        parentId: other.answer,
      }),
    ).toMatchObject({ ok: false });
  });
});

describe('an agent that is gone', () => {
  test('a Team that tasks name goes only on purpose, and the tasks stay readable', async () => {
    for (const [name, query] of [
      ['background', '?propagationPolicy=Background'],
      ['force', '?force=true'],
    ]) {
      const created = await bob.call(
        'POST',
        '/api/v1/namespaces/bob/teams',
        document('Team', `team-${name}`, {
          members: [{ botRef: { name: 'assistant', namespace: 'public' } }],
        }),
      );
      expect(created.status).toBe(201);
      const { taskId } = await exchange('Hello.', 'Hi.', { team: { name: `team-${name}` } });
      const path = `/api/v1/namespaces/bob/teams/team-${name}`;
      const refused = await bob.call('DELETE', path);
      expect(refused).toMatchObject({ status: 409, body: { kind: 'Status' } });
      expect(refused.body.message).toContain('1 task');
      expect((await bob.call('DELETE', `${path}${query}`)).status).toBe(200);

      using client = await bob.connect();
      const answer = await client.request('chat:send', {
        clientMessageId: randomUUID(),
        taskId,
        message: 'Still there?',
      });
      expect(answer).toMatchObject({ ok: false, error: { reason: 'NotFound' } });
      if (!answer.ok) expect(answer.error.message).toContain(`team-${name}`);
      expect(await texts(taskId)).toEqual(['Hello.', 'Hi.']);
      expect((await client.ask('task:join', { taskId })).messages).toHaveLength(2);
      const list = await bob.call('GET', '/api/v1/tasks');
      expect(list.body.items.map((item: { taskId: string }) => item.taskId)).toContain(taskId);
      // Another agent can take over.
      const taken = await bob.send({ taskId, message: 'You then.', team: { name: 'assistant' } });
      await (await server.nextRun(taken.taskId)).answer('Yes.');
    }
  });

  test('a Team that never was is named, with those that there are', async () => {
    using client = await bob.connect();
    const answer = await client.request('chat:send', {
      clientMessageId: randomUUID(),
      team: { name: 'nobody' },
      message: 'Hello?',
    });
    expect(answer).toMatchObject({ ok: false, error: { reason: 'NotFound' } });
    if (!answer.ok) {
      expect(answer.error.message).toContain('"nobody"');
      expect(answer.error.message).toContain('assistant');
    }
    expect(
      await client.request('chat:send', { clientMessageId: randomUUID(), message: 'Hello?' }),
    ).toMatchObject({ ok: false, error: { reason: 'Invalid', details: { causes: [{ field: 'team' }] } } });
  });

  test("another person's private Team does not exist", async () => {
    await eve.call(
      'POST',
      '/api/v1/namespaces/eve/teams',
      document('Team', 'private', {
        members: [{ botRef: { name: 'assistant', namespace: 'public' } }],
      }),
    );
    using client = await bob.connect();
    const ask = (name: string) =>
      client.request('chat:send', {
        clientMessageId: randomUUID(),
        team: { name, namespace: 'eve' },
        message: 'Hello?',
      });
    const [foreign, absent] = [await ask('private'), await ask('missing')];
    expect(foreign).toMatchObject({ ok: false, error: { reason: 'NotFound' } });
    expect(JSON.stringify(foreign).replaceAll('private', 'X')).toBe(
      JSON.stringify(absent).replaceAll('missing', 'X'),
    );
  });
});

describe('what people write', () => {
  test.each([
    ['HTML and script', '<script>alert(1)</script><img src=x onerror=alert(2)> & "quotes"'],
    ['emoji and marks', '👩‍👩‍👧‍👦 🏳️‍🌈 é 𝕏 مرحبا שלום \u202Eevil\u202C'],
    ['NUL and control characters', 'a\u0000b\u0001c\u001B[31m\r\n\ttab'],
    ['SQL and templates', `'; DROP TABLE messages; -- \${process.env.X} {{7*7}}`],
    ['a million characters', '文'.repeat(1_000_000)],
  ])('%s comes back as it was', async (_name, message) => {
    const { taskId } = await exchange(message, message);
    const [question, answer] = await bob.messages(taskId);
    expect(question?.text === message).toBe(true);
    expect(answer?.text === message).toBe(true);
    const { body } = await bob.call('GET', `/api/v1/tasks/${taskId}`);
    expect([...body.title].length).toBeLessThanOrEqual(61);
  });

  test('nothing but space is no message, and 10 MB is too much', async () => {
    for (const message of ['', '   ', '\n\t\u00a0\u3000']) {
      const answer = await bob.call('POST', '/api/v1/tasks', {
        clientMessageId: randomUUID(),
        team: { name: 'assistant' },
        message,
      });
      expect(answer).toMatchObject({ status: 422, body: { details: { causes: [{ field: 'message' }] } } });
    }
    const long = await bob.call('POST', '/api/v1/tasks', {
      clientMessageId: randomUUID(),
      team: { name: 'assistant' },
      message: 'x'.repeat(1_000_001),
    });
    expect(long).toMatchObject({ status: 422, body: { details: { causes: [{ field: 'message' }] } } });
    const huge = await bob.call('POST', '/api/v1/tasks', {
      clientMessageId: randomUUID(),
      team: { name: 'assistant' },
      message: 'x'.repeat(10_000_000),
    });
    expect(huge).toMatchObject({ status: 413, body: { kind: 'Status', reason: 'RequestEntityTooLarge' } });
  });

  test('malformed JSON and unknown fields are refused', async () => {
    const response = await fetch(`${server.url}/api/v1/tasks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bob.token}`, 'content-type': 'application/json' },
      body: '{"message": ',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ kind: 'Status', reason: 'BadRequest' });
    const unknown = await bob.call('POST', '/api/v1/tasks', {
      clientMessageId: randomUUID(),
      team: { name: 'assistant' },
      message: 'Hello.',
      mesage: 'Hello.',
    });
    expect(unknown).toMatchObject({ status: 422, body: { details: { causes: [{ field: 'mesage' }] } } });
  });
});

describe('attachments', () => {
  test('go with one message of the person who uploaded them', async () => {
    const file = await upload(bob, 'notes.txt', 'The secret plan.');
    const { taskId } = await bob.send({ message: '', attachmentIds: [file.id] });
    const run = await server.nextRun(taskId);
    expect(run.claim.spec.input.attachments).toMatchObject([
      { id: file.id, name: 'notes.txt', text: 'The secret plan.' },
    ]);
    await run.answer('I see.');
    await server.settled(taskId);
    const [question] = await bob.messages(taskId);
    expect(question?.attachments).toEqual([
      { id: file.id, name: 'notes.txt', mediaType: 'text/plain', size: 16 },
    ]);
    using client = await bob.connect();
    const joined = await client.ask('task:join', { taskId });
    expect(joined.messages[0]?.attachments).toEqual(question?.attachments);
    expect(JSON.stringify(joined)).not.toContain('blobKey');

    const hers = await upload(eve, 'hers.txt', 'Not yours.');
    const refusals: [string[], number, string][] = [
      [[hers.id], 404, hers.id],
      [[randomUUID()], 404, 'not found'],
      [[file.id], 409, 'notes.txt'],
    ];
    for (const [attachmentIds, status, words] of refusals) {
      const answer = await bob.call('POST', `/api/v1/tasks/${taskId}/messages`, {
        clientMessageId: randomUUID(),
        message: 'And this?',
        attachmentIds,
      });
      expect(answer.status).toBe(status);
      expect(answer.body.message).toContain(words);
    }
    expect(await texts(taskId)).toEqual(['', 'I see.']);
  });

  test('one file sent with two messages at once goes with one of them', async () => {
    const file = await upload(bob, 'once.txt', 'Once.');
    using client = await bob.connect();
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((message) =>
        client.raw('chat:send', {
          clientMessageId: randomUUID(),
          team: { name: 'assistant' },
          message,
          attachmentIds: [file.id],
        }),
      ),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.map(({ error }) => error?.reason).filter(Boolean)).toEqual(Array(3).fill('Conflict'));
  });

  test('of a message that was taken out of the queue can be sent again', async () => {
    const { taskId } = await bob.send({ message: 'First.' });
    const run = await server.nextRun(taskId);
    await run.start();
    const file = await upload(bob, 'again.txt', 'Again.');
    const queued = await bob.send({ taskId, message: 'With a file.', attachmentIds: [file.id] });
    using client = await bob.connect();
    await client.ask('chat:queued', { taskId, messageId: queued.messageId, action: 'delete' });
    const again = await bob.send({ taskId, message: 'Now.', attachmentIds: [file.id] });
    await run.finish();
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.input).toMatchObject({ text: 'Now.', attachments: [{ id: file.id }] });
    await next.answer('Thanks.');
    expect(again.queued).toBe(true);
  });

  async function upload(person: Person, name: string, content: string): Promise<{ id: string }> {
    const form = new FormData();
    form.append('file', new Blob([content], { type: 'text/plain' }), name);
    const response = await fetch(`${server.url}/api/v1/attachments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.token}` },
      body: form,
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as { id: string };
  }
});

test('an answer in the database is the fold of its events', async () => {
  const { taskId } = await bob.send({ message: 'Everything.' });
  const run = await server.nextRun(taskId);
  await run.start();
  await run.emit(
    { type: 'phase', text: 'Thinking' },
    { type: 'reasoning-start', blockId: 'r' },
    { type: 'reasoning-delta', blockId: 'r', text: 'hm' },
    { type: 'reasoning-end', blockId: 'r', durationMs: 5 },
    { type: 'warning', code: 'mcp', message: 'one server is away' },
  );
  await run.text('Before ');
  await run.tool('clock', { time: '12:00' });
  await run.text('after.');
  await run.emit({ type: 'log', stream: 'stdout', text: 'a' }, { type: 'log', stream: 'stdout', text: 'b' });
  await run.usage({ input: 10, output: 20, costUsd: 0.5 });
  const open = await lastOf(taskId);
  await run.finish();
  await server.settled(taskId);
  const final = await lastOf(taskId);
  expect(final).toMatchObject({
    status: 'completed',
    text: 'Before \n\nafter.',
    usage: { outputTokens: 20 },
  });
  expect(textOf(foldOfMessage(open))).toBe(final.text);
  expect(final.blocks.map(({ type }) => type)).toEqual([
    'reasoning',
    'warning',
    'text',
    'tool',
    'text',
    'log',
  ]);
  using client = await bob.connect();
  const joined = await client.ask('task:join', { taskId });
  expect(joined.messages.at(-1)).toEqual(final);
});
