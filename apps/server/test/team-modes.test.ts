import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, type Person, startChatServer } from './support/chat-server.ts';
import { answerOf, loseManager, makeTeam, nextMember, stepsOf } from './support/team.ts';

let server: ChatServer;
let bob: Person;
const TRIO = [
  { name: 'ann', leader: true },
  { name: 'ben', description: 'Knows bridges.' },
  { name: 'cleo', description: 'Knows\nboats.' },
];

beforeAll(async () => {
  server = await startChatServer({ timings: { sweepMs: 50, cancelDeadlineMs: 10_000 } });
  bob = await server.newPerson('bob');
  await makeTeam(bob, { name: 'desk', collaborationModel: 'route', members: TRIO });
  await makeTeam(bob, { name: 'panel', collaborationModel: 'collaborate', members: TRIO });
  await makeTeam(bob, {
    name: 'brief',
    collaborationModel: 'collaborate',
    rounds: 1,
    limits: { parallel: 2, costUsd: 1 },
    members: [{ name: 'ann' }, { name: 'ben' }, { name: 'cleo' }],
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (team: string, message = 'How do I cross?') => bob.send({ team: { name: team }, message });
const phaseOf = async (taskId: string) => (await bob.call('GET', `/api/v1/tasks/${taskId}`)).body.phase;
/** So many runs at once, by the name of the member. */
async function take(taskId: string, count: number) {
  const runs = new Map<string, Awaited<ReturnType<typeof nextMember>>>();
  for (let index = 0; index < count; index++) {
    const run = await nextMember(server, taskId);
    runs.set(run.member, run);
  }
  return (name: string) => {
    const run = runs.get(name);
    if (!run) throw new Error(`${name} is not at work; ${[...runs.keys()].join(', ')} are`);
    return run;
  };
}

describe('a route', () => {
  test('the leader hears who there is, and the one it names answers the person', async () => {
    const { taskId } = await ask('desk');
    const ann = await nextMember(server, taskId);
    const { systemPrompt, input } = ann.claim.spec;
    expect(input.text).toBe('How do I cross?');
    expect(systemPrompt).toContain('- "ben": Knows bridges.\n- "cleo": Knows boats.');
    expect(systemPrompt).not.toContain('"ann"');
    await ann.start();
    await ann.text('{"member": "cleo"}');
    expect(await answerOf(bob, taskId)).toMatchObject({ text: '' });
    await ann.finish();
    const cleo = await nextMember(server, taskId);
    expect([cleo.member, cleo.claim.spec.input.text]).toEqual(['cleo', 'How do I cross?']);
    expect(cleo.claim.spec.systemPrompt).toBe('I am cleo.');
    await cleo.answer('Take a boat.');
    await server.settled(taskId);
    const answer = await answerOf(bob, taskId);
    expect(answer).toMatchObject({
      text: 'Take a boat.',
      sender: { bot: { name: 'desk-cleo' } },
      status: 'completed',
    });
    expect(stepsOf(answer)).toEqual(['route-1 ann completed', 'answer cleo completed']);
  });

  test('a leader that names nobody is asked once more, told why, and then answers itself', async () => {
    const { taskId } = await ask('desk');
    await (await nextMember(server, taskId)).answer('Hm, {"member": "dora"}?');
    const again = await nextMember(server, taskId);
    expect(again.claim.spec.input.text).toBe(
      'How do I cross?\n\nYour last choice could not be used: There is no member "dora".',
    );
    await again.answer('I cannot say.');
    const itself = await nextMember(server, taskId);
    expect([itself.member, itself.claim.spec.systemPrompt]).toEqual(['ann', 'I am ann.']);
    await itself.answer('Swim.');
    await server.settled(taskId);
    expect(await answerOf(bob, taskId)).toMatchObject({ text: 'Swim.', status: 'completed' });
  });

  test('a choice whose manager died is made again, and one that was made is not', async () => {
    const { taskId } = await ask('desk');
    const lost = await nextMember(server, taskId);
    await lost.start();
    await lost.text('{"member":');
    await loseManager(server, lost);
    const ann = await nextMember(server, taskId);
    await ann.emit(...ann.claim.openBlocks.map((blockId) => ({ type: 'block-reset', blockId }) as const));
    await ann.answer('{"member":"ben"}');
    const ben = await nextMember(server, taskId);
    await ben.start();
    await loseManager(server, ben);
    const second = await nextMember(server, taskId);
    expect([second.member, second.id, second.claim.attempt]).toEqual(['ben', ben.id, 2]);
    await second.answer('Over the bridge.');
    await server.settled(taskId);
    const answer = await answerOf(bob, taskId);
    expect(answer.text).toBe('Over the bridge.');
    expect(stepsOf(answer)).toEqual(['route-1 ann completed', 'answer ben completed']);
  });

  test('a leader that fails ends the turn', async () => {
    const { taskId } = await ask('desk');
    await (await nextMember(server, taskId)).finish('failed', {
      reason: 'ModelAuth',
      message: 'no key',
      retryable: false,
    });
    await server.settled(taskId);
    expect(await answerOf(bob, taskId)).toMatchObject({
      status: 'failed',
      error: { message: 'no key' },
      text: '',
    });
    expect(await phaseOf(taskId)).toBe('Failed');
  });
});

describe('a collaboration', () => {
  test('all answer at once, hear each other, and the leader writes the answer', async () => {
    const { taskId, executionIds } = await ask('panel');
    expect(executionIds).toHaveLength(2);
    const first = await take(taskId, 2);
    expect(first('ben').claim.spec.input.text).toBe('How do I cross?');
    await first('cleo').answer('By boat.');
    expect(server.hasRun(taskId)).toBe(false);
    await first('ben').answer('By bridge.');
    const second = await take(taskId, 2);
    expect(second('ben').claim.spec.input.text).toContain('<answer from="cleo">\nBy boat.\n</answer>');
    expect(second('ben').claim.spec.input.text).not.toContain('By bridge.');
    await second('ben').answer('Bridge, or boat.');
    expect(await answerOf(bob, taskId)).toMatchObject({ text: '', status: 'running' });
    await second('cleo').answer('Boat it is.');
    const ann = await nextMember(server, taskId);
    expect(ann.claim.spec.input.text).toBe(
      'How do I cross?\n\nThe members of your team have said this. Write the answer for the person:\n\n<answer from="ben">\nBridge, or boat.\n</answer>\n\n<answer from="cleo">\nBoat it is.\n</answer>',
    );
    await ann.answer('Boat or bridge.');
    await server.settled(taskId);
    const answer = await answerOf(bob, taskId);
    expect(answer).toMatchObject({
      text: 'Boat or bridge.',
      sender: { bot: { name: 'panel-ann' } },
      status: 'completed',
    });
    expect(answer.runs?.map(({ step }) => [step?.key, step?.round])).toEqual([
      ['round-1-2', 1],
      ['round-1-3', 1],
      ['round-2-2', 2],
      ['round-2-3', 2],
      ['answer', undefined],
    ]);
  });

  test('a member that fails does not take the answer with it', async () => {
    const { taskId } = await ask('panel');
    const first = await take(taskId, 2);
    await first('ben').answer('By bridge.');
    await first('cleo').start();
    await first('cleo').finish('failed', { reason: 'ModelOverloaded', message: 'busy', retryable: true });
    const ann = await nextMember(server, taskId);
    expect(ann.claim.spec.input.text).toMatch(/By bridge\.\n<\/answer>\n\nWithout an answer: cleo\.$/);
    expect(await phaseOf(taskId)).toBe('Running');
    await ann.answer('By bridge, then.');
    await server.settled(taskId);
    const answer = await answerOf(bob, taskId);
    expect(answer).toMatchObject({ status: 'completed', text: 'By bridge, then.' });
    expect(answer.error).toBeUndefined();
    expect(await phaseOf(taskId)).toBe('Completed');
  });

  test('when every member fails, so does the answer, and says why', async () => {
    const { taskId } = await ask('panel');
    const first = await take(taskId, 2);
    for (const name of ['ben', 'cleo'])
      await first(name).finish('failed', {
        reason: 'ModelAuth',
        message: `${name} has no key.`,
        retryable: false,
      });
    await server.settled(taskId);
    expect(await answerOf(bob, taskId)).toMatchObject({
      status: 'failed',
      error: {
        reason: 'ModelAuth',
        message: expect.stringMatching(
          /None of the 2 members could answer\. ben: ben has no key\. cleo: cleo/,
        ),
      },
    });
    expect(await phaseOf(taskId)).toBe('Failed');
  });

  test('one member can be stopped while the others go on; stopping the answer stops all', async () => {
    const { taskId } = await ask('panel');
    const first = await take(taskId, 2);
    await first('ben').start();
    await first('cleo').start();
    const stopped = bob.call('POST', `/api/v1/tasks/${taskId}/cancel`, { executionId: first('cleo').id });
    await first('cleo').obey();
    expect((await stopped).body.outcome).toBe('cancelled');
    await first('ben').text('By bridge.');
    await first('ben').finish();
    const ann = await nextMember(server, taskId);
    await ann.answer('Bridge.');
    await server.settled(taskId);
    expect(await answerOf(bob, taskId)).toMatchObject({ status: 'completed', text: 'Bridge.' });

    const other = await ask('panel');
    const again = await take(other.taskId, 2);
    await again('cleo').answer('By boat.');
    await again('ben').start();
    const all = bob.call('POST', `/api/v1/tasks/${other.taskId}/cancel`, {});
    await again('ben').obey();
    expect((await all).body.outcome).toBe('cancelled');
    await server.settled(other.taskId);
    expect(server.hasRun(other.taskId)).toBe(false);
    expect(await answerOf(bob, other.taskId)).toMatchObject({ status: 'cancelled' });
    expect(await phaseOf(other.taskId)).toBe('Cancelled');
  });

  test('without a leader by name the first member speaks and leads; no more at once than the limit; one round', async () => {
    const { taskId, executionIds } = await ask('brief');
    expect(executionIds).toHaveLength(2);
    const first = await take(taskId, 2);
    await first('ben').start();
    await first('ann').answer('a');
    const cleo = await nextMember(server, taskId);
    expect(cleo.member).toBe('cleo');
    await cleo.answer('c');
    await first('ben').text('b');
    await first('ben').finish();
    const ann = await nextMember(server, taskId);
    expect(ann.member).toBe('ann');
    expect(ann.claim.spec.input.text.match(/<answer from="\w+">\n\w/g)).toEqual([
      '<answer from="ann">\na',
      '<answer from="ben">\nb',
      '<answer from="cleo">\nc',
    ]);
    await ann.answer('abc');
    await server.settled(taskId);
    expect(await answerOf(bob, taskId)).toMatchObject({ text: 'abc' });
  });

  test('above what the Team may spend no further step begins', async () => {
    const { taskId } = await ask('brief');
    const first = await take(taskId, 2);
    await first('ben').start();
    await first('ann').start();
    await first('ann').usage({ input: 1, output: 1, costUsd: 1.5 });
    await first('ann').finish();
    await first('ben').finish();
    await server.settled(taskId);
    expect(await answerOf(bob, taskId)).toMatchObject({
      status: 'failed',
      error: {
        reason: 'BudgetExceeded',
        message: expect.stringMatching(/has cost \$1\.5000, and the Team may spend \$1/),
      },
      usage: { costUsd: 1.5 },
    });
  });

  test('a manager that dies in a round costs its member alone', async () => {
    const { taskId } = await ask('panel');
    const first = await take(taskId, 2);
    await first('ben').answer('By bridge.');
    await first('cleo').start();
    await loseManager(server, first('cleo'));
    const cleo = await nextMember(server, taskId);
    expect([cleo.member, cleo.claim.attempt]).toEqual(['cleo', 2]);
    await cleo.start();
    await cleo.usage({ input: 3, output: 1 });
    await cleo.text('By boat.');
    await cleo.finish();
    const second = await take(taskId, 2);
    await second('cleo').answer('boat');
    await second('ben').answer('bridge');
    const lost = await nextMember(server, taskId);
    await lost.start();
    await loseManager(server, lost);
    await (await nextMember(server, taskId)).answer('Both.');
    await server.settled(taskId);
    const answer = await answerOf(bob, taskId);
    expect(answer).toMatchObject({ text: 'Both.', status: 'completed', usage: { inputTokens: 3 } });
    expect(answer.runs?.map(({ attempt, state }) => `${attempt} ${state}`)).toEqual([
      '1 completed',
      '2 completed',
      '1 completed',
      '1 completed',
      '2 completed',
    ]);
    const sums = await server.store.usage.summary({ from: 0, to: Date.now() + 1, groupBy: 'team' });
    expect(sums.find(({ key }) => key === 'panel')?.runs).toBeGreaterThan(5);
  });

  test('members that begin at the same moment end at the same moment: the leader begins once', async () => {
    const { taskId } = await ask('panel');
    for (let round = 1; round <= 2; round++) {
      const runs = await take(taskId, 2);
      await Promise.all(['ben', 'cleo'].map((name) => runs(name).answer(name)));
    }
    const ann = await nextMember(server, taskId);
    expect(ann.member).toBe('ann');
    await ann.answer('done');
    await server.settled(taskId);
    expect((await server.store.executions.ofMessage(ann.claim.spec.messageId)).length).toBe(5);
    expect(server.hasRun(taskId)).toBe(false);
  });
});
