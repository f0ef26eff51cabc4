import { waitFor } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, type Person, startChatServer } from './support/chat-server.ts';
import { startEngineManager } from './support/engine-manager.ts';
import { type ModelAnswer, type ModelQuestion, startScriptedModel } from './support/scripted-model.ts';
import { answerOf, makeTeam, stepsOf } from './support/team.ts';

let server: ChatServer;
let bob: Person;
const TRIO = [{ name: 'ann', leader: true }, { name: 'ben' }, { name: 'cleo' }];

beforeAll(async () => {
  server = await startChatServer({ timings: { sweepMs: 50, cancelDeadlineMs: 500 } });
  bob = await server.newPerson('bob');
  for (const collaborationModel of ['pipeline', 'route', 'collaborate', 'coordinate'])
    await makeTeam(bob, { name: collaborationModel, collaborationModel, members: TRIO });
  await makeTeam(bob, {
    name: 'tight',
    collaborationModel: 'coordinate',
    limits: { parallel: 1, delegations: 2 },
    members: TRIO,
  });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Whose question it is. */
const nameOf = ({ system }: ModelQuestion) => /^I am (\w+)\./.exec(system)?.[1] ?? '';

/** Sends a message to a Team whose models say what `say` says, and lets it end. */
async function turn(
  team: string,
  say: (name: string, question: ModelQuestion) => ModelAnswer | Promise<ModelAnswer>,
) {
  await using model = await startScriptedModel((question) => say(nameOf(question), question));
  const { taskId } = await bob.send({ team: { name: team }, message: 'Cross the river.' });
  await using _manager = startEngineManager(server, { taskId, modelUrl: model.url });
  await server.settled(taskId);
  return {
    asked: model.asked.map((question) => ({ ...question, name: nameOf(question) })),
    answer: await answerOf(bob, taskId),
  };
}

const delegate = (member: string, instruction: string) => ({
  name: 'delegate',
  input: { member, instruction },
});

describe('with the real Chat engine', () => {
  test('a pipeline', async () => {
    const { asked, answer } = await turn('pipeline', (name) => `${name} was here`);
    expect(asked.map(({ name }) => name)).toEqual(['ann', 'ben', 'cleo']);
    expect(asked[2]?.prompt).toContain('ben was here');
    expect(asked[2]?.prompt).not.toContain('ann was here');
    expect(answer).toMatchObject({ text: 'cleo was here', usage: { inputTokens: 30 } });
  });

  test('a route', async () => {
    const { asked, answer } = await turn('route', (name) =>
      name === 'ann' ? '{"member": "ben"}' : `${name} was here`,
    );
    expect(asked.map(({ name, prompt }) => [name, prompt])).toEqual([
      ['ann', 'Cross the river.'],
      ['ben', 'Cross the river.'],
    ]);
    expect(answer.text).toBe('ben was here');
  });

  test('a collaboration', async () => {
    const { asked, answer } = await turn('collaborate', (name) => `${name} was here`);
    expect(asked.map(({ name }) => name).toSorted()).toEqual(['ann', 'ben', 'ben', 'cleo', 'cleo']);
    expect(asked.at(-1)?.prompt).toMatch(/ben was here.*cleo was here/s);
    expect(answer).toMatchObject({ text: 'ann was here', usage: { inputTokens: 50 } });
  });
});

describe('a leader who delegates', () => {
  test('gives work to several at once, hears what they say, and writes the answer', async () => {
    const both = Promise.withResolvers<void>();
    let working = 0;
    const { asked, answer } = await turn('coordinate', async (name, { results }) => {
      if (name === 'ann')
        return results.length > 0
          ? `So: ${results.join(' + ')}`
          : [delegate('ben', 'Look for a bridge.'), delegate('cleo', 'Look for a boat.')];
      working += 1;
      if (working === 2) both.resolve();
      // Neither ends before both have begun: they work at the same time.
      await both.promise;
      return `${name} found it`;
    });
    expect(asked[0]).toMatchObject({ name: 'ann', prompt: 'Cross the river.', tools: ['delegate'] });
    expect(asked[0]?.system).toContain('- "ben": I am ben.');
    expect(
      asked
        .slice(1, 3)
        .map(({ name, prompt, tools }) => [name, prompt, tools])
        .toSorted(),
    ).toEqual([
      ['ben', 'Look for a bridge.', []],
      ['cleo', 'Look for a boat.', []],
    ]);
    expect(answer).toMatchObject({
      text: 'So: ben found it + cleo found it',
      status: 'completed',
      usage: { inputTokens: 40 },
    });
    const leader = answer.runs?.find(({ step }) => step?.kind === 'answer');
    const children = answer.runs?.filter(({ step }) => step?.kind === 'delegate') ?? [];
    expect(children.map(({ parentExecutionId, state }) => [parentExecutionId, state])).toEqual([
      [leader?.executionId, 'completed'],
      [leader?.executionId, 'completed'],
    ]);
    expect(answer.blocks.filter(({ type }) => type === 'child')).toMatchObject([
      { executionId: leader?.executionId, outcome: 'completed' },
      { executionId: leader?.executionId, outcome: 'completed' },
    ]);
    expect(answer.sender).toMatchObject({ bot: { name: 'coordinate-ann' } });
  });

  test('is told what cannot be done, and goes on', async () => {
    const steps = [
      [delegate('dora', 'Swim.')],
      [delegate('ben', ' ')],
      [delegate('ben', 'Look.')],
      [delegate('ben', 'Look.')],
    ];
    let step = 0;
    const { asked, answer } = await turn('coordinate', (name) => {
      if (name !== 'ann') return `${name} looked`;
      return steps[step++] ?? 'Enough.';
    });
    const heard = asked.filter(({ name }) => name === 'ann').flatMap(({ results }) => results);
    expect(heard.map((text) => text.replaceAll('"', ''))).toEqual([
      expect.stringContaining('There is no member dora. The members are: ben, cleo.'),
      expect.stringContaining('The instruction is empty.'),
      expect.stringContaining('ben looked'),
      expect.stringContaining('You have given ben exactly this work before.'),
    ]);
    expect(answer).toMatchObject({ text: 'Enough.', status: 'completed' });
    expect(stepsOf(answer).filter((line) => line.startsWith('delegate'))).toHaveLength(1);
  });

  test('no more at once and in all than the Team allows', async () => {
    let working = 0;
    let most = 0;
    let step = 0;
    const { asked, answer } = await turn('tight', async (name) => {
      if (name === 'ann') {
        step += 1;
        if (step === 1) return [delegate('ben', 'a'), delegate('cleo', 'b')];
        return step === 2 ? [delegate('ben', 'c')] : 'Done.';
      }
      working += 1;
      most = Math.max(most, working);
      await new Promise((resolve) => setImmediate(resolve));
      working -= 1;
      return name;
    });
    expect(most).toBe(1);
    expect(asked.at(-1)?.results).toEqual([expect.stringContaining('which is the limit')]);
    expect(answer.text).toBe('Done.');
  });

  test('hears of a member that fails, and answers all the same', async () => {
    const { taskId } = await bob.send({ team: { name: 'coordinate' }, message: 'Go.' });
    const leader = await server.nextRun(taskId);
    await leader.start();
    const given = await server.link.delegate(leader.id, { attempt: 1, member: 'ben', instruction: 'Look.' });
    if (!('executionId' in given)) throw new Error(given.refused);
    await leader.emit({ type: 'child-start', ...given, instruction: 'Look.' });
    const ben = await server.nextRun(taskId, given.executionId);
    expect(ben.claim.spec).toMatchObject({
      input: { text: 'Look.' },
      history: [],
      systemPrompt: 'I am ben.',
    });
    expect(ben.claim.spec.team).toBeUndefined();
    await ben.start();
    await ben.finish('failed', { reason: 'ModelAuth', message: 'no key', retryable: false });
    const heard = await server.link.delegated(leader.id, { attempt: 1, executionId: given.executionId });
    expect(heard).toEqual({ outcome: 'failed', text: '', error: 'no key' });
    await leader.emit({ type: 'child-end', executionId: given.executionId, outcome: 'failed' });
    expect(await answerOf(bob, taskId)).toMatchObject({ status: 'running' });
    await leader.text('Without ben.');
    await leader.finish();
    await server.settled(taskId);
    const answer = await answerOf(bob, taskId);
    expect(answer).toMatchObject({ status: 'completed', text: 'Without ben.' });
    expect(answer.error).toBeUndefined();
    expect((await bob.call('GET', `/api/v1/tasks/${taskId}`)).body.phase).toBe('Completed');
  });

  test('a manager that dies: what was given away and is done is not done again', async () => {
    const begun = Promise.withResolvers<void>();
    const never = Promise.withResolvers<ModelAnswer>();
    let leads = 0;
    await using model = await startScriptedModel((question) => {
      const name = nameOf(question);
      if (name !== 'ann') return `${name} found it`;
      if (question.results.length === 0) return [delegate('ben', 'Look.')];
      leads += 1;
      if (leads > 1) return `So: ${question.results.join()}`;
      begun.resolve();
      return never.promise;
    });
    const { taskId } = await bob.send({ team: { name: 'coordinate' }, message: 'Go.' });
    {
      await using manager = startEngineManager(server, { taskId, modelUrl: model.url });
      await begun.promise;
      manager.kill();
    }
    never.resolve('too late');
    await server.store.executions.expireLeasesOf('suite', Date.now());
    await using _other = startEngineManager(server, { taskId, modelUrl: model.url });
    await server.settled(taskId);
    const answer = await answerOf(bob, taskId);
    expect(answer).toMatchObject({ status: 'completed', text: 'So: ben found it' });
    expect(answer.runs?.map(({ step, attempt, state }) => [step?.kind, attempt, state])).toEqual([
      ['answer', 2, 'completed'],
      ['delegate', 1, 'completed'],
    ]);
    expect(model.asked.filter((question) => nameOf(question) === 'ben')).toHaveLength(1);
    expect(answer.blocks.filter(({ type }) => type === 'child')).toHaveLength(1);
  });

  test('stopping the leader stops those who work for it', async () => {
    for (const one of [false, true]) {
      const { taskId } = await bob.send({ team: { name: 'coordinate' }, message: 'Go.' });
      const leader = await server.nextRun(taskId);
      await leader.start();
      const given = await server.link.delegate(leader.id, {
        attempt: 1,
        member: 'ben',
        instruction: 'Look.',
      });
      if (!('executionId' in given)) throw new Error(given.refused);
      const ben = await server.nextRun(taskId, given.executionId);
      await ben.start();
      const stopped = bob.call(
        'POST',
        `/api/v1/tasks/${taskId}/cancel`,
        one ? { executionId: leader.id } : {},
      );
      await Promise.all([leader.obey(), ben.obey()]);
      expect((await stopped).body.outcome).toBe('cancelled');
      await server.settled(taskId);
      expect(await answerOf(bob, taskId)).toMatchObject({ status: 'cancelled' });
    }
  });

  test('work of a leader that is over is stopped', async () => {
    const { taskId } = await bob.send({ team: { name: 'coordinate' }, message: 'Go.' });
    const leader = await server.nextRun(taskId);
    await leader.start();
    const given = await server.link.delegate(leader.id, { attempt: 1, member: 'ben', instruction: 'Look.' });
    if (!('executionId' in given)) throw new Error(given.refused);
    await leader.finish('failed', { reason: 'ModelAuth', message: 'no key', retryable: false });
    await waitFor(async () => (await server.store.executions.get(given.executionId))?.state === 'cancelled', {
      what: 'the work to be stopped',
    });
    await server.settled(taskId);
    expect(await answerOf(bob, taskId)).toMatchObject({ status: 'failed', error: { message: 'no key' } });
  });

  test('nobody else delegates: no old attempt, no member, no run of another mode', async () => {
    const reason = (call: Promise<unknown>) =>
      call.then(
        () => 'taken',
        (error: { reason: string }) => error.reason,
      );
    const { taskId } = await bob.send({ team: { name: 'coordinate' }, message: 'Go.' });
    const leader = await server.nextRun(taskId);
    await leader.start();
    const work = { member: 'ben', instruction: 'Look.' };
    expect(await reason(server.link.delegate(leader.id, { attempt: 2, ...work }))).toBe('Conflict');
    expect(
      await server.link.delegate(leader.id, { attempt: 1, member: 'ann', instruction: 'Look.' }),
    ).toMatchObject({
      refused: expect.stringContaining('There is no member "ann"'),
    });
    const given = await server.link.delegate(leader.id, { attempt: 1, ...work });
    if (!('executionId' in given)) throw new Error(given.refused);
    expect(await server.link.delegate(leader.id, { attempt: 1, ...work })).toEqual(given);
    const ben = await server.nextRun(taskId, given.executionId);
    await ben.start();
    expect(
      await reason(server.link.delegate(ben.id, { attempt: 1, member: 'cleo', instruction: 'Look.' })),
    ).toBe('Conflict');
    expect(await reason(server.link.delegated(leader.id, { attempt: 1, executionId: leader.id }))).toBe(
      'NotFound',
    );
    await ben.finish();
    await leader.finish();
    expect(await reason(server.link.delegate(leader.id, { attempt: 1, ...work }))).toBe('Conflict');
    const other = await bob.send({ team: { name: 'collaborate' }, message: 'Go.' });
    const member = await server.nextRun(other.taskId);
    expect(await reason(server.link.delegate(member.id, { attempt: 1, ...work }))).toBe('Conflict');
    await bob.call('POST', `/api/v1/tasks/${other.taskId}/cancel`, {});
    await server.settled(taskId);
  });
});
