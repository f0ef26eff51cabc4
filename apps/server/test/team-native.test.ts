import { waitFor } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';
import { answerOf, loseManager, makeTeam, nextMember, stepsOf } from './support/team.ts';

let server: ChatServer;
let bob: Person;
const TRIO = [
  { name: 'ann', shell: 'Agno' as const, leader: true },
  { name: 'ben', shell: 'Agno' as const, description: 'Knows bridges.' },
  { name: 'cleo', shell: 'Agno' as const },
];

beforeAll(async () => {
  server = await startChatServer({ timings: { sweepMs: 50, cancelDeadlineMs: 500 } });
  bob = await server.newPerson('bob');
  for (const collaborationModel of ['pipeline', 'route', 'collaborate', 'coordinate'])
    await makeTeam(bob, {
      name: collaborationModel,
      collaborationModel,
      rounds: 3,
      limits: { parallel: 2, delegations: 5, costUsd: 1 },
      members: TRIO.map((member) => ({
        ...member,
        ...(collaborationModel === 'pipeline' && member.leader ? { confirm: true } : {}),
      })),
    });
  await makeTeam(bob, {
    name: 'mixed',
    collaborationModel: 'coordinate',
    members: [{ name: 'ann', shell: 'Agno', leader: true }, { name: 'ben' }],
  });
  const changed = await bob.call('POST', '/api/v1/namespaces/bob/apply', [
    document('Model', 'small', {
      modelConfig: { env: { model: 'openai', model_id: 'small-1', api_key: 'key-of-small-model' } },
    }),
    document('Ghost', 'coordinate-ben', {
      systemPrompt: 'I am ben.',
      mcpServers: { calc: { type: 'http', url: 'https://calc.example', headers: { authorization: 'x' } } },
      approvals: [{ tool: 'add', decision: 'ask' }],
    }),
    document('Bot', 'coordinate-ben', {
      ghostRef: { name: 'coordinate-ben' },
      shellRef: { name: 'Agno' },
      modelRef: { name: 'small' },
    }),
  ]);
  if (changed.status !== 200) throw new Error(changed.text);
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (team: string) => bob.send({ team: { name: team }, message: 'How do I cross?' });

describe('a Team whose members all run on one Shell of Agno', () => {
  test.each(['route', 'collaborate', 'coordinate'])(
    '%s: is one run, and its spec has everybody',
    async (mode) => {
      const { taskId, executionIds } = await ask(mode);
      expect(executionIds).toHaveLength(1);
      const run = await nextMember(server, taskId);
      const { spec } = run.claim;
      expect([run.member, spec.systemPrompt, spec.input.text]).toEqual([
        'ann',
        'I am ann.',
        'How do I cross?',
      ]);
      expect(spec.team).toBeUndefined();
      expect(spec.nativeTeam).toMatchObject({
        ...{ mode, rounds: 3, limits: { parallel: 2, delegations: 5, costUsd: 1 } },
        members: [
          { name: 'ben', description: 'Knows bridges.', systemPrompt: 'I am ben.' },
          { name: 'cleo', description: 'I am cleo.', systemPrompt: 'I am cleo.' },
        ],
      });
      expect(spec.nativeTeam?.members[0]).toMatchObject(
        mode === 'coordinate'
          ? {
              model: { name: 'small', modelId: 'small-1', apiKey: 'key-of-small-model' },
              mcpServers: { calc: { url: 'https://calc.example' } },
              approvals: [{ tool: 'add', decision: 'ask' }],
            }
          : { model: { name: 'demo' }, mcpServers: {}, approvals: [] },
      );
      await run.answer('Over the bridge.');
      await server.settled(taskId);
      const answer = await answerOf(bob, taskId);
      expect(answer).toMatchObject({ text: 'Over the bridge.', status: 'completed', turn: { mode } });
      expect(stepsOf(answer)).toEqual(['answer ann completed']);
    },
  );

  test('shows its members, while they work and afterwards, and books what each used', async () => {
    const before = await booked();
    const { taskId } = await ask('coordinate');
    const run = await nextMember(server, taskId);
    await run.start();
    const bot = { name: 'coordinate-ben', namespace: 'bob' };
    const usage = {
      inputTokens: 7,
      cachedInputTokens: 0,
      outputTokens: 1,
      reasoningTokens: 0,
      costUsd: 0.25,
    };
    await run.emit(
      { type: 'child-start', executionId: 'c1', bot, instruction: 'Look.', member: 'ben', model: 'small' },
      { type: 'text-start', blockId: 'b1', child: 'c1' },
      { type: 'text-delta', blockId: 'b1', text: 'A bridge.' },
      { type: 'usage', ...usage, member: 'ben' },
      { type: 'usage', ...usage, inputTokens: 3 },
    );
    expect(stepsOf(await answerOf(bob, taskId))).toEqual([
      ...['answer ann running', 'inside-c1 ben running'],
    ]);
    await run.emit({ type: 'child-end', executionId: 'c1', outcome: 'completed' });
    await run.text('Over the bridge.');
    await run.finish();
    await server.settled(taskId);
    const answer = await answerOf(bob, taskId);
    expect(answer).toMatchObject({ text: 'Over the bridge.', usage: { inputTokens: 10, costUsd: 0.5 } });
    expect(stepsOf(answer)).toEqual(['answer ann completed', 'inside-c1 ben completed']);
    expect(answer.runs?.[1]).toMatchObject({ inside: true, model: 'small', usage: { inputTokens: 7 } });
    expect(answer.blocks.find(({ type }) => type === 'text')).toMatchObject({ executionId: 'c1' });
    const after = await booked();
    expect((after.get('small') ?? 0) - (before.get('small') ?? 0)).toBe(7);
    expect((after.get('demo') ?? 0) - (before.get('demo') ?? 0)).toBe(3);
  });

  test('a member waits for a person, who is asked at its place', async () => {
    const { taskId } = await ask('coordinate');
    const run = await nextMember(server, taskId);
    await run.start();
    await run.emit(
      {
        ...{ type: 'child-start', executionId: 'c2', instruction: 'Add.', member: 'ben' },
        bot: { name: 'coordinate-ben', namespace: 'bob' },
      },
      {
        ...{ type: 'approval-request', approvalId: `${run.id}-1`, child: 'c2', tool: 'add' },
        ...{ title: 'Add', input: {}, reason: 'A rule.' },
      },
    );
    const answer = await answerOf(bob, taskId);
    expect(answer.status).toBe('waiting');
    expect(answer.blocks.at(-1)).toMatchObject({ type: 'approval', executionId: 'c2' });
    const decided = await bob.call('POST', `/api/v1/approvals/${run.id}-1`, { decision: 'allow' });
    expect(decided.status, decided.text).toBeLessThan(300);
    const [input] = await run.inputs();
    expect(input).toMatchObject({ type: 'approval', decision: 'allow' });
    await run.finish();
    await server.settled(taskId);
  });

  test('a run whose manager died begins anew, and takes back what its members had said', async () => {
    const { taskId } = await ask('coordinate');
    const lost = await nextMember(server, taskId);
    await lost.start();
    await lost.emit(
      {
        ...{ type: 'child-start', executionId: 'c3', instruction: 'Look.', member: 'ben' },
        bot: { name: 'coordinate-ben', namespace: 'bob' },
      },
      { type: 'text-start', blockId: 'b1', child: 'c3' },
      { type: 'text-delta', blockId: 'b1', text: 'half' },
    );
    await loseManager(server, lost);
    const next = await nextMember(server, taskId);
    expect(next.claim.openBlocks).toEqual(['c3', 'b1']);
    await next.emit(...next.claim.openBlocks.map((blockId) => ({ type: 'block-reset', blockId }) as const));
    await next.answer('Anew.');
    await server.settled(taskId);
    const answer = await answerOf(bob, taskId);
    expect(stepsOf(answer)).toEqual(['answer ann completed']);
    expect(answer.blocks).toMatchObject([{ type: 'text', text: 'Anew.' }]);
  });

  test('is stopped as one, and leads nobody outside', async () => {
    const { taskId } = await ask('coordinate');
    const run = await nextMember(server, taskId);
    await run.start();
    await expect(
      server.link.delegate(run.id, { attempt: 1, member: 'ben', instruction: 'Look.' }),
    ).rejects.toMatchObject({ reason: 'Conflict' });
    const stopped = bob.call('POST', `/api/v1/tasks/${taskId}/cancel`, {});
    await run.obey();
    expect((await stopped).body.outcome).toBe('cancelled');
    await server.settled(taskId);
  });
});

describe('by the platform’s own steps run', () => {
  test('stages, and the gates between them', async () => {
    const { taskId } = await ask('pipeline');
    const first = await nextMember(server, taskId);
    expect(first.claim.spec.nativeTeam).toBeUndefined();
    await first.answer('Measured.');
    await waitFor(
      async () => stepsOf(await answerOf(bob, taskId)).join() === 'stage-1 ann completed,gate-1 ann waiting',
      { what: 'the gate' },
    );
    await bob.call('POST', `/api/v1/tasks/${taskId}/cancel`, {});
    await server.settled(taskId);
  });

  test('Teams of several Shells', async () => {
    const { taskId } = await ask('mixed');
    const run = await nextMember(server, taskId);
    expect(run.claim.spec.nativeTeam).toBeUndefined();
    expect(run.claim.spec.team?.members).toMatchObject([{ name: 'ben' }]);
    await run.finish();
    await server.settled(taskId);
  });
});

/** Tokens by Model. */
async function booked(): Promise<Map<string, number>> {
  const sums = await server.store.usage.summary({ from: 0, to: Date.now() + 1, groupBy: 'model' });
  return new Map(sums.map(({ key, usage }) => [key, usage.inputTokens]));
}
