import type { ApiError } from '@wegent/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';

let server: ChatServer;
let bob: Person;

beforeAll(async () => {
  server = await startChatServer();
  bob = await server.newPerson('bob');
  for (const each of [
    document('Ghost', 'scribe', { systemPrompt: 'Write well.' }),
    document('Model', 'own', {
      modelConfig: {
        env: { model: 'openai', model_id: 'm', api_key: 'secret-key', base_url: 'https://models.example' },
      },
    }),
    document('Bot', 'scribe', {
      ghostRef: { name: 'scribe' },
      shellRef: { name: 'Chat' },
      modelRef: { name: 'own' },
    }),
    document('Team', 'scribes', { members: [{ botRef: { name: 'scribe' } }] }),
  ]) {
    await make(each);
  }
});
afterAll(() => server[Symbol.asyncDispose]());

async function make(object: ReturnType<typeof document>): Promise<void> {
  const plural = `${object.kind.toLowerCase()}s`;
  const made = await bob.call('POST', `/api/v1/namespaces/bob/${plural}`, object);
  if (made.status !== 201) throw new Error(made.text);
}

/** Takes an object away behind the back of those who use it, as another server may do at the same moment. */
async function vanish(kind: string, name: string): Promise<() => Promise<void>> {
  const object = await server.store.resources.get(kind, 'bob', name);
  if (!object) throw new Error(`there is no ${kind} ${name}`);
  await server.store.resources.delete(kind, 'bob', name);
  return async () => {
    await make({ ...object, metadata: { name }, kind } as ReturnType<typeof document>);
  };
}

describe('a run is put together from what is there when it begins', () => {
  test('everything is resolved into one document, with its secrets', async () => {
    const { taskId } = await bob.send({ message: 'Write.', team: { name: 'scribes' } });
    const run = await server.nextRun(taskId);
    expect(run.claim.spec).toMatchObject({
      bot: { name: 'scribe', namespace: 'bob' },
      systemPrompt: 'Write well.',
      model: { modelId: 'm', apiKey: 'secret-key' },
      input: { role: 'user', text: 'Write.' },
      history: [],
    });
    await run.answer('Done.');
    expect(server.log.join(''), 'secrets are not logged').not.toContain('secret-key');
  });

  test.each([
    ['Bot', 'scribe'],
    ['Ghost', 'scribe'],
    ['Model', 'own'],
  ])(
    'a %s that is gone fails the run in words, live and for later, and holds nothing up',
    async (kind, name) => {
      const { taskId, executionIds } = await bob.send({ message: 'Write.', team: { name: 'scribes' } });
      using client = await bob.connect();
      await client.ask('task:join', { taskId });
      const comeBack = await vanish(kind, name);
      const refused = await server.nextRun(taskId).catch((error: ApiError) => error);
      expect(refused).toMatchObject({ reason: 'Conflict' });
      await server.settled(taskId);

      const failed = {
        status: 'failed',
        error: { message: expect.stringContaining(`${kind} "${name}"`), retryable: false },
      };
      expect((await bob.messages(taskId)).at(-1)).toMatchObject(failed);
      expect(await client.until('chat:error')).toMatchObject({ executionId: executionIds[0] });
      // It never streamed, so it comes whole to those who look.
      const whole = await client.until('chat:message', ({ message }) => message.role === 'assistant');
      expect(whole.message).toMatchObject(failed);
      expect((await bob.call('GET', `/api/v1/tasks/${taskId}`)).body.phase).toBe('Failed');

      await comeBack();
      const again = await bob.call('POST', `/api/v1/tasks/${taskId}/retry`, {});
      expect(again.status).toBe(201);
      await (await server.nextRun(taskId)).answer('Done.');
      await server.settled(taskId);
      expect((await bob.messages(taskId)).at(-1)).toMatchObject({
        text: 'Done.',
        siblings: { index: 2, count: 2 },
      });
    },
  );

  test('an agent without a model is refused before anything is written', async () => {
    await make(document('Bot', 'modelless', { ghostRef: { name: 'scribe' }, shellRef: { name: 'Chat' } }));
    await make(document('Team', 'modelless', { members: [{ botRef: { name: 'modelless' } }] }));
    const send = (more: object) =>
      bob.call('POST', '/api/v1/tasks', {
        clientMessageId: `modelless-${JSON.stringify(more).length}`,
        team: { name: 'modelless' },
        message: 'Write.',
        ...more,
      });
    const refused = await send({});
    expect(refused).toMatchObject({
      status: 422,
      body: { details: { causes: [{ field: 'modelOverride' }] } },
    });
    expect(refused.body.message).toContain('"modelless"');
    const missing = await send({ modelOverride: { name: 'no-such-model' } });
    expect(missing.status).toBe(404);
    expect(missing.body.message).toContain('own');
    const sent = await send({ modelOverride: { name: 'own' } });
    expect(sent.status).toBe(201);
    const run = await server.nextRun(sent.body.taskId);
    expect(run.claim.spec.model?.name).toBe('own');
    await run.answer('Done.');
  });

  test('what an older version stored and this one cannot read fails in words, too', async () => {
    const { taskId } = await bob.send({ message: 'Write.', team: { name: 'scribes' } });
    const ghost = await server.store.resources.get('Ghost', 'bob', 'scribe');
    if (!ghost) throw new Error('there is no Ghost');
    const { resourceVersion = '' } = ghost.metadata;
    const broken = { ...ghost, spec: { systemPrompt: 7 } };
    const stored = await server.store.resources.update(broken, resourceVersion);
    await expect(server.nextRun(taskId)).rejects.toMatchObject({ reason: 'Conflict' });
    await server.settled(taskId);
    const answer = (await bob.messages(taskId)).at(-1);
    expect(answer).toMatchObject({ status: 'failed', error: { retryable: false } });
    expect(answer?.error?.message).toContain('systemPrompt');
    await server.store.resources.update(
      { ...stored, spec: ghost.spec },
      stored.metadata.resourceVersion ?? '',
    );
  });
});
