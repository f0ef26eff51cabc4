import { randomUUID } from 'node:crypto';
import type { TaskItem } from '@wegent/api';
import { newId } from '@wegent/store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';

let server: ChatServer;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  server = await startChatServer({ timings: { cancelDeadlineMs: 300 } });
  bob = await server.newPerson('bob');
  eve = await server.newPerson('eve');
});
afterAll(() => server[Symbol.asyncDispose]());

const TASKS = '/api/v1/namespaces/bob/tasks';
const spec = { prompt: 'Do it.', teamRef: { name: 'assistant' } };

const create = (name: string, taskSpec: Record<string, unknown> = spec, query = '') =>
  bob.call('POST', `${TASKS}${query}`, document('Task', name, taskSpec));

describe('a Task document', () => {
  test('that is created runs; its status follows, for readers and for watchers', async () => {
    await using watch = await watchPhases('job');
    const created = await create('job');
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ metadata: { name: 'job' }, spec: { title: 'Do it.' } });
    const taskId = created.body.metadata.uid;
    const run = await server.nextRun(taskId);
    expect(run.claim.spec.input.text).toBe('Do it.');
    await run.start();
    await run.text('Done.');
    await run.usage({ input: 3, output: 4 });
    await run.finish();
    await watch.until('Completed');
    // Each phase is a change of its own, however quickly they follow each other.
    expect([...new Set(watch.phases)]).toEqual(['Pending', 'Running', 'Completed']);
    await server.settled(taskId);
    const read = await bob.call('GET', `${TASKS}/job`);
    expect(read.body.status).toMatchObject({
      phase: 'Completed',
      progress: 100,
      result: 'Done.',
      usage: { inputTokens: 3, outputTokens: 4 },
    });
    const names = async (query = '') =>
      (await bob.call('GET', `${TASKS}${query}`)).body.items.map((item: TaskItem) => item.metadata.name);
    expect(await names()).toContain('job');
    expect(await names('?fieldSelector=metadata.name%3Djob')).toEqual(['job']);
    expect(await names('?fieldSelector=status.phase%3DFailed')).toEqual([]);
    expect((await bob.messages(taskId)).map(({ text }) => text)).toEqual(['Do it.', 'Done.']);
    const goesOn = await bob.send({ taskId, message: 'And more.' });
    expect(goesOn.executionIds).toHaveLength(1);
  });

  test('that runs so fast that its whole answer comes at once has been running, for watchers', async () => {
    await using watch = await watchPhases('fast');
    const created = await create('fast');
    const run = await server.nextRun(created.body.metadata.uid);
    const { attempt, spec: runSpec } = run.claim;
    await run.emit(
      {
        type: 'run-start',
        executionId: run.id,
        attempt,
        bot: runSpec.bot,
        shellType: runSpec.shell.shellType,
      },
      { type: 'text-start', blockId: 't' },
      { type: 'text-delta', blockId: 't', text: 'Done.' },
      { type: 'text-end', blockId: 't' },
      { type: 'finish', outcome: 'completed' },
    );
    await watch.until('Completed');
    expect([...new Set(watch.phases)]).toEqual(['Pending', 'Running', 'Completed']);
  });

  test('says what was asked and cannot be changed; its title can', async () => {
    const created = await create('fixed');
    const taskId = created.body.metadata.uid;
    await (await server.nextRun(taskId)).answer('Yes.');
    await server.settled(taskId);
    const stored = (await bob.call('GET', `${TASKS}/fixed`)).body;
    const put = (change: Record<string, unknown>) =>
      bob.call('PUT', `${TASKS}/fixed`, { ...stored, spec: { ...stored.spec, ...change } });
    for (const [field, value] of [
      ['prompt', 'Something else.'],
      ['teamRef', { name: 'writer' }],
      ['type', 'code'],
      ['participants', ['eve']],
    ] as const) {
      const answer = await put({ [field]: value });
      expect(answer.status, field).toBe(422);
      expect(answer.body.details.causes).toMatchObject([{ field: `spec.${field}` }]);
    }
    expect((await put({ title: 'Renamed' })).status).toBe(200);
    expect((await bob.call('GET', `/api/v1/tasks/${taskId}`)).body.title).toBe('Renamed');
    expect(await put({ title: 'Stale' })).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
  });

  test('that cannot run is refused, and nothing is left of it', async () => {
    const bot = document('Bot', 'without-model', {
      ghostRef: { name: 'assistant', namespace: 'public' },
      shellRef: { name: 'Chat', namespace: 'public' },
    });
    expect((await bob.call('POST', '/api/v1/namespaces/bob/bots', bot)).status).toBe(201);
    const team = document('Team', 'without-model', { members: [{ botRef: { name: 'without-model' } }] });
    expect((await bob.call('POST', '/api/v1/namespaces/bob/teams', team)).status).toBe(201);
    const refusals: [name: string, spec: Record<string, unknown>, words: string][] = [
      ['no-prompt', { ...spec, prompt: ' ' }, 'spec.prompt'],
      ['no-team', { ...spec, teamRef: { name: 'nobody' } }, '"nobody"'],
      ['no-model', { ...spec, title: 'no-model', teamRef: { name: 'without-model' } }, 'no Model'],
      ['no-such-person', { ...spec, participants: ['nobody'] }, '"nobody"'],
    ];
    for (const [name, wrong, words] of refusals) {
      const answer = await create(name, wrong);
      expect(answer.status, name).toBeGreaterThanOrEqual(400);
      expect(answer.status, name).toBeLessThan(500);
      expect(answer.body.message, name).toContain(words);
      expect((await bob.call('GET', `${TASKS}/${name}`)).status, name).toBe(404);
    }
    expect((await bob.call('GET', '/api/v1/tasks?search=no-model')).body.items).toEqual([]);
    expect((await create('dry', spec, '?dryRun=All')).status).toBe(201);
    expect((await bob.call('GET', `${TASKS}/dry`)).status).toBe(404);
    expect((await create('twice')).status).toBe(201);
    expect(await create('twice')).toMatchObject({ status: 409, body: { reason: 'AlreadyExists' } });
  });

  test('is deleted with what runs, and its name is free again', async () => {
    const created = await create('gone');
    const taskId = created.body.metadata.uid;
    const run = await server.nextRun(taskId);
    await run.start();
    using client = await bob.connect();
    expect((await bob.call('DELETE', `${TASKS}/gone?dryRun=All`)).status).toBe(200);
    await run.text('still here');
    expect((await bob.call('DELETE', `${TASKS}/gone`)).status).toBe(200);
    await client.until('task:deleted', (deleted) => deleted.taskId === taskId);
    await expect(run.text('still')).rejects.toMatchObject({ reason: 'Conflict' });
    expect((await bob.call('GET', `/api/v1/tasks/${taskId}`)).status).toBe(404);
    const again = await create('gone');
    expect(again.status).toBe(201);
    expect(again.body.metadata.uid).not.toBe(taskId);
  });

  test('is private to those who take part', async () => {
    await create('private');
    for (const person of [eve, server.admin]) {
      expect((await person.call('GET', `${TASKS}/private`)).status).toBe(404);
      expect((await person.call('DELETE', `${TASKS}/private`)).status).toBeGreaterThanOrEqual(403);
    }
    expect((await bob.call('GET', `${TASKS}/private`)).status).toBe(200);
  });
});

test('a task is cancelled and answered again over HTTP', async () => {
  const { taskId } = await bob.send({ message: 'Try.' });
  const cancel = (body?: unknown) => bob.call('POST', `/api/v1/tasks/${taskId}/cancel`, body);
  const retry = (body?: unknown) => bob.call('POST', `/api/v1/tasks/${taskId}/retry`, body);
  expect((await cancel()).body).toEqual({ outcome: 'cancelled' });
  expect((await cancel({})).body).toEqual({ outcome: 'already-finished' });
  expect((await cancel({ all: true })).status).toBe(422);
  await server.settled(taskId);
  const again = await retry();
  expect(again).toMatchObject({ status: 201, body: { taskId } });
  expect((await retry()).status).toBe(409);
  await (await server.nextRun(taskId, again.body.executionIds[0])).answer('Done.');
  await server.settled(taskId);
  const messages = await bob.messages(taskId);
  expect(messages.map(({ text }) => text)).toEqual(['Try.', 'Done.']);
  expect(messages[1]?.siblings).toMatchObject({ index: 2, count: 2 });
  expect((await retry({ messageId: randomUUID() })).status).toBe(404);
});

test('messages page back along a long active path, and leave out the versions beside it', async () => {
  const { taskId } = await bob.send({ message: 'Message 0' });
  await (await server.nextRun(taskId)).answer('Answer.');
  await server.settled(taskId);
  const path = ['Message 0', 'Answer.'];
  // Written directly: what is tested is the reading.
  await server.store.transaction(async (tx) => {
    let parentId = (await tx.tasks.get(taskId))?.activeLeafId ?? '';
    for (let index = 1; index <= 120; index += 1) {
      const parent = await tx.messages.get(parentId);
      if (!parent) throw new Error('no message to copy');
      const row = { ...parent, role: 'user' as const, parentId, clientMessageId: null };
      const id = newId();
      await tx.messages.insert({
        ...row,
        id: newId(),
        text: `Version of ${index}`,
        createdAt: row.createdAt + 1,
      });
      await tx.messages.insert({ ...row, id, text: `Message ${index}`, createdAt: row.createdAt + 2 });
      path.push(`Message ${index}`);
      parentId = id;
    }
    await tx.tasks.update(taskId, { activeLeafId: parentId });
  });
  const page = (query: string) => bob.call('GET', `/api/v1/tasks/${taskId}/messages?${query}`);
  const read: string[] = [];
  let before: string | undefined;
  do {
    const { body } = await page(`limit=25${before === undefined ? '' : `&before=${before}`}`);
    expect(body.items.length).toBeLessThanOrEqual(25);
    read.unshift(...body.items.map(({ text }: { text: string }) => text));
    before = body.metadata.continue;
  } while (before !== undefined);
  expect(read).toEqual(path);
  expect((await page('limit=1')).body.items[0].siblings).toMatchObject({ index: 2, count: 2 });
  using client = await bob.connect();
  const joined = await client.ask('task:join', { taskId });
  expect(joined.messages).toHaveLength(50);
  expect(joined.continue).toBe(joined.messages[0]?.id);
  for (const query of ['limit=0', 'limit=201', 'limit=many']) expect((await page(query)).status).toBe(422);
});

/** What a watch tells of one Task. */
async function watchPhases(name: string) {
  const response = await fetch(`${server.url}${TASKS}?watch=1`, {
    headers: { authorization: `Bearer ${bob.token}` },
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) throw new Error('no body');
  let text = '';
  const phases: string[] = [];
  return {
    phases,
    async until(phase: string): Promise<void> {
      while (!phases.includes(phase)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`the watch ended at ${phases.join(', ')}`);
        const lines = (text + value).split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) {
          const { object } = JSON.parse(line);
          if (object?.metadata?.name === name) phases.push(object.status?.phase);
        }
      }
    },
    [Symbol.asyncDispose]: () => reader.cancel(),
  };
}
