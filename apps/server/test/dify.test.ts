import type { ExecutionEvent, RunError } from '@wegent/api';
import { createEngines, RunFailure, runTurn } from '@wegent/engine';
import { type FakeDify, startFakeDify } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';

let dify: FakeDify;
let forbidden: FakeDify;
let server: ChatServer;
let bob: Person;

beforeAll(async () => {
  dify = await startFakeDify({ mode: 'advanced-chat' });
  forbidden = await startFakeDify();
  server = await startChatServer({ environment: { OUTBOUND_ALLOW: dify.host } });
  bob = await server.newPerson('bob');
  await makeAgent('app', { DIFY_API_KEY: dify.key, DIFY_BASE_URL: dify.origin });
  await makeAgent('inside', { DIFY_API_KEY: forbidden.key, DIFY_BASE_URL: forbidden.origin });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await dify[Symbol.asyncDispose]();
  await forbidden[Symbol.asyncDispose]();
});

async function makeAgent(name: string, env: Record<string, unknown>, shell = 'Dify'): Promise<void> {
  for (const object of [
    document('Model', name, { modelConfig: { env } }),
    document('Ghost', name, { systemPrompt: 'unused' }),
    document('Bot', name, { ghostRef: { name }, shellRef: { name: shell }, modelRef: { name } }),
    document('Team', name, { members: [{ botRef: { name } }] }),
  ]) {
    const made = await bob.call('POST', `/api/v1/namespaces/bob/${object.kind.toLowerCase()}s`, object);
    if (made.status !== 201) throw new Error(made.text);
  }
}

/** Runs the next run of a task as a manager does, with the real engine and none of the memory of the one before. */
async function work(taskId: string): Promise<RunError | undefined> {
  const run = await server.nextRun(taskId);
  const events: ExecutionEvent[] = [];
  let error: RunError | undefined;
  await runTurn(createEngines({ dify: { retryDelaysMs: [] } }), {
    spec: run.claim.spec,
    emit: (event) => events.push(event),
    ready: async () => {},
    onInput: () => {},
    signal: new AbortController().signal,
    readBlob: async () => undefined,
  }).catch((cause: unknown) => {
    if (!(cause instanceof RunFailure)) throw cause;
    error = cause.error;
  });
  await run.start();
  if (events.length > 0) await run.emit(...events);
  await run.finish(error ? 'failed' : 'completed', error);
  await server.settled(taskId);
  return error;
}

async function exchange(message: string, more: Record<string, unknown> = {}) {
  const { taskId } = await bob.send({ message, team: { name: 'app' }, ...more });
  expect(await work(taskId)).toBeUndefined();
  const messages = await bob.messages(taskId);
  return { taskId, answer: messages.at(-1)?.id ?? '', text: messages.at(-1)?.text };
}

const lastRun = () => dify.runs.at(-1) ?? expect.unreachable();

describe('the input form of an application', () => {
  const FORM = [
    { 'text-input': { variable: 'city', label: 'City', required: true, max_length: 20 } },
    { select: { variable: 'tone', label: 'Tone', required: false, options: ['formal', 'plain'] } },
  ];
  const inputsOf = (name: string, namespace = 'bob', person = bob) =>
    person.call('GET', `/api/v1/namespaces/${namespace}/teams/${name}/inputs`);

  test('who may talk to the Team is told what it asks for, without asking the application each time', async () => {
    dify.form = FORM;
    await makeAgent('formed', { DIFY_API_KEY: dify.key, DIFY_BASE_URL: dify.origin });
    const asked = () => dify.requests.filter(({ path }) => path === '/parameters').length;
    const before = asked();
    const [first, second] = [await inputsOf('formed'), await inputsOf('formed')];
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({
      applications: [
        {
          member: 'formed',
          model: 'formed',
          form: {
            name: 'Fake',
            fields: [
              { variable: 'city', control: 'text', required: true, maxLength: 20 },
              { variable: 'tone', control: 'select', options: ['formal', 'plain'] },
            ],
          },
        },
      ],
    });
    expect(second.body).toEqual(first.body);
    expect(asked()).toBe(before + 1);
    expect(first.text).not.toContain(dify.key);
    const eve = await server.newPerson('eve');
    expect((await inputsOf('formed', 'bob', eve)).status).toBe(404);
    expect((await inputsOf('nothing')).status).toBe(404);
    expect((await inputsOf('assistant', 'public')).body).toEqual({ applications: [] });
    dify.form = [];
  });

  test('what cannot be read says why, goes nowhere that it must not, and is asked for anew', async () => {
    const refused = await inputsOf('inside');
    expect(refused.body.applications).toMatchObject([
      { error: { reason: 'ModelUnavailable', message: expect.stringContaining('private network') } },
    ]);
    expect(forbidden.requests).toEqual([]);
    await makeAgent('locked', { DIFY_API_KEY: 'app-wrong', DIFY_BASE_URL: dify.origin });
    const locked = await inputsOf('locked');
    expect(locked.body.applications).toMatchObject([{ error: { reason: 'ModelAuth' } }]);
    expect(locked.text).not.toContain('app-wrong');
    dify.refusals.push({ path: /^\/parameters/, status: 500, body: {}, times: 1 });
    await makeAgent('shaky', { DIFY_API_KEY: dify.key, DIFY_BASE_URL: dify.origin });
    expect((await inputsOf('shaky')).body.applications[0].error).toBeDefined();
    expect((await inputsOf('shaky')).body.applications[0].form).toBeDefined();
  });

  test('what was filled in goes to the application, and is kept for the messages that follow', async () => {
    dify.form = FORM;
    const options = { inputs: { city: 'Bonn', tone: 'plain' } };
    const { taskId, answer } = await exchange('One', { options });
    expect(lastRun().inputs).toEqual({ city: 'Bonn', tone: 'plain' });
    await exchange('Two', { taskId });
    expect(lastRun().inputs).toEqual({ city: 'Bonn', tone: 'plain' });
    await exchange('Three', { taskId, options: { inputs: { city: 'Ulm' } } });
    expect(lastRun().inputs).toEqual({ city: 'Ulm' });
    // Another branch knows what was filled in above it.
    await exchange('Two, better', { taskId, parentId: answer });
    expect(lastRun().inputs).toEqual({ city: 'Bonn', tone: 'plain' });
    const asked = (await bob.messages(taskId)).filter(({ role }: { role: string }) => role === 'user');
    expect(asked.map(({ inputs }: { inputs?: unknown }) => inputs)).toEqual([options.inputs, options.inputs]);
    dify.form = [];
  });

  test('what is no value of a form is refused, and nothing is sent', async () => {
    const before = dify.runs.length;
    for (const inputs of [{ city: { name: 'Bonn' } }, { city: 'x'.repeat(100_001) }, { '': 'x' }, ['Bonn']]) {
      const refused = await bob.call('POST', '/api/v1/tasks', {
        clientMessageId: crypto.randomUUID(),
        team: { name: 'app' },
        message: 'x',
        options: { inputs },
      });
      expect([400, 422]).toContain(refused.status);
      expect(refused.text).toContain('options.inputs');
    }
    expect(dify.runs).toHaveLength(before);
  });
});

describe('a task with a Dify application', () => {
  test('keeps its conversation from turn to turn, and the key out of sight', async () => {
    const one = await exchange('One');
    expect(one.text).toBe('You said: One');
    const { conversationId, user } = lastRun();
    expect(user).toBe(`task-${one.taskId}`);
    await exchange('Two', { taskId: one.taskId });
    expect(lastRun()).toMatchObject({ conversationId, said: ['One', 'Two'], user });
    const other = await exchange('Three');
    expect(lastRun().conversationId).not.toBe(conversationId);
    expect(JSON.stringify(await bob.messages(other.taskId))).not.toContain(dify.key);
    expect(server.log.join('')).not.toContain(dify.key);
  });

  test('an edit begins a new conversation that knows the branch; each branch goes on with its own', async () => {
    const one = await exchange('Q1');
    const { taskId } = one;
    const first = lastRun().conversationId;
    const two = await exchange('Q2', { taskId });
    await exchange('Q2, better', { taskId, parentId: one.answer });
    const second = lastRun();
    expect(second.conversationId).not.toBe(first);
    expect(second.query).toContain('User: Q1\n\nYou: You said: Q1');
    expect(second.query).not.toContain('User: Q2');
    await exchange('Q3', { taskId });
    expect(lastRun()).toMatchObject({ conversationId: second.conversationId, query: 'Q3' });
    await exchange('Q3 of old', { taskId, parentId: two.answer });
    expect(lastRun()).toMatchObject({ conversationId: first, said: ['Q1', 'Q2', 'Q3 of old'] });
  });

  test('a repeated answer does not go on with the conversation that has heard the question', async () => {
    const one = await exchange('Tell me.');
    const { conversationId } = lastRun();
    const again = await bob.call('POST', `/api/v1/tasks/${one.taskId}/retry`, { messageId: one.answer });
    expect([200, 201]).toContain(again.status);
    expect(await work(one.taskId)).toBeUndefined();
    expect(lastRun().conversationId).not.toBe(conversationId);
    expect(lastRun().said).toEqual(['Tell me.']);
  });

  test('somebody who is no administrator cannot point it at a private address', async () => {
    const { taskId } = await bob.send({ message: 'x', team: { name: 'inside' } });
    expect(await work(taskId)).toMatchObject({
      reason: 'ModelUnavailable',
      message: expect.stringContaining('private network'),
    });
    expect(forbidden.requests).toEqual([]);
  });

  test('a model chosen for the message does not replace the application', async () => {
    await makeAgent('plain', { model: 'openai', model_id: 'm', api_key: 'k' }, 'Chat');
    const { taskId } = await exchange('Hello', { modelOverride: { name: 'plain' } });
    expect(lastRun().query).toBe('Hello');
    // Nor is it written down as what was used.
    expect((await bob.messages(taskId)).at(-1)).toMatchObject({ model: 'app' });
    const models = await server.store.usage.summary({ from: 0, to: Date.now() + 1, groupBy: 'model' });
    expect(models.map(({ key }) => key)).not.toContain('plain');
  });

  test.each([
    ['Chat', { DIFY_API_KEY: 'app-x', DIFY_BASE_URL: 'https://dify.example' }, 'is a Dify application'],
    ['Dify', { model: 'openai', model_id: 'm', api_key: 'k' }, 'is no Dify application'],
  ])('a Shell of type %s does not take a Model of the other sort', async (shell, env, message) => {
    const name = `wrong-${shell.toLowerCase()}`;
    await makeAgent(name, env, shell);
    const before = await bob.call('GET', '/api/v1/tasks');
    const refused = await bob.call('POST', '/api/v1/tasks', {
      clientMessageId: name,
      message: 'x',
      team: { name },
    });
    expect(refused).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining(message) },
    });
    expect((await bob.call('GET', '/api/v1/tasks')).body.items).toHaveLength(before.body.items.length);
  });
});
