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
    await exchange('Hello', { modelOverride: { name: 'plain' } });
    expect(lastRun().query).toBe('Hello');
  });

  test.each([
    ['Chat', { DIFY_API_KEY: 'app-x', DIFY_BASE_URL: 'https://dify.example' }, 'is a Dify application'],
    ['Dify', { model: 'openai', model_id: 'm', api_key: 'k' }, 'is no Dify application'],
  ])('a Shell of type %s does not take a Model of the other sort', async (shell, env, message) => {
    const name = `wrong-${shell.toLowerCase()}`;
    await makeAgent(name, env, shell);
    const { taskId } = await bob.send({ message: 'x', team: { name } });
    await expect(server.nextRun(taskId)).rejects.toMatchObject({ message: expect.stringContaining(message) });
    await server.settled(taskId);
    expect((await bob.messages(taskId)).at(-1)).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining(message) },
    });
  });
});
