import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';
import { makeTeam } from './support/team.ts';

let server: ChatServer;
let bob: Person;
const botRef = { name: 'assistant', namespace: 'public' };
const pair = [
  { name: 'ann', botRef },
  { name: 'ben', botRef },
];

beforeAll(async () => {
  server = await startChatServer();
  bob = await server.newPerson('bob');
});
afterAll(() => server[Symbol.asyncDispose]());

describe('a Team that cannot work is refused when it is written, and nothing is stored', () => {
  test.each<[string, Record<string, unknown>, string, RegExp]>([
    ['nobody', { members: [] }, 'spec.members', /needs at least one member/],
    [
      'two leaders',
      { members: pair.map((member) => ({ ...member, role: 'leader' })) },
      'spec.members',
      /at most one leader, 2 were given/,
    ],
    [
      'the same name twice',
      { members: [...pair, { name: 'Ann', botRef }] },
      'spec.members[2].name',
      /members\[0\] is called "Ann" already/,
    ],
    [
      'the same Bot twice without names',
      { members: [{ botRef }, { botRef }] },
      'spec.members[1].name',
      /give each member a name/,
    ],
    [
      'a Bot that does not exist',
      { members: [pair[0], { name: 'ben', botRef: { name: 'nobody' } }] },
      'spec.members[1].botRef',
      /bot "nobody" not found/,
    ],
    [
      'a prompt of a megabyte',
      { members: [{ ...pair[0], prompt: 'x'.repeat(1_048_576) }] },
      'spec.members[0].prompt',
      /at most 100,000 characters/,
    ],
    ['no round', { members: pair, collaborationModel: 'collaborate', rounds: 0 }, 'spec.rounds', /1/],
    [
      'too many rounds',
      { members: pair, collaborationModel: 'collaborate', rounds: 11 },
      'spec.rounds',
      /10/,
    ],
    [
      'a mode that is none',
      { members: pair, collaborationModel: 'vote' },
      'spec.collaborationModel',
      /vote|solo/,
    ],
    ['a limit that is none', { members: pair, limits: { parallel: 0 } }, 'spec.limits.parallel', /1/],
    ['a budget below nothing', { members: pair, limits: { costUsd: -1 } }, 'spec.limits.costUsd', /0/],
    ['an unknown limit', { members: pair, limits: { depth: 3 } }, 'spec.limits', /depth/],
  ])('%s', async (_name, spec, field, message) => {
    const team = document('Team', 'bad', spec);
    const answer = await bob.call('POST', '/api/v1/namespaces/bob/teams?fieldValidation=Strict', team);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.body.message).toMatch(message);
    const fields = (answer.body.details?.causes ?? []).map((cause: { field?: string }) => cause.field ?? '');
    expect(
      fields.some((named: string) => named.startsWith(field)),
      `${field} in ${answer.text}`,
    ).toBe(true);
    expect((await bob.call('GET', '/api/v1/namespaces/bob/teams/bad')).status).toBe(404);
  });
});

describe('a member that could not work is named when the message is sent, and nothing is stored', () => {
  const openai = { model: 'openai', model_id: 'm', api_key: 'k' };
  const application = { DIFY_API_KEY: 'app-x', DIFY_BASE_URL: 'https://dify.example' };
  test.each<[string, string, Record<string, string>, RegExp]>([
    [
      'an application in place of a model',
      'Chat',
      application,
      /"two" is a Dify application, and Shell "Chat"/,
    ],
    ['a model in place of an application', 'Dify', openai, /"two" is no Dify application.*DIFY_API_KEY/],
    [
      'a model that Claude Code does not speak to',
      'ClaudeCode',
      openai,
      /Shell "ClaudeCode" does not take Model "two" \(openai-chat\); it supports claude/,
    ],
    ['a Model that names none', 'Agno', { model: 'openai', api_key: 'k' }, /"two" does not say which model/],
  ])('%s', async (_what, shell, env, message) => {
    await bob.call('POST', '/api/v1/namespaces/bob/apply', [
      document('Model', 'two', { modelConfig: { env } }),
    ]);
    const members = [{ name: 'ann' }, { name: 'ben', shell: shell as 'Chat', model: 'two' }];
    await makeTeam(bob, { name: 'unfit', collaborationModel: 'pipeline', members });
    const { body } = await refused('unfit', message);
    if (env.model_id || env.DIFY_API_KEY)
      expect(body.details.causes).toMatchObject([{ field: 'spec.members[1].botRef' }]);
  });

  test.each([
    ['models', 'Model "gone" is not there any more'],
    ['ghosts', 'Ghost "parts-ben" is not there any more'],
  ])('what is gone meanwhile, of its %s', async (plural, message) => {
    const env = { model: 'openai', model_id: 'm', api_key: 'k' };
    const made = await bob.call('POST', '/api/v1/namespaces/bob/apply', [
      document('Model', 'gone', { modelConfig: { env } }),
    ]);
    expect(made.status).toBe(200);
    const members = [{ name: 'ann' }, { name: 'ben', model: 'gone' }];
    await makeTeam(bob, { name: 'parts', collaborationModel: 'collaborate', members });
    const name = plural === 'models' ? 'gone' : 'parts-ben';
    expect((await bob.call('DELETE', `/api/v1/namespaces/bob/${plural}/${name}?force=true`)).status).toBe(
      200,
    );
    await refused('parts', new RegExp(message));
  });

  async function refused(team: string, message: RegExp) {
    const answer = await bob.call('POST', '/api/v1/tasks', {
      clientMessageId: randomUUID(),
      team: { name: team },
      message: 'Go.',
    });
    expect(answer).toMatchObject({ status: 422, body: { message: expect.stringMatching(message) } });
    expect((await bob.call('GET', '/api/v1/tasks')).body.items).toEqual([]);
    return answer;
  }
});

test('a member whose Bot is gone is named before anything begins', async () => {
  const bot = document('Bot', 'gone', {
    ghostRef: { name: 'assistant', namespace: 'public' },
    shellRef: { name: 'Chat' },
    modelRef: { name: 'demo' },
  });
  const team = document('Team', 'late', {
    collaborationModel: 'pipeline',
    members: [pair[0], { name: 'ben', botRef: { name: 'gone' } }],
  });
  expect((await bob.call('POST', '/api/v1/namespaces/bob/apply', [bot, team])).status).toBe(200);
  expect((await bob.call('DELETE', '/api/v1/namespaces/bob/bots/gone?force=true')).status).toBe(200);
  const refused = await bob.call('POST', '/api/v1/tasks', {
    clientMessageId: 'late',
    team: { name: 'late' },
    message: 'Go.',
  });
  expect(refused).toMatchObject({
    status: 422,
    body: { message: expect.stringMatching(/Bot "gone" is not there any more/) },
  });
  expect((await bob.call('GET', '/api/v1/tasks')).body.items).toEqual([]);
});
