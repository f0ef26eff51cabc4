import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, type Person, startChatServer } from './support/chat-server.ts';
import type { ScriptedRun } from './support/scripted-run.ts';

let server: ChatServer;
let bob: Person;

beforeAll(async () => {
  server = await startChatServer({ timings: { sweepMs: 50, cancelDeadlineMs: 60_000 } });
  bob = await server.newPerson('bob');
});
afterAll(() => server[Symbol.asyncDispose]());

async function startedRun(team = 'coder'): Promise<{ taskId: string; run: ScriptedRun }> {
  const { taskId } = await bob.send({ message: 'Begin.', team: { name: team } });
  const run = await server.nextRun(taskId);
  await run.start();
  await run.text('Working');
  return { taskId, run };
}

const pathOf = async (taskId: string) =>
  (await bob.messages(taskId)).map(({ role, text, status }) => `${role} ${status}: ${text}`);

describe('steering', () => {
  test('a message reaches the run that works, and begins no other', async () => {
    const { taskId, run } = await startedRun();
    using client = await bob.connect();
    await client.ask('task:join', { taskId });
    const sent = await client.ask('chat:send', {
      taskId,
      clientMessageId: 'steer-1',
      message: 'Use tabs.',
      whenBusy: 'steer',
    });
    expect(sent).toMatchObject({ taskId, executionIds: [run.id] });
    expect(sent.queued).toBeUndefined();
    const { message } = await client.until('chat:message', (event) => event.message.text === 'Use tabs.');
    const answer = (await bob.messages(taskId)).find(({ role }) => role === 'assistant');
    expect(message).toMatchObject({ id: sent.messageId, role: 'user', parentId: answer?.id });
    expect(await run.inputs()).toEqual([
      {
        type: 'message',
        id: expect.any(String),
        by: 'bob',
        messageId: sent.messageId,
        text: 'Use tabs.',
      },
    ]);
    // The same message again is no second one.
    const again = await client.ask('chat:send', {
      taskId,
      clientMessageId: 'steer-1',
      message: 'Use tabs.',
      whenBusy: 'steer',
    });
    expect(again).toEqual(sent);
    const second = await bob.send({ taskId, message: 'And semicolons.', whenBusy: 'steer' });
    expect(await run.inputs()).toMatchObject([{ text: 'And semicolons.' }]);
    await run.text(', done');
    await run.finish();
    await server.settled(taskId);
    expect(await pathOf(taskId)).toEqual([
      'user completed: Begin.',
      'assistant completed: Working, done',
      'user completed: Use tabs.',
      'user completed: And semicolons.',
    ]);
    expect(server.hasRun(taskId)).toBe(false);
    // What comes next follows all of it, and the run knows what was said in between.
    await bob.send({ taskId, message: 'Next.' });
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.history.map(({ text }) => text)).toEqual([
      'Begin.',
      'Working, done',
      'Use tabs.',
      'And semicolons.',
    ]);
    expect(next.claim.spec.history.every(({ id }) => id !== undefined)).toBe(true);
    expect(next.claim.spec.history.at(-1)?.id).toBe(second.messageId);
    await next.answer('Done.');
  });

  test('what a run ends without having heard gets an answer of its own', async () => {
    const { taskId, run } = await startedRun();
    await bob.send({ taskId, message: 'Heard.', whenBusy: 'steer' });
    expect(await run.inputs()).toHaveLength(1);
    const late = await bob.send({ taskId, message: 'Too late.', whenBusy: 'steer' });
    await bob.send({ taskId, message: 'Later still.', whenBusy: 'steer' });
    await run.finish();
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.input.text).toBe('Too late.');
    expect(next.claim.spec.input.id).toBe(late.messageId);
    await next.start();
    await next.text('An answer');
    await next.finish();
    const last = await server.nextRun(taskId);
    await last.answer('Another');
    await server.settled(taskId);
    expect(await pathOf(taskId)).toEqual([
      'user completed: Begin.',
      'assistant completed: Working',
      'user completed: Heard.',
      'user completed: Too late.',
      'assistant completed: An answer',
      'user completed: Later still.',
      'assistant completed: Another',
    ]);
  });

  test('another attempt hears it again', async () => {
    const { taskId, run } = await startedRun();
    await bob.send({ taskId, message: 'Use tabs.', whenBusy: 'steer' });
    const [first] = await run.inputs();
    await server.store.executions.expireLeasesOf('suite', Date.now());
    const next = await server.nextRun(taskId, run.id);
    expect(await next.inputs()).toEqual([first]);
    await next.finish();
    await server.settled(taskId);
  });

  test('with a file it waits, and stops nothing', async () => {
    const { taskId, run } = await startedRun();
    const form = new FormData();
    form.append('file', new Blob(['hello']), 'a.txt');
    const upload = await fetch(`${server.url}/api/v1/attachments`, {
      method: 'POST',
      body: form,
      headers: { authorization: `Bearer ${bob.token}` },
    });
    const { id } = (await upload.json()) as { id: string };
    const sent = await bob.send({ taskId, message: 'See file.', whenBusy: 'steer', attachmentIds: [id] });
    expect(sent).toMatchObject({ queued: true, executionIds: [] });
    expect((await run.heartbeat()).commands).toEqual([]);
    await run.finish();
    await (await server.nextRun(taskId)).answer('Seen.');
    await server.settled(taskId);
  });

  test('an agent that cannot be told is stopped, as ever', async () => {
    const { taskId, run } = await startedRun('assistant');
    const sent = await bob.send({ taskId, message: 'Other.', whenBusy: 'steer' });
    expect(sent.queued).toBe(true);
    await run.obey();
    await (await server.nextRun(taskId)).answer('Other it is.');
    await server.settled(taskId);
  });

  test('of a stranger reaches no run', async () => {
    const { run, taskId } = await startedRun();
    const eve = await server.newPerson(`eve-${randomUUID().slice(0, 8)}`);
    const answer = await eve.call('POST', `/api/v1/tasks/${taskId}/messages`, {
      clientMessageId: randomUUID(),
      message: 'Delete everything.',
      whenBusy: 'steer',
    });
    expect(answer.status).toBe(404);
    expect((await run.heartbeat()).commands).toEqual([]);
    await run.finish();
  });
});
