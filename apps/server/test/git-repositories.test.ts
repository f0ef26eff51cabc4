import {
  type FakeGitHost,
  type FakeGitHostType,
  type GitHttpServer,
  startFakeGitHost,
  startGitHttpServer,
} from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, type Person, startChatServer } from './support/chat-server.ts';

const TYPES: FakeGitHostType[] = ['github', 'gitlab', 'gitea', 'gitee'];
const TOKEN = 'bobs-secret-token-1234';

let hosts: FakeGitHost[];
let git: GitHttpServer;
let server: ChatServer;
let people = 0;

beforeAll(async () => {
  hosts = await Promise.all(TYPES.map((type) => startFakeGitHost({ type })));
  git = await startGitHttpServer({ credential: { username: 'bob', password: 'git-password' } });
  for (const host of hosts) {
    host.addToken(TOKEN, 'octobob');
    host.addToken('reads-nothing', 'octobob', { canRead: false, canWrite: false });
    for (let number = 1; number <= 130; number += 1) host.addRepository(`octobob/app-${number}`);
    host.addRepository('octobob/wide', { description: 'many branches', defaultBranch: 'trunk' });
    for (let number = 1; number <= 130; number += 1) host.addBranch('octobob/wide', `feature/${number}`);
    host.addRepository('others/secret');
    host.addRepository('others/public-tool', { private: false });
  }
  server = await startChatServer({
    environment: {
      OUTBOUND_ALLOW: [...hosts.map(({ domain }) => domain), new URL(git.url).host].join(','),
    },
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  for (const host of hosts) await host[Symbol.asyncDispose]();
  await git[Symbol.asyncDispose]();
});

async function newPerson(): Promise<Person> {
  people += 1;
  return server.newPerson(`person-${people}`);
}
async function connect(person: Person, host: FakeGitHost, token = TOKEN) {
  const made = await person.call('POST', '/api/v1/users/me/git-hosts', {
    domain: host.domain,
    type: host.type,
    token,
  });
  expect(made.status, made.text).toBe(201);
}
const search = (person: Person, words = '', domain?: string) =>
  person.call(
    'GET',
    `/api/v1/git/repositories?${new URLSearchParams({ search: words, ...(domain ? { domain } : {}) })}`,
  );
const branches = (person: Person, repo: string) =>
  person.call('GET', `/api/v1/git/branches?${new URLSearchParams({ repo })}`);
const named = (items: { gitRepo: string }[]) => items.map(({ gitRepo }) => gitRepo);

describe.each(TYPES)('%s', (type) => {
  const host = () => {
    const found = hosts.find((one) => one.type === type);
    if (!found) throw new Error(`there is no ${type}`);
    return found;
  };

  test('lists one’s own repositories, page by page, and finds others', async () => {
    const person = await newPerson();
    await connect(person, host());
    const all = await search(person);
    expect(all.status).toBe(200);
    expect(all.body.problems).toEqual([]);
    expect(named(all.body.items)).toHaveLength(131);
    expect(named(all.body.items)).not.toContain('others/secret');

    const { items } = (await search(person, 'wide')).body;
    expect(items).toEqual([
      {
        gitUrl: `${host().origin}/octobob/wide.git`,
        gitRepo: 'octobob/wide',
        gitDomain: host().domain,
        type,
        defaultBranch: 'trunk',
        private: true,
        description: 'many branches',
      },
    ]);
    expect(named((await search(person, 'public-tool')).body.items)).toEqual(['others/public-tool']);
    expect(named((await search(person, 'octobob/wide')).body.items)).toEqual(['octobob/wide']);
    expect((await search(person, 'secret')).body.items).toEqual([]);
    expect((await search(person, 'user:others "&?#%')).status).toBe(200);
  });

  test('lists all branches, the default one first', async () => {
    const person = await newPerson();
    await connect(person, host());
    const { body, status } = await branches(person, `${host().origin}/octobob/wide.git`);
    expect(status).toBe(200);
    expect(body.items).toHaveLength(131);
    expect(body.items[0]).toMatchObject({ name: 'trunk', isDefault: true });
    expect(body.items.filter(({ isDefault }: { isDefault: boolean }) => isDefault)).toHaveLength(1);
    expect(body.items[1].commit).toMatch(/^[0-9a-f]{40}$/);
  });

  test('what the token does not see is not there', async () => {
    const person = await newPerson();
    await connect(person, host());
    const hidden = await branches(person, `${host().origin}/others/secret.git`);
    expect(hidden.status).toBe(404);
    expect(hidden.body.message).toContain('others/secret');
    expect(hidden.body.message).toContain('not visible to the token');
  });

  test('names the scope that is missing', async () => {
    const person = await newPerson();
    await connect(person, host(), 'reads-nothing');
    const { items, problems } = (await search(person)).body;
    expect(items).toEqual([]);
    expect(problems).toEqual([
      {
        domain: host().domain,
        message: expect.stringMatching(/takes the scope .*(contents=read|read_api|repository|projects)/),
      },
    ]);
  });

  test('a token that is no longer good asks to connect again, and signs nobody out', async () => {
    const person = await newPerson();
    host().addToken('short-lived', 'octobob');
    await connect(person, host(), 'short-lived');
    host().tokens.delete('short-lived');
    const refused = await branches(person, `${host().origin}/octobob/wide.git`);
    expect(refused.status).toBe(403);
    expect(refused.body.message).toContain('Settings → Git hosts');
    expect((await search(person)).body.problems).toHaveLength(1);
  });
});

test('one host that fails does not spoil the others, and is not remembered', async () => {
  const person = await newPerson();
  const [github, gitlab] = hosts;
  if (!github || !gitlab) throw new Error('a host is missing');
  await connect(person, github);
  await connect(person, gitlab);
  try {
    github.mode = 'limited';
    const limited = (await search(person, 'wide')).body;
    expect(limited.items).toHaveLength(1);
    expect(limited.problems).toEqual([
      { domain: github.domain, message: expect.stringMatching(/try again in 10 min/) },
    ]);
    github.mode = 'error';
    expect((await search(person, 'wide')).body.problems[0].message).toContain('502');
    github.mode = 'hang';
    const hung = (await search(person, 'wide')).body;
    expect(hung.items).toHaveLength(1);
    expect(hung.problems[0].message).toContain('did not answer in time');
  } finally {
    github.mode = 'serve';
  }
  expect((await search(person, 'wide')).body).toMatchObject({ problems: [], items: [{}, {}] });
  expect((await search(person, 'wide', gitlab.domain)).body.items).toHaveLength(1);
}, 60_000);

test('the same question again does not ask the host, until the host is saved again', async () => {
  const person = await newPerson();
  const [github] = hosts;
  if (!github) throw new Error('a host is missing');
  await connect(person, github);
  const first = await search(person, 'wide');
  const asked = github.requests.length;
  expect((await search(person, 'wide')).body).toEqual(first.body);
  expect(github.requests).toHaveLength(asked);
  await connect(person, github);
  await search(person, 'wide');
  expect(github.requests.length).toBeGreaterThan(asked + 1);
});

describe('plain git', () => {
  test('tells its branches to who may read', async () => {
    const repository = await git.createRepository('team/app.git');
    await repository.commit({ branch: 'feature/ümlaut', files: { 'a.txt': 'a' } });
    await repository.git('symbolic-ref', 'HEAD', 'refs/heads/feature/ümlaut');
    const person = await newPerson();
    const unknown = await branches(person, repository.url);
    expect(unknown.status).toBe(403);
    expect(unknown.body.message).toContain('connect it under Settings');

    await person.call('POST', '/api/v1/users/me/git-hosts', {
      domain: new URL(git.url).host,
      type: 'git',
      username: 'bob',
      token: 'git-password',
    });
    const { body, status } = await branches(person, repository.url);
    expect(status).toBe(200);
    expect(body.items.map(({ name, isDefault }: Record<string, unknown>) => [name, isDefault])).toEqual([
      ['feature/ümlaut', true],
      ['main', false],
    ]);
    expect((await branches(person, `${git.url}/team/none.git`)).status).toBe(404);
    expect((await branches(await newPerson(), repository.url)).status).toBe(403);
    expect((await search(person)).body).toEqual({ items: [], problems: [] });
  });

  test('is not asked where it cannot be', async () => {
    const person = await newPerson();
    const ssh = await branches(person, 'git@git.example.org:a/b.git');
    expect(ssh.body).toEqual({ items: [], hint: expect.stringContaining('SSH') });
    expect((await branches(person, '/etc')).status).toBe(422);
    expect((await branches(person, 'https://bob:secret-in-url@git.example.org/a/b')).status).toBe(422);
    expect((await branches(person, 'ext::sh -c id')).status).toBe(422);
    expect((await person.call('GET', '/api/v1/git/branches')).status).toBe(422);
  });
});

test('no token stands in the log', () => {
  const log = server.log.join('\n');
  for (const secret of [TOKEN, 'reads-nothing', 'short-lived', 'git-password'])
    expect(log).not.toContain(secret);
});
