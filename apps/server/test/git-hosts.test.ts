import { type FakeGitHost, type FakeGitHostType, freePort, startFakeGitHost } from '@wegent/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createGitCredentials } from '../src/git/git-credentials.ts';
import { createSecretBox } from '../src/resources/secret-box.ts';
import { type ChatServer, type Person, startChatServer } from './support/chat-server.ts';

const TYPES: FakeGitHostType[] = ['github', 'gitlab', 'gitea', 'gitee'];
const HOSTS = '/api/v1/users/me/git-hosts';
const TOKEN = 'bobs-secret-token-1234';

let hosts: Record<FakeGitHostType, FakeGitHost>;
/** A service of the local network that nobody has listed. */
let inner: FakeGitHost;
/** Where a redirect leads; listed, so that only the rule of redirects stands before it. */
let elsewhere: FakeGitHost;
let closedPort: number;
let server: ChatServer;
let bob: Person;
let eve: Person;
const answers: string[] = [];

beforeAll(async () => {
  const [github, gitlab, gitea, gitee] = await Promise.all(TYPES.map((type) => startFakeGitHost({ type })));
  if (!github || !gitlab || !gitea || !gitee) throw new Error('a host is missing');
  hosts = { github, gitlab, gitea, gitee };
  inner = await startFakeGitHost({ type: 'gitea' });
  elsewhere = await startFakeGitHost({ type: 'gitea' });
  closedPort = await freePort();
  for (const host of [...Object.values(hosts), inner, elsewhere]) host.addToken(TOKEN, 'octobob');
  const listed = [...Object.values(hosts), elsewhere].map(({ domain }) => domain);
  server = await startChatServer({
    environment: { OUTBOUND_ALLOW: [...listed, `127.0.0.1:${closedPort}`].join(',') },
  });
  bob = await server.newPerson('bob');
  eve = await server.newPerson('eve');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  for (const host of [...Object.values(hosts), inner, elsewhere]) await host[Symbol.asyncDispose]();
});
afterEach(async () => {
  for (const host of Object.values(hosts)) host.mode = 'serve';
  for (const person of [bob, eve, server.admin]) {
    for (const { domain } of (await person.call('GET', HOSTS)).body.items)
      await person.call('DELETE', `${HOSTS}/${domain}`);
  }
});

async function save(body: Record<string, unknown>, person = bob) {
  const answer = await person.call('POST', HOSTS, body);
  answers.push(answer.text);
  return answer;
}
const faultyFields = (body: { details?: { causes?: { field?: string }[] } }) =>
  (body.details?.causes ?? []).map(({ field }) => field);

describe.each(TYPES)('%s', (type) => {
  test('is tried when it is saved, and its credential is never shown', async () => {
    const { domain } = hosts[type];
    const made = await save({ domain: domain.toUpperCase(), type, token: `  ${TOKEN} ` });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      domain,
      type,
      username: 'octobob',
      hasToken: true,
      hasSshKey: false,
      createdAt: expect.any(String),
    });
    const list = await bob.call('GET', HOSTS);
    expect(list.body.items).toEqual([made.body]);
    expect((await bob.call('GET', `${HOSTS}/${domain}`)).body).toEqual(made.body);
    expect(list.text).not.toContain(TOKEN);
    const [row] = await server.store.gitHosts.list(bob.user.id);
    expect(row?.token).toMatch(/^enc:v1:k1:/);
    expect(row?.scheme).toBe('http');
    // Plain HTTP was asked only after HTTPS did not answer.
    expect(hosts[type].requests.every(({ url }) => url.includes('/user'))).toBe(true);
  });

  test('says what it has against a wrong token', async () => {
    const refused = await save({ domain: hosts[type].domain, type, token: 'wrong-token-9876' });
    expect(refused.status).toBe(422);
    expect(faultyFields(refused.body)).toEqual(['token']);
    expect(refused.body.message).toMatch(/Bad credentials|401 Unauthorized|invalid username/);
    expect(refused.text).not.toContain('wrong-token-9876');
    expect(await server.store.gitHosts.list(bob.user.id)).toEqual([]);
  });

  test('is refused under the name of another', async () => {
    const other = TYPES.find((one) => one !== type) ?? 'github';
    const refused = await save({ domain: hosts[type].domain, type: other, token: TOKEN });
    expect(refused.status).toBe(422);
    expect(faultyFields(refused.body)).toEqual(['type']);
  });

  test('cannot lead the token to another origin', async () => {
    hosts[type].mode = { redirectTo: elsewhere.origin };
    const refused = await save({ domain: hosts[type].domain, type, token: TOKEN });
    expect(refused.status).toBe(422);
    expect(faultyFields(refused.body)).toEqual(['domain']);
    expect(refused.body.message).toContain('redirects');
    expect(elsewhere.requests).toEqual([]);
  });

  test('says when to try again', async () => {
    hosts[type].mode = 'limited';
    const refused = await save({ domain: hosts[type].domain, type, token: TOKEN });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

test('a host that is not reached is the fault of the domain', async () => {
  const refused = await save({ domain: `127.0.0.1:${closedPort}`, type: 'gitea', token: TOKEN });
  expect(refused.status).toBe(422);
  expect(faultyFields(refused.body)).toEqual(['domain']);
  expect(refused.body.message).toContain('ECONNREFUSED');
});

test('an answer without end is cut off', async () => {
  hosts.gitea.mode = 'flood';
  const refused = await save({ domain: hosts.gitea.domain, type: 'gitea', token: TOKEN });
  expect(refused.status).toBe(422);
  expect(refused.body.message).toContain('too large');
  hosts.gitea.mode = 'serve';
  expect((await save({ domain: hosts.gitea.domain, type: 'gitea', token: TOKEN })).status).toBe(201);
});

test('ordinary people cannot reach into the local network', async () => {
  const refused = await save({ domain: inner.domain, type: 'gitea', token: TOKEN });
  expect(refused.status).toBe(422);
  expect(faultyFields(refused.body)).toEqual(['domain']);
  expect(refused.body.message).toContain('OUTBOUND_ALLOW');

  // Nothing is tried of a host without an API, so it can be saved; using it is another matter.
  expect((await save({ domain: inner.domain, type: 'git', token: TOKEN })).status).toBe(201);
  const repo = encodeURIComponent(`${inner.origin}/a/b.git`);
  const branches = await bob.call('GET', `/api/v1/git/branches?repo=${repo}`);
  expect(branches.status).toBe(403);
  expect(branches.body.message).toContain('private address');
  for (const address of ['169.254.169.254', '10.0.0.1:8080', 'localhost:1', '[::1]:80']) {
    const url = encodeURIComponent(`http://${address}/latest/meta-data`);
    expect((await bob.call('GET', `/api/v1/git/branches?repo=${url}`)).status, address).toBe(403);
  }
  expect(inner.requests).toEqual([]);
});

test('an administrator may connect what runs on this machine', async () => {
  const made = await save({ domain: inner.domain, type: 'gitea', token: TOKEN }, server.admin);
  expect(made.status).toBe(201);
  expect(inner.requests.length).toBeGreaterThan(0);
});

test.each([
  ['2130706433', 'github'],
  ['0x7f.0.0.1', 'git'],
  ['127.1', 'git'],
  ['github.com.', 'github'],
  ['github.com@evil.org', 'github'],
  ['github.com/evil', 'github'],
  ['git.example.org:99999', 'git'],
])('%s is no domain', async (domain, type) => {
  const refused = await save({ domain, type, token: TOKEN });
  expect(refused.status).toBe(422);
  expect(faultyFields(refused.body)).toEqual(['domain']);
});

test.each([
  [{ type: 'git' }, ['token']],
  [{ type: 'github', token: 'line\nbreak' }, ['token']],
  [{ type: 'git', token: '   ' }, ['token']],
  [{ type: 'git', token: 't', username: 'a:b' }, ['username']],
  [{ type: 'git', sshKey: 'ssh-ed25519 AAAA me' }, ['sshKey']],
  [{ type: 'svn', token: 't' }, ['type']],
  [{ type: 'git', token: 't', scheme: 'http' }, ['scheme']],
])('refuses %j', async (body, fields) => {
  const refused = await save({ domain: 'git.example.org', ...body });
  expect(refused.status).toBe(422);
  expect(faultyFields(refused.body)).toEqual(fields);
  expect(await server.store.gitHosts.list(bob.user.id)).toEqual([]);
});

test('saving again replaces, deleting forgets', async () => {
  const { domain } = hosts.gitea;
  await save({ domain, type: 'git', token: 'first-password', username: 'someone' });
  await save({ domain: `${domain}`, type: 'gitea', token: TOKEN });
  const { items } = (await bob.call('GET', HOSTS)).body;
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ type: 'gitea', username: 'octobob' });
  expect((await bob.call('DELETE', `${HOSTS}/${encodeURIComponent(domain)}`)).status).toBe(204);
  expect((await bob.call('DELETE', `${HOSTS}/${domain}`)).status).toBe(404);
  expect((await bob.call('GET', `${HOSTS}/${domain}`)).status).toBe(404);
});

test('hosts of others do not exist', async () => {
  const { domain } = hosts.gitea;
  hosts.gitea.addRepository('octobob/private');
  await save({ domain, type: 'gitea', token: TOKEN });
  expect((await eve.call('GET', HOSTS)).body.items).toEqual([]);
  expect((await eve.call('GET', `${HOSTS}/${domain}`)).status).toBe(404);
  expect((await eve.call('DELETE', `${HOSTS}/${domain}`)).status).toBe(404);
  expect((await server.admin.call('GET', `${HOSTS}/${domain}`)).status).toBe(404);
  expect((await eve.call('GET', '/api/v1/git/repositories')).body).toEqual({ items: [], problems: [] });
  expect((await eve.call('GET', `/api/v1/git/repositories?domain=${domain}`)).status).toBe(404);
  expect((await bob.call('GET', HOSTS)).body.items).toHaveLength(1);
});

describe('the credential of an address', () => {
  const secrets = createSecretBox([{ id: 'k1', key: new Uint8Array(32).fill(7) }]);
  const forUrl = (url: string, userId = bob.user.id) =>
    createGitCredentials({ store: server.store, secrets }).forUrl(userId, url);

  test.each([
    ['github', 'x-access-token'],
    ['gitlab', 'oauth2'],
    ['gitea', 'octobob'],
    ['gitee', 'octobob'],
  ] as const)('%s takes the token of %s', async (type, username) => {
    await save({ domain: hosts[type].domain, type, token: TOKEN });
    expect(await forUrl(`${hosts[type].origin}/a/b.git`)).toEqual({
      type: 'basic',
      username,
      password: TOKEN,
    });
    expect(await forUrl(`${hosts[type].origin}/a/b.git`, eve.user.id)).toBeUndefined();
  });

  test('goes to its own host and no other', async () => {
    await save({ domain: 'git.example.org', type: 'git', token: TOKEN, username: 'bob' });
    expect(await forUrl('https://GIT.example.org/a/b')).toMatchObject({ username: 'bob', password: TOKEN });
    for (const url of [
      'http://git.example.org/a/b',
      'https://git.example.org.evil.org/a/b',
      'https://git.example.org@evil.org/a/b',
      'https://evil.org/git.example.org/a',
      'https://git.example.org:8443/a/b',
      'https://x:y@git.example.org/a/b',
      'https://git.example.org\\@evil.org/a',
      'git@git.example.org:a/b',
      'file:///git.example.org/a',
      'not an address',
    ])
      expect(await forUrl(url), url).toBeUndefined();
  });

  test('a key goes with SSH, and does not open for anybody else', async () => {
    const sshKey = `-----BEGIN RSA PRIVATE KEY-----\n${'A'.repeat(64)}\n-----END RSA PRIVATE KEY-----\n`;
    const made = await save({ domain: 'git.example.org', type: 'git', sshKey });
    expect(made.body).toMatchObject({ hasToken: false, hasSshKey: true });
    expect(await forUrl('git@git.example.org:a/b.git')).toEqual({ type: 'ssh', privateKey: sshKey });
    expect(await forUrl('ssh://git@git.example.org:2222/a/b.git')).toMatchObject({ type: 'ssh' });
    expect(await forUrl('https://git.example.org/a/b.git')).toBeUndefined();
    const [row] = await server.store.gitHosts.list(bob.user.id);
    if (!row) throw new Error('the host is not there');
    await server.store.gitHosts.put({ ...row, userId: eve.user.id });
    await expect(forUrl('git@git.example.org:a/b.git', eve.user.id)).rejects.toThrow(/does not open/);
  });
});

test('the audit trail knows of it, and nobody knows the token', async () => {
  const { domain } = hosts.gitee;
  await save({ domain, type: 'gitee', token: TOKEN });
  await bob.call('GET', '/api/v1/git/repositories?search=x');
  await bob.call('DELETE', `${HOSTS}/${domain}`);
  hosts.gitee.mode = 'error';
  await save({ domain, type: 'gitee', token: TOKEN });
  await expect
    .poll(
      async () => (await server.admin.call('GET', '/api/v1/admin/audit?kind=GitHost&limit=200')).body.items,
    )
    .toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: 'git-host-save', name: domain, username: 'bob' }),
        expect.objectContaining({ action: 'git-host-delete', name: domain, username: 'bob' }),
      ]),
    );
  const audit = await server.admin.call('GET', '/api/v1/admin/audit?limit=200');
  expect(audit.text).not.toContain(TOKEN);
  expect(answers.join('\n')).not.toContain(TOKEN);
  expect(server.log.join('\n')).not.toContain(TOKEN);
});
