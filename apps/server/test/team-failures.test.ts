import { type DifyStep, type FakeDify, startFakeDify } from '@wegent/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';
import { startEngineManager } from './support/engine-manager.ts';
import { type ModelQuestion, startScriptedModel } from './support/scripted-model.ts';
import { answerOf, makeTeam, stepsOf } from './support/team.ts';

let server: ChatServer;
let dify: FakeDify;
let bob: Person;
const TRIO = [
  { name: 'ann', leader: true },
  { name: 'app', shell: 'Dify', model: 'app' },
  { name: 'cleo' },
] as const;

beforeAll(async () => {
  dify = await startFakeDify();
  server = await startChatServer();
  bob = await server.newPerson('bob');
  await point({});
  for (const collaborationModel of ['pipeline', 'coordinate'])
    await makeTeam(bob, { name: collaborationModel, collaborationModel, members: TRIO });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await dify[Symbol.asyncDispose]();
});

/** Where the Model of the application leads. */
async function point({ key = dify.key, origin = dify.origin }: { key?: string; origin?: string }) {
  const env = { DIFY_API_KEY: key, DIFY_BASE_URL: origin };
  const model = document('Model', 'app', { modelConfig: { env } });
  const made = await bob.call('POST', '/api/v1/namespaces/bob/apply', [model]);
  if (made.status !== 200) throw new Error(made.text);
}

async function heal(): Promise<void> {
  dify.refusals.length = 0;
  dify.script = undefined;
  dify.runs.length = 0;
  await point({});
}

const nameOf = ({ system }: ModelQuestion) => /^I am (\w+)\./.exec(system)?.[1] ?? '';

/** Lets the task answer; the leader of `coordinate` asks the application, and goes on with what it hears. */
async function work(taskId: string) {
  await using model = await startScriptedModel((question) => {
    if (!question.tools.includes('delegate')) return `${nameOf(question)} was here`;
    if (question.results.length > 0) return `Heard: ${question.results.join()}`;
    return [{ name: 'delegate', input: { member: 'app', instruction: 'Look.' } }];
  });
  await using _manager = startEngineManager(server, { taskId, modelUrl: model.url });
  await server.settled(taskId);
  return { asked: model.asked.map(nameOf), answer: await answerOf(bob, taskId) };
}

const raw = (text: string): DifyStep[] => [{ raw: text }];

describe('an application that cannot answer', () => {
  beforeEach(heal);

  test.each<[string, () => Promise<void> | void, { reason: string; message: RegExp }]>([
    ['a wrong key', () => point({ key: 'app-wrong' }), { reason: 'ModelAuth', message: /DIFY_API_KEY/ }],
    [
      'an unreachable host',
      () => point({ origin: 'http://127.0.0.1:9' }),
      { reason: 'ModelUnavailable', message: /Nothing listens at DIFY_BASE_URL/ },
    ],
    [
      'an application of a mode that nobody knows',
      () => void dify.refusals.push({ path: /^\/info/, status: 200, body: { name: 'X', mode: 'rag' } }),
      { reason: 'ModelBadRequest', message: /./ },
    ],
    [
      'a stream that is no stream of events',
      () => {
        dify.script = () => raw('data: {"event": "mess\n\nhello\n\n');
      },
      { reason: 'ModelUnavailable', message: /broke off or was not understood/ },
    ],
  ])('%s: ends the pipeline in words, and the next turn is whole again', async (_what, breakIt, error) => {
    await breakIt();
    const { taskId } = await bob.send({ team: { name: 'pipeline' }, message: 'Go.' });
    const { asked, answer } = await work(taskId);
    expect(asked).toEqual(['ann']);
    expect(answer).toMatchObject({
      status: 'failed',
      // What was said before stands.
      text: 'ann was here',
      error: { reason: error.reason, message: expect.stringMatching(error.message) },
    });
    expect(stepsOf(answer)).toEqual(['stage-1 ann completed', 'stage-2 app failed', 'stage-3 cleo skipped']);
    expect((await bob.call('GET', `/api/v1/tasks/${taskId}`)).body).toMatchObject({ phase: 'Failed' });

    const led = await bob.send({ team: { name: 'coordinate' }, message: 'Go.' });
    const { answer: heard } = await work(led.taskId);
    expect(heard).toMatchObject({
      status: 'completed',
      text: expect.stringMatching(/^Heard: .*app could not do it: /s),
    });

    await heal();
    await bob.send({ taskId, message: 'Again.' });
    const again = await work(taskId);
    expect(again.asked).toEqual(['ann', 'cleo']);
    expect(again.answer).toMatchObject({ status: 'completed', text: 'cleo was here' });
    // Nothing is left of a conversation that failed.
    expect(dify.runs.map(({ said }) => said.length)).toEqual([1]);
  });
});
