import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort, temporaryFolder } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { CLI_BUNDLE, type CommandLine, commandLine } from './support/command-line.ts';
import { startProxy } from './support/connect-proxy.ts';
import { ADMIN_PASSWORD, type Standalone, startStandalone } from './support/standalone.ts';

const GHOST =
  'apiVersion: agent.wecode.io/v1\nkind: Ghost\nmetadata: {name: kind-ghost}\nspec: {systemPrompt: be kind}\n';
const BOT =
  'apiVersion: agent.wecode.io/v1\nkind: Bot\nmetadata: {name: kind-bot}\n' +
  'spec: {ghostRef: {name: kind-ghost}, shellRef: {name: Chat}, modelRef: {name: nowhere}}\n';

describe('the command line', () => {
  const stack = new AsyncDisposableStack();
  let product: Standalone;
  let https: string;
  let folder: string;
  let config: string;
  let wegent: CommandLine;

  beforeAll(async () => {
    const port = await freePort();
    https = `https://127.0.0.1:${port}`;
    product = stack.use(await startStandalone({ env: { HTTPS_PORT: String(port) } }));
    folder = stack.use(await temporaryFolder()).path;
    config = path.join(folder, 'config/config.json');
    wegent = commandLine(config);
    const signedIn = await wegent.feed(
      `${ADMIN_PASSWORD}\n`,
      ...['login', '--server', product.url, '--username', 'admin', '--password-stdin'],
    );
    expect(signedIn).toMatchObject({ code: 0, err: '' });
  });
  afterAll(() => stack.disposeAsync());

  const place = async (name: string, content: string) => {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  };

  test('what it remembers is for its owner alone and never shown', async () => {
    expect((await stat(config)).mode & 0o777).toBe(0o600);
    const remembered: unknown = JSON.parse(await readFile(config, 'utf8'));
    const { refreshToken } = (remembered as { contexts: Record<string, { refreshToken: string }> }).contexts[
      new URL(product.url).host
    ] ?? { refreshToken: '' };
    expect(refreshToken.length).toBeGreaterThan(20);
    const { out } = await wegent('config', 'view');
    expect(out).toContain('credentials: session');
    expect(out).not.toContain(refreshToken);
    expect(await readFile(config, 'utf8')).not.toContain(ADMIN_PASSWORD);
  });

  test('a wrong password, an unknown server and no server end with what to do', async () => {
    const fresh = commandLine(path.join(folder, 'fresh.json'));
    const wrong = await fresh.feed(
      'wrong',
      'login',
      '--server',
      product.url,
      '--username',
      'admin',
      '--password-stdin',
    );
    expect(wrong).toMatchObject({ code: 1, out: '' });
    expect(wrong.err).toMatch(/user name or the password is wrong/);
    expect(await fresh('get', 'teams')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/wegent login --server URL/),
    });
    const away = await fresh('get', 'teams', '--server', 'http://127.0.0.1:9');
    expect(away).toMatchObject({
      code: 1,
      err: expect.stringMatching(/not signed in at http:\/\/127\.0\.0\.1:9/),
    });
  });

  test('others who can read the file are named', async () => {
    await chmod(config, 0o644);
    expect(await wegent('get', 'teams')).toMatchObject({
      code: 0,
      err: expect.stringMatching(/others can read; run `chmod 600 /),
    });
    await chmod(config, 0o600);
  });

  test('a certificate of an unknown authority is trusted by its fingerprint, and not before', async () => {
    const secure = commandLine(path.join(folder, 'secure.json'));
    const login = (...words: string[]) =>
      secure.feed(
        ADMIN_PASSWORD,
        ...['login', '--server', https, '--username', 'admin', '--password-stdin', ...words],
      );
    const { fingerprint256 } = new X509Certificate(await readFile(path.join(product.dataDir, 'tls/ca.pem')));
    const unknown = await login();
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining(fingerprint256) });
    expect(await login('--ca-fingerprint', fingerprint256.replace(/^../, '00'))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/another fingerprint/),
    });
    expect(await login('--ca-fingerprint', `sha256 Fingerprint=${fingerprint256}`)).toMatchObject({
      code: 0,
      err: '',
    });
    expect(await secure('version')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^client (\S+)\nserver \1\n$/),
      err: '',
    });

    await using proxy = await startProxy();
    const proxied = commandLine(path.join(folder, 'secure.json'), { HTTPS_PROXY: proxy.url });
    expect(await proxied('run', 'assistant', '-n', 'public', 'echo far away')).toMatchObject({
      code: 0,
      out: 'far away\n',
    });
    // The request that starts it and the live connection.
    expect(proxy.tunnels.filter((target) => https.endsWith(target)).length).toBeGreaterThan(1);
  });

  test('the token of one server is not shown to another', async () => {
    const other = await wegent('get', 'teams', '--server', 'http://127.0.0.1:9');
    expect(other).toMatchObject({ code: 1, err: expect.stringMatching(/not signed in/) });
  });

  test('sessions are renewed, by many commands at once too', async () => {
    const remembered = JSON.parse(await readFile(config, 'utf8')) as {
      contexts: Record<string, { expiresAt: string }>;
    };
    for (const context of Object.values(remembered.contexts)) context.expiresAt = new Date(0).toISOString();
    await writeFile(config, JSON.stringify(remembered));
    const results = await Promise.all(
      Array.from({ length: 4 }, () => wegent('get', 'teams', '-A', '-o', 'name')),
    );
    for (const result of results) expect(result).toMatchObject({ code: 0, err: '' });
    expect(results[0]?.out).toContain('team/assistant\n');
  });

  test('apply says what happened to each document and fails with the first that fails', async () => {
    const file = await place('agents/all.yaml', `${GHOST}---\n${BOT}`);
    const first = await wegent('apply', '-f', path.dirname(file));
    expect(first).toMatchObject({ code: 1, out: 'ghost/kind-ghost created\n' });
    expect(first.err).toMatch(/bot\/kind-bot failed: .*\n {2}spec\.modelRef: .*available: demo/);
    expect(first.err).toContain('1 of 2 documents failed');
    await writeFile(file, `${GHOST}---\n${BOT.replace('nowhere', 'demo')}`);
    expect(await wegent('apply', '-f', file)).toEqual({
      code: 0,
      out: 'ghost/kind-ghost unchanged\nbot/kind-bot created\n',
      err: '',
    });
    expect(await wegent.feed(GHOST, 'apply', '-f', '-', '--dry-run')).toMatchObject({
      code: 0,
      out: 'ghost/kind-ghost unchanged (dry run)\n',
    });
    const broken = await wegent('apply', '-f', await place('broken.yaml', `${GHOST}---\nkind: [`));
    expect(broken).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/broken\.yaml: .*line 6/) });
  });

  test('diff shows what apply would do, and its code says whether it would do anything', async () => {
    expect(await wegent.feed(GHOST, 'diff', '-f', '-')).toEqual({ code: 0, out: '', err: '' });
    const changed = await wegent.feed(GHOST.replace('be kind', 'be strict'), 'diff', '-f', '-');
    expect(changed.code).toBe(1);
    expect(changed.out).toMatch(/-\s+systemPrompt: be kind\n\+\s+systemPrompt: be strict/);
    expect((await wegent.feed(BOT, 'diff', '-f', '-')).code).toBe(2);
    // 1 would say that there is a difference.
    expect((await wegent.feed(GHOST, 'diff', '-f', '-', '--server', 'http://127.0.0.1:9')).code).toBe(2);
    expect((await wegent('get', 'ghost', 'kind-ghost', '-o', 'yaml')).out).toContain('be kind');
  });

  test('get, describe and delete', async () => {
    const table = await wegent('get', 'bots');
    expect(table.out).toMatch(/^NAME +GHOST .*AGE\nkind-bot +kind-ghost/);
    const document: unknown = parse((await wegent('get', 'bot/kind-bot', '-o', 'yaml')).out);
    expect(document).toMatchObject({ kind: 'Bot', metadata: { name: 'kind-bot' } });
    expect((await wegent('describe', 'bot', 'kind-bot')).out).toMatch(/Conditions:\n.*\n +Ready +True/);
    expect(await wegent('get', 'bot/missing')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/"missing" not found/),
    });
    expect(await wegent('get', 'boots')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/known are .*bots/),
    });
    const inUse = await wegent('delete', 'ghost/kind-ghost');
    expect(inUse).toMatchObject({ code: 1, err: expect.stringMatching(/kind-bot/) });
    expect(await wegent('delete', 'bot/kind-bot', 'ghost/kind-ghost')).toEqual({
      code: 0,
      out: 'bot/kind-bot deleted\nghost/kind-ghost deleted\n',
      err: '',
    });
    expect(await wegent('delete', 'bot/kind-bot', '--ignore-not-found')).toEqual({
      code: 0,
      out: '',
      err: '',
    });
  });

  test('a watch shows changes until Ctrl+C', async () => {
    const watching = wegent.start('get', 'ghosts', '-w');
    await watching.until(/NAME/);
    await wegent.feed(GHOST.replace('kind-ghost', 'watched'), 'apply', '-f', '-');
    await watching.until(/watched/);
    watching.signal('SIGINT');
    expect(await watching.result).toMatchObject({ code: 0 });
  });

  test('run streams the answer and ends as the run does', async () => {
    const run = (...words: string[]) => wegent('run', 'team/assistant', '-n', 'public', ...words);
    expect(await run('echo one\ntwo')).toEqual({ code: 0, out: 'one\ntwo\n', err: '' });
    expect(await wegent.feed('echo from a pipe', 'run', 'assistant', '-n', 'public')).toMatchObject({
      code: 0,
      out: 'from a pipe\n',
    });
    const failed = await run('[[fault 401]]');
    expect(failed).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/\(ModelAuth\)/) });
    const late = await run('300 words at 5 words per second', '--timeout', '1s');
    expect(late).toMatchObject({ code: 124, err: expect.stringMatching(/time is over/) });
    const json: unknown = JSON.parse((await run('echo {}', '-o', 'json', '-q')).out);
    expect(json).toMatchObject({ role: 'assistant', status: 'completed', text: '{}' });
    expect(await run('  ')).toMatchObject({ code: 2, err: expect.stringMatching(/prompt is empty/) });
    expect(await wegent('run', 'nobody', 'hello')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/nobody/),
    });
  });

  test('run sends files along', async () => {
    const file = await place('notes.txt', 'the harbour is closed');
    const run = (...words: string[]) => wegent('run', 'assistant', '-n', 'public', '-o', 'json', ...words);
    const { code, out } = await run('What do the notes say?', '--attach', file);
    expect(code).toBe(0);
    const { taskId } = JSON.parse(out) as { taskId: string };
    const { token } = (JSON.parse((await wegent('credential')).out) as { status: { token: string } }).status;
    const sent = await fetch(`${product.url}/api/v1/tasks/${taskId}/messages`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await sent.text()).toContain('"notes.txt"');
    expect(await run('x', '--attach', `${file}.missing`)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--attach: .*notes\.txt\.missing/),
    });
  });

  test('run does not wait for a server that is away', async () => {
    const away = commandLine(path.join(folder, 'away.json'), {
      WEGENT_SERVER: `http://127.0.0.1:${await freePort()}`,
      WEGENT_TOKEN: 'wg_any',
      WEGENT_NAMESPACE: 'any',
    });
    expect(await away('run', 'assistant', 'hello')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^wegent: the server cannot be reached: connect ECONNREFUSED [\d.:]+\n$/),
    });
  });

  test('bash completes commands, kinds and names', async () => {
    const { out } = await wegent('completion', 'bash');
    const bin = path.dirname(await place('bin/wegent', `#!/bin/sh\nexec "$NODE" "$BUNDLE" "$@"\n`));
    await chmod(path.join(bin, 'wegent'), 0o755);
    const script = await place(
      'complete.sh',
      `${out}\nCOMP_LINE="$1" COMP_POINT=\${#1}\n_wegent\nprintf '%s\\n' "\${COMPREPLY[@]}"\n`,
    );
    const completions = async (line: string) => {
      const { stdout } = await promisify(execFile)('bash', [script, line], {
        env: {
          PATH: `${bin}:/usr/bin:/bin`,
          NODE: process.execPath,
          BUNDLE: CLI_BUNDLE,
          WEGENT_CONFIG: config,
        },
      });
      return stdout.trim().split('\n');
    };
    expect(await completions('wegent de')).toEqual(['delete', 'describe']);
    expect(await completions('wegent get te')).toEqual(['teams']);
    expect(await completions('wegent -n public run ass')).toEqual(['assistant']);
    expect(await completions('wegent get -n public team/ass')).toEqual(['team/assistant']);
  });

  test('Ctrl+C cancels what runs', async () => {
    const running = wegent.start('run', 'assistant', '-n', 'public', '500 words at 5 words per second');
    await running.until(/\S+ \S+/);
    running.signal('SIGINT');
    const { code } = await running.result;
    expect(code).toBe(130);
    const { out } = await wegent('get', 'tasks', '-o', 'json');
    const { items } = JSON.parse(out) as {
      items: { metadata: { name: string }; status: { phase: string } }[];
    };
    expect(items.filter(({ status }) => status.phase === 'Running')).toEqual([]);
    const cancelled = items.find(({ status }) => status.phase === 'Cancelled')?.metadata.name ?? '';
    await expect
      .poll(async () => (await wegent('describe', 'task', cancelled)).out)
      .toMatch(/Events:\n +TYPE +REASON +AGE +MESSAGE\n( .*\n)* +Normal +Cancelled /);
  });

  test('whoever reads the output may go', async () => {
    const running = wegent.start('run', 'assistant', '-n', 'public', '200 words at 50 words per second');
    await running.until(/\S+ \S+/);
    running.closeOutput();
    expect(await running.result).toMatchObject({ code: 141, err: '' });
  });

  test('control sequences of an answer do not reach the terminal', async () => {
    const { out } = await wegent('run', 'assistant', '-n', 'public', 'echo a\u001b[2Jb\u0007c');
    expect(out).toBe('a[2Jbc\n');
  });

  test('logs tell a task again, and follow one that runs', async () => {
    const { out: id, err } = await wegent(
      'run',
      'assistant',
      '-n',
      'public',
      '--detach',
      '30 words at 20 words per second',
    );
    expect(err).toBe('');
    const followed = await wegent('logs', '-f', id.trim());
    expect(followed).toMatchObject({ code: 0, err: '' });
    expect(followed.out).toMatch(/^› 30 words at 20 words per second\n(\S+\s+){30}$/);
    expect((await wegent('logs', id.trim())).out).toBe(followed.out);
    expect(await wegent('logs', 'nothing')).toMatchObject({ code: 1 });
  });

  test('a key in the environment needs no login; a credential for kubectl is short-lived', async () => {
    const { out } = await wegent('credential');
    const { status } = JSON.parse(out) as { status: { token: string; expirationTimestamp: string } };
    expect(Date.parse(status.expirationTimestamp) - Date.now()).toBeLessThan(3_600_000);
    const job = commandLine(path.join(folder, 'none.json'), {
      WEGENT_SERVER: product.url,
      WEGENT_TOKEN: status.token,
    });
    expect(await job('get', 'teams', '-A', '-o', 'name')).toMatchObject({ code: 0, err: '' });
  });

  test('the server hands out the command that belongs to it', async () => {
    const response = await fetch(`${product.url}/cli/wegent.mjs`);
    expect(response.headers.get('content-type')).toMatch(/^text\/javascript/);
    const file = await place('wegent', await response.text());
    const { stdout } = await promisify(execFile)(process.execPath, [file, '--version']);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('kubeconfig holds no token', async () => {
    const { code, out, err } = await wegent('kubeconfig');
    expect(err).toBe('');
    expect(code).toBe(0);
    const { users, clusters } = parse(out) as {
      users: { user: Record<string, unknown> }[];
      clusters: { cluster: Record<string, string> }[];
    };
    expect(Object.keys(users[0]?.user ?? {})).toEqual(['exec']);
    expect(clusters[0]?.cluster.server).toMatch(/^https:/);
    expect(clusters[0]?.cluster['certificate-authority-data']).toMatch(/^[\w+/=]+$/);
  });

  test('logout ends the session at the server', async () => {
    const before = JSON.parse((await wegent('credential')).out) as { status: { token: string } };
    expect(await wegent('logout')).toMatchObject({ code: 0, out: expect.stringMatching(/^Signed out/) });
    expect(await readFile(config, 'utf8')).not.toContain(before.status.token);
    const after = await fetch(`${product.url}/api/v1/users/me`, {
      headers: { authorization: `Bearer ${before.status.token}` },
    });
    expect(after.status).toBe(401);
    expect(await wegent('get', 'teams')).toMatchObject({ code: 2 });
  });
});
