import { randomUUID } from 'node:crypto';
import { reduceEvents, textOf } from '@wegent/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foldEvents } from '../src/tasks/conversation.ts';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';

let server: ChatServer;
let bob: Person;

beforeAll(async () => {
  server = await startChatServer();
  bob = await server.newPerson('bob');
});
afterAll(() => server[Symbol.asyncDispose]());

const KEY = 'sk-a-real-key-that-nobody-must-see';
const HEADER = 'a-header-that-nobody-must-see';
const TOOL_TOKEN = 'a-tool-token-that-nobody-must-see';

/** An agent of Bob's with parts of its own, all of one name. */
async function makeAgent(name: string): Promise<void> {
  const documents = [
    document('Model', name, {
      modelConfig: {
        env: {
          model: 'openai',
          model_id: 'm-1',
          api_key: KEY,
          base_url: 'http://127.0.0.1:9/v1',
          DEFAULT_HEADERS: { 'x-team': HEADER },
        },
      },
    }),
    document('Ghost', name, {
      systemPrompt: `You are ${name}.`,
      mcpServers: { tools: { command: 'tools', env: { TOKEN: TOOL_TOKEN } } },
    }),
    document('Shell', name, { shellType: 'Chat', retry: { maxAttempts: 2 } }),
    document('Bot', name, { ghostRef: { name }, shellRef: { name }, modelRef: { name } }),
    document('Team', name, { members: [{ botRef: { name }, prompt: 'Be kind.' }] }),
  ];
  for (const one of documents) {
    const answer = await bob.call('POST', `/api/v1/namespaces/bob/${one.kind.toLowerCase()}s`, one);
    if (answer.status !== 201) throw new Error(answer.text);
  }
}

const remove = (kind: string, name: string) =>
  bob.call('DELETE', `/api/v1/namespaces/bob/${kind}s/${name}?force=true`);

const send = (message: string, name: string, rest: Record<string, unknown> = {}) =>
  bob.send({ message, team: { name }, ...rest });

test('a run gets one document with everything it needs', async () => {
  await makeAgent('whole');
  const { taskId, messageId } = await send('Hello.', 'whole', { options: { reasoning: true } });
  const { claim, finish } = await server.nextRun(taskId);
  expect(claim.spec).toMatchObject({
    taskId,
    attempt: 1,
    namespace: 'bob',
    owner: { userId: bob.user.id, name: 'bob' },
    bot: { name: 'whole', namespace: 'bob' },
    shell: { name: 'whole', shellType: 'Chat', maxAttempts: 2 },
    model: {
      name: 'whole',
      protocol: 'openai-chat',
      modelId: 'm-1',
      apiKey: KEY,
      headers: { 'x-team': HEADER },
    },
    systemPrompt: 'You are whole.\n\nBe kind.',
    mcpServers: { tools: { command: 'tools', env: { TOKEN: TOOL_TOKEN } } },
    history: [],
    input: { role: 'user', text: 'Hello.' },
    options: { reasoning: true },
  });
  expect(claim.spec.messageId).not.toBe(messageId);
  await finish();
});

test('another model for one message is that of this message only', async () => {
  await makeAgent('choosy');
  const { taskId } = await send('With another.', 'choosy', { modelOverride: { name: 'demo' } });
  const run = await server.nextRun(taskId);
  expect(run.claim.spec.model).toMatchObject({ name: 'demo' });
  expect(run.claim.spec.model?.apiKey).toBeUndefined();
  await run.answer('One.');
  await server.settled(taskId);
  await bob.send({ taskId, message: 'As usual.' });
  const next = await server.nextRun(taskId);
  expect(next.claim.spec.model).toMatchObject({ name: 'choosy' });
  await next.finish();
  const refused = await bob.call('POST', '/api/v1/tasks', {
    clientMessageId: randomUUID(),
    team: { name: 'choosy' },
    message: 'With none.',
    modelOverride: { name: 'nothing' },
  });
  expect(refused.status).toBe(404);
  expect(refused.body.message).toContain('"nothing"');
  expect(refused.body.message).toContain('demo');
});

describe('an agent of which a part is gone', () => {
  test.each(['bot', 'shell'])(
    '%s: the message is refused by name, and the conversation stays',
    async (kind) => {
      const name = `no-${kind}`;
      await makeAgent(name);
      const { taskId } = await send('Hello.', name);
      await (await server.nextRun(taskId)).answer('Hi.');
      await server.settled(taskId);
      expect((await remove(kind, name)).status).toBe(200);
      const refused = await bob.call('POST', `/api/v1/tasks/${taskId}/messages`, {
        clientMessageId: randomUUID(),
        message: 'Still there?',
      });
      expect(refused).toMatchObject({ status: 422, body: { kind: 'Status' } });
      expect(refused.body.message).toContain(`"${name}"`);
      expect(refused.body.message).toMatch(/choose another/i);
      expect((await bob.messages(taskId)).map(({ text }) => text)).toEqual(['Hello.', 'Hi.']);
    },
  );

  test.each(['bot', 'ghost', 'model', 'shell'])(
    '%s: a run that waited in the queue fails with a message that says what to do, and the next one is answered',
    async (kind) => {
      const name = `lost-${kind}`;
      await makeAgent(name);
      using client = await bob.connect();
      const { taskId, executionIds } = await send('Hello.', name);
      await client.ask('task:join', { taskId });
      await remove(kind, name);
      await expect(server.nextRun(taskId)).rejects.toMatchObject({ reason: 'Conflict' });
      await server.settled(taskId);
      const [, answer] = await bob.messages(taskId);
      expect(answer).toMatchObject({ status: 'failed', executionIds, error: { retryable: false } });
      expect(answer?.error?.message).toContain(`"${name}"`);
      expect(answer?.error?.message).toMatch(/choose another/i);
      const told = await client.until(
        'chat:message',
        ({ message }) => message.id === answer?.id && message.status === 'failed',
      );
      expect(told.message.error).toEqual(answer?.error);
      expect((await bob.call('GET', `/api/v1/tasks/${taskId}`)).body).toMatchObject({
        phase: 'Failed',
        status: { errorMessage: answer?.error?.message },
      });
      const next = await bob.send({ taskId, message: 'You then.', team: { name: 'assistant' } });
      await (await server.nextRun(taskId, next.executionIds[0])).answer('Here.');
      await server.settled(taskId);
      expect((await bob.messages(taskId)).at(-1)).toMatchObject({ text: 'Here.', status: 'completed' });
    },
  );
});

test('what a run used is booked once, however often its end is told', async () => {
  await makeAgent('counted');
  const { taskId } = await send('Count.', 'counted');
  const run = await server.nextRun(taskId);
  await run.start();
  await run.usage({ input: 100, output: 20, costUsd: 0.25 });
  await run.usage({ input: 10, output: 2, costUsd: 0.05 });
  const end = {
    attempt: 1,
    firstSeq: 4,
    events: [{ type: 'finish' as const, outcome: 'completed' as const }],
  };
  await Promise.all(Array.from({ length: 4 }, () => server.link.events(run.id, end)));
  await server.settled(taskId);
  const again = await bob.call('POST', `/api/v1/tasks/${taskId}/retry`);
  await (await server.nextRun(taskId, again.body.executionIds[0])).answer('Free.');
  await server.settled(taskId);
  const [booked] = (
    await server.store.usage.summary({ from: 0, to: Date.now() + 1_000, groupBy: 'model' })
  ).filter(({ key }) => key === 'counted');
  expect(booked).toMatchObject({
    runs: 2,
    failed: 0,
    usage: { inputTokens: 110, outputTokens: 22, costUsd: 0.3 },
  });
  const { body } = await bob.call('GET', `/api/v1/tasks/${taskId}`);
  expect(body.status.usage).toMatchObject({ inputTokens: 110, outputTokens: 22, costUsd: 0.3 });
});

test('the final message is the fold of the events, for clients and for the server', async () => {
  const { taskId } = await bob.send({ message: 'Fold.' });
  using client = await bob.connect();
  await client.ask('task:join', { taskId });
  const run = await server.nextRun(taskId);
  await run.start();
  await run.text('Hello ');
  await run.text('world');
  await run.tool('search', [{ hit: 1 }]);
  await run.emit({ type: 'warning', code: 'context-trimmed', message: 'older messages were left out' });
  await run.text('!');
  await run.finish('failed', { reason: 'ModelOverloaded', message: 'Try again later.', retryable: true });
  await server.settled(taskId);
  const [, answer] = await bob.messages(taskId);
  const { events } = await client.ask('chat:resume', { taskId, afterSeq: 0 });
  const fold = foldEvents(events);
  expect(answer).toMatchObject({
    text: textOf(fold),
    blocks: fold.blocks,
    status: 'failed',
    error: { reason: 'ModelOverloaded', message: 'Try again later.', retryable: true },
  });
  const told = await client.until('chat:error', ({ executionId }) => executionId === run.id);
  expect(told.error).toEqual(answer?.error);
  // An event about a block that nobody knows changes nothing.
  expect(reduceEvents(fold, run.id, { type: 'text-delta', blockId: 'other', text: 'x' }).blocks).toEqual(
    fold.blocks,
  );
});

test('the keys of an agent reach the run, and nobody and nothing else', async () => {
  await makeAgent('secretive');
  using client = await bob.connect();
  const { taskId } = await send('Tell me your key.', 'secretive');
  await client.ask('task:join', { taskId });
  const run = await server.nextRun(taskId);
  expect(JSON.stringify(run.claim.spec)).toContain(KEY);
  await run.answer('I do not know it.');
  await server.settled(taskId);
  // One more that fails while it is put together.
  await bob.send({ taskId, message: 'And now?' });
  await remove('ghost', 'secretive');
  await expect(server.nextRun(taskId)).rejects.toMatchObject({ reason: 'Conflict' });
  await server.settled(taskId);

  const answers = await Promise.all(
    [
      `/api/v1/tasks/${taskId}`,
      `/api/v1/tasks/${taskId}/messages`,
      '/api/v1/tasks',
      '/api/v1/models',
      '/api/v1/ghosts',
      '/api/v1/bots',
      '/api/v1/namespaces/bob/models/secretive',
      '/api/v1/namespaces/bob/models/whole',
      '/api/v1/namespaces/bob/ghosts/whole',
      '/metrics',
      '/openapi.json',
    ].map((path) => bob.call('GET', path)),
  );
  const executions = await Promise.all(
    (await bob.messages(taskId)).flatMap(({ executionIds }) =>
      executionIds.map((id) => server.store.executions.get(id)),
    ),
  );
  const seen = [
    ...answers.map(({ text }) => text),
    JSON.stringify(client.received),
    JSON.stringify(await client.ask('task:join', { taskId })),
    JSON.stringify(await client.ask('chat:resume', { taskId, afterSeq: 0 })),
    JSON.stringify(executions),
    ...server.log,
  ].join('\n');
  for (const secret of [KEY, HEADER, TOOL_TOKEN]) expect(seen.includes(secret)).toBe(false);
});
