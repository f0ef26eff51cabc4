import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ExecutionSpec, GitCredential } from '@wegent/api';
import {
  type BareRepository,
  describeWith,
  gitEnvironment,
  startGitHttpServer,
  startGitSshServer,
  waitFor,
} from '@wegent/testing';
import { describe, expect, test } from 'vitest';
import { callRaw, specOf, startGateway, startPort, startServer } from './gateway-harness.ts';

const run = promisify(execFile);
const CREDENTIAL = { username: 'ada', password: 'pass-word-of-ada' };
const BASIC: GitCredential = { type: 'basic', ...CREDENTIAL };
const ENCODED = Buffer.from(`${CREDENTIAL.username}:${CREDENTIAL.password}`).toString('base64');
const CLIENT = fileURLToPath(new URL('./gateway-git-ssh-client.ts', import.meta.url));

function onRepository(
  url: string,
  credential?: GitCredential,
  more: Partial<ExecutionSpec> = {},
): ExecutionSpec {
  return specOf({
    workspace: {
      repository: { url, ...(credential ? { credential } : {}) },
      workBranch: 'wegent/work',
      author: { name: 'Ada', email: 'ada@example.org' },
      setupCommands: [],
      env: {},
      submodules: false,
    },
    ...more,
  });
}

/** git in a folder of its own, as the sandbox has it. */
async function sandboxGit(folder: string, variables: Record<string, string> = {}) {
  const home = await mkdtemp(join(folder, 'git-'));
  const env = { ...gitEnvironment(home), GIT_TRACE_CURL_NO_DATA: '1', ...variables };
  const git = async (...args: string[]) => {
    const options = ['-c', 'user.name=Agent', '-c', 'user.email=agent@example.org'];
    return (await run('git', [...options, ...args], { cwd: home, env })).stdout.trim();
  };
  return { home, git };
}

async function workAndPush(
  { home, git }: Awaited<ReturnType<typeof sandboxGit>>,
  repository: BareRepository,
) {
  await git('clone', '-q', repository.url, 'work');
  expect(await readFile(join(home, 'work', 'README.md'), 'utf8')).toContain('Sample');
  // More than git sends in one buffer, so that the body streams in chunks.
  await writeFile(
    join(home, 'work', 'big.bin'),
    Buffer.from(Array.from({ length: 3_000_000 }, () => Math.random() * 256)),
  );
  await git('-C', 'work', 'add', '.');
  await git('-C', 'work', 'commit', '-qm', 'Work');
  await git('-C', 'work', 'push', '-q', 'origin', 'HEAD:refs/heads/wegent/work');
  expect(await repository.git('log', '-1', '--format=%an %s', 'wegent/work')).toBe('Agent Work');
  await git('-C', 'work', 'fetch', '-q', 'origin');
}

describe('git over HTTP', () => {
  test('clones, pushes and fetches; the credential stays outside', async () => {
    await using hostServer = await startGitHttpServer({ credential: CREDENTIAL });
    const repository = await hostServer.createRepository('team/sample.git');
    await using host = await startGateway();
    const { admit, socketPath } = await host.sandbox('one');
    const pass = admit(onRepository(repository.url, BASIC));
    await using port = await startPort(socketPath, pass.token);
    const sandbox = await sandboxGit(host.folder, {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.${port.url}/git.insteadOf`,
      GIT_CONFIG_VALUE_0: repository.url,
    });
    await workAndPush(sandbox, repository);
    expect(hostServer.requests.length).toBeGreaterThan(4);
    for (const { headers } of hostServer.requests) {
      expect(headers.authorization).toBe(`Basic ${ENCODED}`);
      expect(headers).not.toHaveProperty('x-wegent-run');
    }
    const { stdout } = await run('grep', ['-rlE', `${ENCODED}|${CREDENTIAL.password}`, sandbox.home]).catch(
      () => ({ stdout: '' }),
    );
    expect(stdout).toBe('');
    expect(host.log.join('')).not.toMatch(new RegExp(`${ENCODED}|${CREDENTIAL.password}`));
    pass.revoke();
    await expect(sandbox.git('-C', 'work', 'fetch', 'origin')).rejects.toThrow(/403/);
  });

  test('knows no repository but that of the task, and no other call', async () => {
    await using hostServer = await startGitHttpServer({ credential: CREDENTIAL });
    const mine = await hostServer.createRepository('team/mine.git');
    await hostServer.createRepository('team/other.git', { 'secret.txt': 'of others' });
    await using host = await startGateway();
    const { admit } = await host.sandbox('one');
    const pass = admit(onRepository(mine.url, BASIC));
    for (const path of [
      '/git/team/other.git/info/refs?service=git-upload-pack',
      '/git/info/refs',
      '/git/info/refs?service=git-upload-archive',
      '/git/HEAD',
      '/git/objects/info/packs',
      '/git/config',
      '/git/api/v3/user',
      '/git/info/lfs/objects/0000',
      '/git',
    ]) {
      const answer = await pass.call(path);
      expect([path, answer.status]).toEqual([path, 403]);
    }
    expect(hostServer.requests).toEqual([]);
    const twice = await pass.call(
      '/git/info/refs?service=git-upload-pack&service=git-receive-pack&x=../../other.git',
    );
    expect(twice.status).toBe(200);
    expect(hostServer.requests.map(({ url }) => url)).toEqual([
      '/team/mine.git/info/refs?service=git-upload-pack',
    ]);
  });

  test('says what is wrong: credential, fault, silence, no server, private address, wrong address', async () => {
    await using hostServer = await startGitHttpServer({ credential: CREDENTIAL });
    const repository = await hostServer.createRepository('team/sample.git');
    await using host = await startGateway({ timings: { gitIdleMs: 1_500 } });
    const { admit } = await host.sandbox('one');
    const ask = async (spec: ExecutionSpec) => {
      const answer = await admit(spec).call('/git/info/refs?service=git-upload-pack');
      return [answer.status, await answer.text(), answer.headers['www-authenticate'] ?? 'no challenge'];
    };
    const wrong: GitCredential = { type: 'basic', username: 'ada', password: 'not-that-one' };
    expect(await ask(onRepository(repository.url, wrong))).toEqual([401, 'who are you?\n', 'no challenge']);
    expect(await ask(onRepository(repository.url))).toEqual([401, 'who are you?\n', 'no challenge']);
    hostServer.mode = 'forbidden';
    expect((await ask(onRepository(repository.url, BASIC)))[0]).toBe(403);
    hostServer.mode = 'error';
    expect((await ask(onRepository(repository.url, BASIC)))[0]).toBe(500);
    hostServer.mode = 'hang';
    expect(await ask(onRepository(repository.url, BASIC))).toEqual([
      504,
      expect.stringContaining('no answer within 1.5 s'),
      'no challenge',
    ]);
    hostServer.mode = 'reset';
    expect(await ask(onRepository(repository.url, BASIC))).toEqual([
      502,
      expect.stringContaining('broke the connection'),
      'no challenge',
    ]);
    hostServer.mode = 'serve';
    const { host: pair } = new URL(hostServer.url);
    expect(await ask(onRepository(repository.url, BASIC, { outboundAllow: [] }))).toEqual([
      403,
      expect.stringContaining(`OUTBOUND_ALLOW=${pair}`),
      'no challenge',
    ]);
    expect((await ask(onRepository(repository.url, BASIC, { outboundAllow: [pair] })))[0]).toBe(200);
    expect(await ask(onRepository('http://127.0.0.1:1/x.git'))).toEqual([
      502,
      expect.stringContaining('refuses'),
      'no challenge',
    ]);
    expect((await ask(onRepository('ftp://example.org/x.git')))[0]).toBe(400);
    expect((await ask(specOf()))[0]).toBe(404);
  });

  test('follows a repository that has moved on its host, and nowhere else', async () => {
    await using hostServer = await startGitHttpServer({ credential: CREDENTIAL });
    await hostServer.createRepository('team/new.git');
    const stolen: unknown[] = [];
    await using thief = await startServer((request, response) => {
      stolen.push(request.headers);
      response.end();
    });
    let location = '';
    await using front = await startServer((request, response) => {
      if (request.url?.startsWith('/team/old.git')) return void response.writeHead(301, { location }).end();
      // A host that serves both: as a proxy would.
      void fetch(`${hostServer.url}${request.url}`, {
        headers: { authorization: request.headers.authorization ?? '' },
      }).then(async (answer) => response.writeHead(answer.status).end(await answer.text()));
    });
    await using host = await startGateway();
    const { admit } = await host.sandbox('one');
    const spec = onRepository(`${front.url}/team/old.git`, BASIC);
    const refs = '/info/refs?service=git-upload-pack';
    location = `/team/new.git${refs}`;
    const answer = await admit(spec).call(`/git${refs}`);
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('refs/heads/main')]);
    for (const elsewhere of [`${thief.url}/team/new.git${refs}`, 'http://169.254.169.254/latest', '/login']) {
      location = elsewhere;
      const refused = await admit(spec).call(`/git${refs}`);
      expect([refused.status, await refused.text()]).toEqual([
        502,
        expect.stringContaining('another address'),
      ]);
    }
    expect(stolen).toEqual([]);
  });
});

describeWith(['git-lfs'], 'LFS', () => {
  test('uploads and downloads through names that hold neither address nor credential', async () => {
    await using hostServer = await startGitHttpServer({ credential: CREDENTIAL });
    const repository = await hostServer.createRepository('team/sample.git', {
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    });
    await using host = await startGateway();
    const { admit, socketPath } = await host.sandbox('one');
    const pass = admit(onRepository(repository.url, BASIC));
    await using port = await startPort(socketPath, pass.token);
    const variables = {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.${port.url}/git.insteadOf`,
      GIT_CONFIG_VALUE_0: repository.url,
    };
    const one = await sandboxGit(host.folder, variables);
    await one.git('clone', '-q', repository.url, 'work');
    await one.git('-C', 'work', 'lfs', 'install', '--local');
    await writeFile(join(one.home, 'work', 'a.bin'), 'large content');
    await one.git('-C', 'work', 'add', '.');
    await one.git('-C', 'work', 'commit', '-qm', 'Large');
    await one.git('-C', 'work', 'push', '-q', 'origin', 'HEAD:refs/heads/large');
    expect([...hostServer.lfsObjects.values()].map(String)).toEqual(['large content']);
    expect(await repository.git('show', 'large:a.bin')).toContain('git-lfs.github.com');

    const two = await sandboxGit(host.folder, {
      ...variables,
      GIT_CONFIG_COUNT: '4',
      GIT_CONFIG_KEY_1: 'filter.lfs.smudge',
      GIT_CONFIG_VALUE_1: 'git-lfs smudge -- %f',
      GIT_CONFIG_KEY_2: 'filter.lfs.process',
      GIT_CONFIG_VALUE_2: 'git-lfs filter-process',
      GIT_CONFIG_KEY_3: 'filter.lfs.required',
      GIT_CONFIG_VALUE_3: 'true',
    });
    await two.git('clone', '-q', '-b', 'large', repository.url, 'work');
    expect(await readFile(join(two.home, 'work', 'a.bin'), 'utf8')).toBe('large content');

    const [oid] = [...hostServer.lfsObjects.keys()];
    const answer = await pass.call('/git/info/lfs/objects/batch', {
      json: { operation: 'download', transfers: ['tus'], objects: [{ oid, size: 13 }] },
    });
    const text = await answer.text();
    expect(text).toContain('/git-lfs-object/');
    expect(text).not.toMatch(new RegExp(`${ENCODED}|${hostServer.url}`));
    expect((await pass.call('/git-lfs-object/guess')).status).toBe(404);
  });

  test('a host that points at private addresses is not followed', async () => {
    const seen: string[] = [];
    await using inner = await startServer((request, response) => {
      seen.push(request.url ?? '');
      response.end('inner secret');
    });
    await using evil = await startServer((request, response) => {
      request.resume();
      response.end(
        JSON.stringify({
          objects: [{ oid: 'a', size: 1, actions: { download: { href: `${inner.url}/secret` } } }],
        }),
      );
    });
    await using host = await startGateway();
    const { admit } = await host.sandbox('one');
    const pass = admit(onRepository(`${evil.url}/x.git`));
    const batch = await pass.call('/git/info/lfs/objects/batch', { json: { objects: [] } });
    const { pathname } = new URL(JSON.parse(await batch.text()).objects[0].actions.download.href);
    const answer = await pass.call(pathname);
    expect([answer.status, await answer.text()]).toEqual([403, expect.not.stringContaining('secret')]);
    expect(seen).toEqual([]);
  });
});

describeWith(['sshd'], 'git over SSH', () => {
  const sshGit = (folder: string, socketPath: string, token: string) =>
    sandboxGit(folder, {
      GIT_SSH_COMMAND: `'${process.execPath}' '${CLIENT}' '${socketPath}' '${token}'`,
      GIT_SSH_VARIANT: 'ssh',
    });
  const keyFolders = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('wegent-ssh-'));

  test('clones, pushes and fetches; the key stays outside and is gone afterwards', async () => {
    await using hostServer = await startGitSshServer();
    const repository = await hostServer.createRepository('team/sample.git');
    await using host = await startGateway();
    const before = await keyFolders();
    const { admit, socketPath } = await host.sandbox('one');
    const { privateKey, knownHosts } = hostServer;
    const pass = admit(onRepository(repository.url, { type: 'ssh', privateKey, knownHosts }));
    const sandbox = await sshGit(host.folder, socketPath, pass.token);
    await workAndPush(sandbox, repository);
    expect(await hostServer.commands()).toContain("git-receive-pack '/team/sample.git'");
    await waitFor(async () => (await keyFolders()).length <= before.length, {
      what: 'the keys to be removed',
    });
    await expect(sandbox.git('ls-remote', repository.url.replace('sample', 'other'))).resolves.toContain(
      'main',
    );
    expect((await hostServer.commands()).join()).not.toContain('other');
    pass.revoke();
    await expect(sandbox.git('ls-remote', repository.url)).rejects.toThrow(/no token of a run/);
  });

  test('keeps the host key that it saw first, and refuses another one', async () => {
    await using hostServer = await startGitSshServer();
    await using otherServer = await startGitSshServer();
    const repository = await hostServer.createRepository('team/sample.git');
    await using host = await startGateway();
    const { admit, socketPath } = await host.sandbox('one');
    const { privateKey } = hostServer;
    const credential: GitCredential = { type: 'ssh', privateKey };
    const known: GitCredential = {
      ...credential,
      knownHosts: otherServer.knownHosts.replace(String(otherServer.port), String(hostServer.port)),
    };
    const ask = async (given: GitCredential) => {
      const { token } = admit(onRepository(repository.url, given));
      return (await sshGit(host.folder, socketPath, token)).git('ls-remote', repository.url);
    };
    await expect(ask(credential)).resolves.toContain('refs/heads/main');
    await expect(ask(known)).rejects.toThrow(/Host key verification failed|IDENTIFICATION HAS CHANGED/);
  });

  test('says what is wrong: key, refusal, silence, private address, no key', async () => {
    await using hostServer = await startGitSshServer();
    const repository = await hostServer.createRepository('team/sample.git');
    await using host = await startGateway({ timings: { gitIdleMs: 5_000 } });
    const { admit, socketPath } = await host.sandbox('one');
    const { privateKey, strangerKey, port } = hostServer;
    const ask = async (spec: ExecutionSpec) =>
      (await sshGit(host.folder, socketPath, admit(spec).token)).git('ls-remote', repository.url);
    const key = (text: string): GitCredential => ({ type: 'ssh', privateKey: text });
    await expect(ask(onRepository(repository.url, key(strangerKey)))).rejects.toThrow(
      /Permission denied \(publickey\)/,
    );
    await expect(ask(onRepository(repository.url))).rejects.toThrow(/no SSH key for 127.0.0.1/);
    await expect(ask(onRepository(repository.url, key(privateKey), { outboundAllow: [] }))).rejects.toThrow(
      new RegExp(`OUTBOUND_ALLOW=127.0.0.1:${port}`),
    );
    await expect(
      ask(onRepository(repository.url, key(privateKey), { outboundAllow: [`127.0.0.1:${port}`] })),
    ).resolves.toContain('main');
    await hostServer.setMode('refuse');
    await expect(ask(onRepository(repository.url, key(privateKey)))).rejects.toThrow(
      /this repository is closed/,
    );
    await hostServer.setMode('hang');
    await expect(ask(onRepository(repository.url, key(privateKey)))).rejects.toThrow(/said nothing for 5 s/);
  });

  test('revoking ends the command in its midst', async () => {
    await using hostServer = await startGitSshServer();
    const repository = await hostServer.createRepository('team/sample.git');
    await hostServer.setMode('hang');
    await using host = await startGateway();
    const { admit, socketPath } = await host.sandbox('one');
    const pass = admit(onRepository(repository.url, { type: 'ssh', privateKey: hostServer.privateKey }));
    const ended = (await sshGit(host.folder, socketPath, pass.token))
      .git('ls-remote', repository.url)
      .catch(String);
    await waitFor(async () => (await hostServer.commands()).length === 1, { what: 'the command' });
    pass.revoke();
    expect(await ended).toMatch(/Could not read from remote/);
  });

  test.each([
    ['git-upload-archive', 400],
    ['git-upload-pack;id', 400],
    ['', 400],
  ])('the command “%s” is not run', async (command, status) => {
    await using host = await startGateway();
    const { admit, socketPath } = await host.sandbox('one');
    const pass = admit(onRepository('ssh://git@127.0.0.1:1/x.git', { type: 'ssh', privateKey: 'x' }));
    const answer = await callRaw(
      socketPath,
      `GET /git-ssh?command=${command} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: git-ssh\r\nx-wegent-run: ${pass.token}\r\n\r\n`,
    );
    expect(answer).toContain(`HTTP/1.1 ${status} `);
  });
});

describe('repositories that are folders', () => {
  test('are served where the operator allows it', async () => {
    await using hostServer = await startGitHttpServer();
    const { path } = await hostServer.createRepository('team/sample.git');
    const ask = async (localRepositories: boolean) => {
      await using host = await startGateway({ localRepositories });
      const { admit, socketPath } = await host.sandbox('one');
      const { token } = admit(onRepository(`file://${path}`));
      const sandbox = await sandboxGit(host.folder, {
        GIT_SSH_COMMAND: `'${process.execPath}' '${CLIENT}' '${socketPath}' '${token}'`,
        GIT_SSH_VARIANT: 'ssh',
      });
      return await sandbox.git('ls-remote', 'ssh://any/thing');
    };
    await expect(ask(true)).resolves.toContain('refs/heads/main');
    await expect(ask(false)).rejects.toThrow(/not allowed on this platform/);
  });
});
