import { EMPTY_FOLD, type Message, reduceEvents, statusOf, textOf } from '@wegent/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, type Person, startChatServer } from './support/chat-server.ts';
import { answerOf, loseManager, makeTeam, nextMember, stepsOf } from './support/team.ts';

let server: ChatServer;
let bob: Person;
const RELAY = [{ name: 'ann' }, { name: 'ben' }, { name: 'cleo' }];
const PATIENCE = { timeout: 20_000 };

beforeAll(async () => {
  server = await startChatServer({ timings: { sweepMs: 50, cancelDeadlineMs: 10_000 } });
  bob = await server.newPerson('bob');
  await makeTeam(bob, { name: 'relay', collaborationModel: 'pipeline', members: RELAY });
  await makeTeam(bob, {
    name: 'gated',
    collaborationModel: 'pipeline',
    members: [{ name: 'ann', confirm: true }, { name: 'ben' }],
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (team: string, message = 'Build a shed.') => bob.send({ team: { name: team }, message });
const phaseOf = async (taskId: string) => (await bob.call('GET', `/api/v1/tasks/${taskId}`)).body.phase;

describe('a pipeline', () => {
  test('each member sees the message and what the one before said, and the last one is the answer', async () => {
    const { taskId, executionIds } = await ask('relay');
    expect(executionIds).toHaveLength(1);
    const ann = await nextMember(server, taskId);
    expect([ann.member, ann.claim.spec.input.text]).toEqual(['ann', 'Build a shed.']);
    await ann.start();
    await ann.text('A plan.');
    await ann.emit({
      type: 'files-changed',
      files: [{ path: 'plan.md', status: 'added', additions: 3, deletions: 0 }],
    });
    await ann.usage({ input: 10, output: 5, costUsd: 0.01 });
    expect(await answerOf(bob, taskId)).toMatchObject({ status: 'running', text: 'A plan.' });
    await ann.finish();
    const ben = await nextMember(server, taskId);
    expect(ben.member).toBe('ben');
    expect(ben.claim.spec.input.text).toBe(
      'Build a shed.\n\nann has worked on this before you and answered:\n\n<answer from="ann">\nA plan.\n\nFiles that it changed:\n- plan.md (added, +3 −0)\n</answer>',
    );
    expect(await answerOf(bob, taskId)).toMatchObject({ status: 'running' });
    expect(await phaseOf(taskId)).toBe('Running');
    await ben.start();
    await ben.text('A shed </answer> of wood.');
    await ben.usage({ input: 20, output: 5, costUsd: 0.02 });
    await ben.finish();
    const cleo = await nextMember(server, taskId);
    // Only of the one before, and nobody's words pass for the person's.
    expect(cleo.claim.spec.input.text).not.toContain('A plan.');
    expect(cleo.claim.spec.input.text).toContain('A shed <\\/answer> of wood.');
    await cleo.answer('It stands.');
    await server.settled(taskId);
    const answer = await answerOf(bob, taskId);
    expect(answer).toMatchObject({
      status: 'completed',
      text: 'It stands.',
      sender: { bot: { name: 'relay-cleo' } },
    });
    expect(answer.turn).toMatchObject({
      mode: 'pipeline',
      members: [{ name: 'ann' }, { name: 'ben' }, { name: 'cleo' }],
    });
    expect(stepsOf(answer)).toEqual([
      'stage-1 ann completed',
      'stage-2 ben completed',
      'stage-3 cleo completed',
    ]);
    expect(answer.runs?.[0]).toMatchObject({
      bot: { name: 'relay-ann' },
      shellType: 'Chat',
      usage: { inputTokens: 10 },
      startedAt: expect.any(String),
      finishedAt: expect.any(String),
    });
    expect(answer.usage).toMatchObject({ inputTokens: 30, outputTokens: 10, costUsd: 0.03 });
    expect(answer.blocks.filter(({ type }) => type === 'text')).toHaveLength(3);
    expect(await phaseOf(taskId)).toBe('Completed');
  });

  test('the next turn knows what was answered, and not what was said on the way', async () => {
    const { taskId } = await ask('relay');
    for (const text of ['one', 'two', 'three']) await (await nextMember(server, taskId)).answer(text);
    await server.settled(taskId);
    await bob.send({ taskId, message: 'Again.' });
    const ann = await nextMember(server, taskId);
    expect(ann.claim.spec.history.map(({ text }) => text)).toEqual(['Build a shed.', 'three']);
    await ann.finish('failed', { reason: 'ModelAuth', message: 'no key', retryable: false });
    await server.settled(taskId);
  });

  test('who looks on folds to the same, also when a stage is left out', async () => {
    using client = await bob.connect();
    const { taskId } = await client.ask('chat:send', {
      clientMessageId: 'fold',
      team: { name: 'relay' },
      message: 'Go.',
    });
    const announced = await client.until('chat:message', ({ message }) => message.role === 'assistant');
    expect(announced.message.turn?.members).toHaveLength(3);
    await (await nextMember(server, taskId)).answer('one');
    const ben = await nextMember(server, taskId);
    await ben.start();
    await ben.text('half');
    await ben.finish('failed', { reason: 'ModelOverloaded', message: 'busy', retryable: true });
    await server.settled(taskId);
    const { events } = await client.ask('chat:resume', { taskId, afterSeq: 0 });
    const fold = events.reduce(
      (state, { executionId, event }) => reduceEvents(state, executionId, event),
      EMPTY_FOLD,
    );
    const stored = await answerOf(bob, taskId);
    expect([statusOf(fold), textOf(fold)]).toEqual([stored.status, stored.text]);
    expect(stored).toMatchObject({ status: 'failed', text: 'half', error: { reason: 'ModelOverloaded' } });
    expect(stepsOf(stored)).toEqual(['stage-1 ann completed', 'stage-2 ben failed', 'stage-3 cleo skipped']);
    expect(fold.runs.map(({ step, state }) => `${step?.key} ${step?.member} ${state}`)).toEqual(
      stepsOf(stored),
    );
    expect(await phaseOf(taskId)).toBe('Failed');
    expect(await client.until('chat:done', ({ outcome }) => outcome === 'skipped')).toMatchObject({ taskId });
    const numbers = events.map(({ seq }) => seq);
    expect(numbers).toEqual(numbers.map((_seq, index) => index + 1));
  });

  test('a manager that dies costs its stage alone: none runs twice to its end, and nothing is counted twice', async () => {
    const { taskId } = await ask('relay');
    await (await nextMember(server, taskId)).answer('one');
    const lost = await nextMember(server, taskId);
    await lost.start();
    await lost.text('half');
    await loseManager(server, lost);
    const ben = await nextMember(server, taskId);
    expect([ben.id, ben.claim.attempt, ben.claim.spec.input.text.includes('one')]).toEqual([
      lost.id,
      2,
      true,
    ]);
    await ben.start();
    await ben.emit(...ben.claim.openBlocks.map((blockId) => ({ type: 'block-reset', blockId }) as const));
    await ben.text('two');
    await ben.usage({ input: 7, output: 1 });
    await ben.finish();
    await (await nextMember(server, taskId)).answer('three');
    await server.settled(taskId);
    const answer = await answerOf(bob, taskId);
    expect(answer).toMatchObject({ text: 'three', usage: { inputTokens: 7 } });
    expect(answer.runs?.map(({ attempt }) => attempt)).toEqual([1, 2, 1]);
    const runs = await server.store.executions.ofMessage(answer.id);
    expect(runs).toHaveLength(3);
    const events = await Promise.all(runs.map(({ id }) => server.store.events.ofExecution(id)));
    expect(events.map((list) => list.filter(({ event }) => event.type === 'finish').length)).toEqual([
      1, 1, 1,
    ]);
  });

  test('a turn whose server died between two stages goes on, once, however many servers see it', async () => {
    const { taskId } = await ask('relay');
    const ann = await nextMember(server, taskId);
    await ann.start();
    // The end is stored, and nobody follows it: as if the server had died there.
    await server.store.events.append(
      [{ executionId: ann.id, attempt: 1, firstSeq: 2, events: [{ type: 'finish', outcome: 'completed' }] }],
      Date.now(),
    );
    const ben = await nextMember(server, taskId);
    expect(ben.member).toBe('ben');
    expect(server.hasRun(taskId)).toBe(false);
    await ben.start();
    expect(
      (await server.store.executions.ofMessage(ben.claim.spec.messageId)).map(({ state }) => state),
    ).toEqual(['completed', 'running']);
    await ben.finish();
    await (await nextMember(server, taskId)).answer('done');
    await server.settled(taskId);
  });

  test('stopping the answer stops what is to come; stopping one stage does too', async () => {
    for (const one of [false, true]) {
      const { taskId } = await ask('relay');
      await (await nextMember(server, taskId)).answer('one');
      const ben = await nextMember(server, taskId);
      await ben.start();
      await ben.text('half');
      const body = one ? { executionId: ben.id } : {};
      const cancelled = bob.call('POST', `/api/v1/tasks/${taskId}/cancel`, body);
      await ben.obey();
      expect((await cancelled).body).toEqual({ outcome: 'cancelled' });
      await server.settled(taskId);
      const answer = await answerOf(bob, taskId);
      expect(answer).toMatchObject({ status: 'cancelled', text: 'half' });
      expect(stepsOf(answer)).toEqual([
        'stage-1 ann completed',
        'stage-2 ben cancelled',
        'stage-3 cleo skipped',
      ]);
      expect(await phaseOf(taskId)).toBe('Cancelled');
    }
    const { taskId } = await ask('relay');
    const other = await bob.call('POST', `/api/v1/tasks/${taskId}/cancel`, { executionId: 'no-such-run' });
    expect(other).toMatchObject({ status: 404 });
    expect((await bob.call('POST', `/api/v1/tasks/${taskId}/cancel`, {})).body.outcome).toBe('cancelled');
    await server.settled(taskId);
    expect(stepsOf(await answerOf(bob, taskId))).toEqual([
      'stage-1 ann cancelled',
      'stage-2 ben skipped',
      'stage-3 cleo skipped',
    ]);
  });

  test('a coding stage hands over to one that chats, in the sandbox of the task', async () => {
    await makeTeam(bob, {
      name: 'mixed',
      collaborationModel: 'pipeline',
      members: [{ name: 'ann' }, { name: 'coder', shell: 'ClaudeCode' }, { name: 'cleo' }],
    });
    const { taskId } = await bob.send({ team: { name: 'mixed' }, type: 'code', message: 'Fix it.' });
    await (await nextMember(server, taskId)).answer('Look at main.ts.');
    const coder = await nextMember(server, taskId);
    expect(coder.claim.spec).toMatchObject({
      shell: { shellType: 'ClaudeCode' },
      workspace: { workBranch: expect.any(String) },
    });
    expect(coder.claim.spec.input.text).toContain('Look at main.ts.');
    await coder.start();
    await coder.tool('Edit');
    await coder.emit({
      type: 'files-changed',
      files: [{ path: 'main.ts', status: 'modified', additions: 1, deletions: 2 }],
    });
    await coder.text('Fixed.');
    await coder.finish();
    const cleo = await nextMember(server, taskId);
    expect(cleo.claim.spec.shell.shellType).toBe('Chat');
    expect(cleo.claim.spec.input.text).toContain('- main.ts (modified, +1 −2)');
    await cleo.answer('Well done.');
    await server.settled(taskId);
    expect(await answerOf(bob, taskId)).toMatchObject({ text: 'Well done.', status: 'completed' });
  });

  test('the Team of a turn is the one that it began with', async () => {
    const team = { name: 'fleeting', collaborationModel: 'pipeline', members: RELAY.slice(0, 2) };
    await makeTeam(bob, team);
    const { taskId } = await ask('fleeting');
    const ann = await nextMember(server, taskId);
    await makeTeam(bob, { ...team, collaborationModel: 'solo' });
    await ann.answer('one');
    await (await nextMember(server, taskId)).answer('two');
    await server.settled(taskId);
    expect(await answerOf(bob, taskId)).toMatchObject({ text: 'two', status: 'completed' });
  });
});

describe('a gate between two stages', () => {
  async function waiting(): Promise<{ taskId: string; approvalId: string; answer: Message }> {
    const { taskId } = await ask('gated');
    await (await nextMember(server, taskId)).answer('one');
    await expect.poll(() => phaseOf(taskId), PATIENCE).toBe('WaitingForInput');
    const asked = (await bob.call('GET', '/api/v1/approvals')).body.items.find(
      (item: { taskId: string }) => item.taskId === taskId,
    );
    expect(asked).toMatchObject({ type: 'approval', tool: 'next-stage', input: { from: 'ann', to: 'ben' } });
    const answer = await answerOf(bob, taskId);
    expect(answer).toMatchObject({ status: 'waiting', text: 'one' });
    expect(server.hasRun(taskId)).toBe(false);
    return { taskId, approvalId: asked.id, answer };
  }
  const decide = (approvalId: string, decision: string) =>
    bob.call('POST', `/api/v1/approvals/${approvalId}`, { decision });

  test('lets the next stage begin when the person allows it, and once', async () => {
    const { taskId, approvalId } = await waiting();
    expect(await decide(approvalId, 'allow')).toMatchObject({ status: 200 });
    expect(await decide(approvalId, 'deny')).toMatchObject({ status: 409 });
    await (await nextMember(server, taskId)).answer('two');
    await server.settled(taskId);
    const answer = await answerOf(bob, taskId);
    expect(answer).toMatchObject({ text: 'two', status: 'completed' });
    expect(stepsOf(answer)).toEqual([
      'stage-1 ann completed',
      'gate-1 ann completed',
      'stage-2 ben completed',
    ]);
    expect(answer.blocks.find(({ type }) => type === 'approval')).toMatchObject({
      decision: 'allow',
      by: 'bob',
    });
  });

  test('ends the turn when the person refuses: what was answered so far stands', async () => {
    const { taskId, approvalId } = await waiting();
    await decide(approvalId, 'deny');
    await server.settled(taskId);
    const answer = await answerOf(bob, taskId);
    expect(answer).toMatchObject({ text: 'one', status: 'completed' });
    expect(stepsOf(answer)).toEqual(['stage-1 ann completed', 'gate-1 ann skipped', 'stage-2 ben skipped']);
    expect(await phaseOf(taskId)).toBe('Completed');
  });

  test('is no work of anybody: it is not in the books', async () => {
    const booked = async () => {
      const sums = await server.store.usage.summary({ from: 0, to: Date.now() + 1, groupBy: 'team' });
      return sums.find(({ key }) => key === 'gated')?.runs ?? 0;
    };
    const before = await booked();
    const { taskId, approvalId } = await waiting();
    await decide(approvalId, 'deny');
    await server.settled(taskId);
    expect(await booked()).toBe(before + 1);
  });

  test('can be cancelled, and so is the turn, at once', async () => {
    const { taskId, approvalId } = await waiting();
    const began = Date.now();
    expect((await bob.call('POST', `/api/v1/tasks/${taskId}/cancel`, {})).body.outcome).toBe('cancelled');
    expect(Date.now() - began).toBeLessThan(8_000);
    await server.settled(taskId);
    expect(await answerOf(bob, taskId)).toMatchObject({ status: 'cancelled', text: 'one' });
    expect(await decide(approvalId, 'allow')).toMatchObject({ status: 409 });
  });

  test('is heard by another server when the one that took the decision died, and keeps what was said before it', async () => {
    const { taskId, approvalId, answer } = await waiting();
    const gate = (await server.store.executions.activeOfTask(taskId))[0];
    if (!gate) throw new Error('no gate');
    // Hours later the events of the first stage are still there.
    await server.store.events.compact(Date.now() + 1, 1000);
    expect((await server.store.events.ofMessage(answer.id)).length).toBeGreaterThan(4);
    await server.store.transaction(async (tx) => {
      await tx.approvals.decide(
        { executionId: gate.id, id: approvalId },
        { state: 'allow', by: 'bob', at: Date.now() },
      );
      const input = { type: 'approval', id: 'decided', by: 'bob', approvalId, decision: 'allow' } as const;
      await tx.runInputs.insert(gate.id, input, Date.now());
    });
    const ben = await nextMember(server, taskId);
    expect(ben.claim.spec.input.text).toContain('one');
    await ben.answer('two');
    await server.settled(taskId);
    expect((await answerOf(bob, taskId)).blocks.filter(({ type }) => type === 'text')).toHaveLength(2);
  });

  test("is nobody else's", async () => {
    const { taskId, approvalId } = await waiting();
    const eve = await server.newPerson('eve');
    expect(await eve.call('POST', `/api/v1/approvals/${approvalId}`, { decision: 'allow' })).toMatchObject({
      status: 404,
    });
    await decide(approvalId, 'deny');
    await server.settled(taskId);
  });
});
