import { execFile } from 'node:child_process';
import {
  chmod,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SandboxTurn } from '@wegent/engine/sandbox';
import { type GitHttpServer, gitEnvironment, startGitHttpServer, waitFor } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { finishOf, type Harness, RUN_TOKEN, send, startHarness, workspaceOf } from './harness.ts';

const exec = promisify(execFile);
let git: GitHttpServer;
beforeAll(async () => {
  git = await startGitHttpServer();
});
afterAll(() => git[Symbol.asyncDispose]());

/** An executor whose work tree is there. */
async function withTree(name: string, files?: Record<string, string>) {
  const repository = await git.createRepository(`owner/${name}.git`, files);
  const harness = await startHarness();
  harness.gateway.repository = repository.url;
  const workspace = workspaceOf(repository.url);
  const prepared = await harness.call('PUT', '/v1/workspace', { workspace, runToken: RUN_TOKEN });
  expect(prepared.status).toBe(204);
  const folder = join(harness.workspaceFolder, name);
  const turn = async (turnId: string, script: (turn: SandboxTurn) => Promise<void>) => {
    harness.script = script;
    const events = await harness.turn(turnId, { workspace });
    expect(finishOf(events)).toEqual({ type: 'finish', outcome: 'completed' });
    return events;
  };
  return { repository, harness, workspace, folder, turn };
}

async function inTree(folder: string, ...args: string[]): Promise<string> {
  const env = {
    ...gitEnvironment('/nonexistent'),
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@b',
  };
  return (await exec('git', args, { cwd: folder, env })).stdout.trim();
}

const changesOf = async (harness: Harness, turn?: string) =>
  (await harness.call('GET', `/v1/changes${turn ? `?turn=${turn}` : ''}`)).json;
const patchOf = (harness: Harness, path: string) =>
  harness.call('GET', `/v1/changes/${encodeURIComponent(path)}`);
const fileOf = (harness: Harness, path: string, query = '') =>
  harness.call('GET', `/v1/files/${path.split('/').map(encodeURIComponent).join('/')}${query}`);

describe('changes', () => {
  test('tell committed, uncommitted, untracked and renamed files against the merge base, and one turn apart', async () => {
    const long = Array.from({ length: 30 }, (_, index) => `line ${index}\n`).join('');
    const { repository, harness, folder, turn } = await withTree('changes', {
      'a.txt': 'a\n',
      'old name.txt': long,
      '.gitignore': 'ignored\n',
    });
    await using _ = harness;
    await turn('t1', async ({ workFolder }) => {
      await rename(join(workFolder, 'old name.txt'), join(workFolder, 'new name.txt'));
      await writeFile(join(workFolder, 'a.txt'), 'b\n');
      await inTree(workFolder, 'add', '-A');
      await inTree(workFolder, 'commit', '-qm', 'x');
      await writeFile(join(workFolder, 'ignored'), 'x');
    });
    await turn('t2', async ({ workFolder }) => {
      await mkdir(join(workFolder, 'sub'));
      await writeFile(join(workFolder, 'sub/ünï.bin'), Buffer.from([0, 1, 2, 255]));
    });
    // What others do on the base branch since is no change of ours.
    await repository.commit({ files: { 'theirs.txt': 'x\n' } });
    const all = await changesOf(harness);
    expect(all).toEqual({
      branch: 'wegent/task-1',
      base: expect.stringMatching(/^[0-9a-f]{40}$/),
      files: [
        { path: 'a.txt', status: 'modified', additions: 1, deletions: 1 },
        { path: 'new name.txt', oldPath: 'old name.txt', status: 'renamed', additions: 0, deletions: 0 },
        { path: 'sub/ünï.bin', status: 'added', additions: 0, deletions: 0, binary: true },
      ],
    });
    expect((await changesOf(harness, 't2')).files.map((file: { path: string }) => file.path)).toEqual([
      'sub/ünï.bin',
    ]);
    expect((await harness.call('GET', '/v1/changes?turn=nope')).status).toBe(404);
    expect((await patchOf(harness, 'a.txt')).text).toContain('-a\n+b\n');
    expect((await patchOf(harness, 'new name.txt')).text).toContain('rename from old name.txt');
    expect((await patchOf(harness, 'sub/ünï.bin')).text).toContain('Binary files');
    expect((await patchOf(harness, 'theirs.txt')).status).toBe(404);
    // Nothing of this is in the repository that the agent sees.
    expect(await inTree(folder, 'for-each-ref', '--format=%(refname)')).not.toContain('turns');
    expect((await readdir(harness.workspaceFolder)).toSorted()).toEqual(['changes']);
  });

  test('work without a repository', async () => {
    await using harness = await startHarness();
    harness.script = async ({ workFolder }) => {
      expect(workFolder).toBe(join(harness.workspaceFolder, 'project'));
      await mkdir(join(workFolder, 'node_modules'));
      await writeFile(join(workFolder, 'node_modules/x.js'), 'x');
      await writeFile(join(workFolder, 'page.html'), '<p>\n');
    };
    const events = await harness.turn('t1');
    const files = [{ path: 'page.html', status: 'added', additions: 1, deletions: 0 }];
    expect(events).toContainEqual({ type: 'files-changed', files });
    expect((await changesOf(harness)).files).toEqual(files);
    expect((await harness.call('GET', '/v1/repository')).status).toBe(404);
  });

  test('bound long patches, and leave out files that are too large to keep', async () => {
    const { harness, folder } = await withTree('long');
    await using _ = harness;
    await writeFile(join(folder, 'long.txt'), 'some line of text\n'.repeat(200_000));
    await exec('truncate', ['-s', '200G', join(folder, 'sparse.img')]);
    await writeFile(join(folder, 'secret'), 'x');
    expect((await changesOf(harness)).files.map((file: { path: string }) => file.path)).toContain('long.txt');
    expect((await changesOf(harness)).files.map((file: { path: string }) => file.path)).not.toContain(
      'sparse.img',
    );
    const patch = await patchOf(harness, 'long.txt');
    expect(patch.bytes.length).toBeLessThan(1_100_000);
    expect(patch.text).toContain('too long to be shown');
    expect((await fileOf(harness, 'sparse.img')).status).toBe(413);
    expect((await fileOf(harness, 'sparse.img', '?offset=1000&limit=10')).bytes).toEqual(Buffer.alloc(10));
  });

  test('survive hostile names, links, pipes and repositories in the work tree', async () => {
    const { harness, folder } = await withTree('hostile');
    await using _ = harness;
    const names = [
      'new\nline',
      '\x1b[31mred\x1b[0m',
      '<img src=x onerror=alert(1)>',
      '-rf',
      ':(top)magic',
      'quote"\'\\',
      ' lead',
      '*',
    ];
    for (const name of names) await writeFile(join(folder, name), 'x\n');
    await writeFile(Buffer.concat([Buffer.from(`${folder}/bad-`), Buffer.from([0xff, 0xfe])]), 'not utf-8\n');
    await symlink('/etc/passwd', join(folder, 'link'));
    await exec('mkfifo', [join(folder, 'pipe')]);
    await mkdir(join(folder, 'inner'));
    await inTree(join(folder, 'inner'), 'init', '-q');
    await writeFile(join(folder, 'inner/file'), 'x');
    const { files } = await changesOf(harness);
    const paths = files.map((file: { path: string }) => file.path);
    expect(paths.toSorted()).toEqual([...names, 'bad-\uFFFD\uFFFD', 'link'].toSorted());
    for (const name of names) {
      const patch = await patchOf(harness, name);
      expect(patch.status).toBe(200);
      expect(patch.text).toContain('+x');
      expect((await fileOf(harness, name)).text).toBe('x\n');
    }
    expect((await patchOf(harness, 'bad-\uFFFD\uFFFD')).text).toContain('+not utf-8');
    expect((await fileOf(harness, 'bad-\uFFFD\uFFFD')).text).toBe('not utf-8\n');
    expect((await patchOf(harness, 'link')).text).toContain('+/etc/passwd');
    const listing = (await harness.call('GET', '/v1/files?path=')).json;
    expect(listing.entries.find((entry: { name: string }) => entry.name === 'pipe').type).toBe('other');
    const commit = await harness.call('POST', '/v1/git/commit', {
      message: 'x',
      author: { name: 'A', email: 'a@b' },
    });
    expect([200, 409]).toContain(commit.status);
  });

  test('run nothing that the repository configures', async () => {
    const { harness, folder, turn, workspace } = await withTree('armed', {
      'a.txt': 'a\n',
      '.gitattributes': '*.txt filter=evil diff=evil merge=evil\n',
    });
    await using _ = harness;
    const fired = join(harness.folder, 'fired');
    const trap = join(harness.folder, 'trap.sh');
    await writeFile(trap, `#!/bin/sh\necho "$0 $*" >> ${fired}\n`);
    await chmod(trap, 0o755);
    for (const [name, value] of [
      ['core.fsmonitor', trap],
      ['core.hooksPath', join(folder, '.git/hooks')],
      ['core.sshCommand', trap],
      ['core.askPass', trap],
      ['core.editor', trap],
      ['core.pager', trap],
      ['credential.helper', trap],
      ['diff.external', trap],
      ['diff.evil.command', trap],
      ['diff.evil.textconv', trap],
      ['filter.evil.clean', trap],
      ['filter.evil.smudge', trap],
      ['filter.evil.process', trap],
      ['filter.evil.required', 'true'],
      ['merge.evil.driver', trap],
      ['gpg.program', trap],
      ['commit.gpgSign', 'true'],
      ['remote.origin.url', `ext::${trap}`],
      ['remote.origin.uploadpack', trap],
      ['remote.origin.receivepack', trap],
      ['protocol.ext.allow', 'always'],
      [`url.ext::${trap} .pushInsteadOf`, 'http://'],
      ['alias.status', `!${trap}`],
    ] as const) {
      await inTree(folder, 'config', name, value);
    }
    await mkdir(join(folder, '.git/hooks'), { recursive: true });
    for (const hook of [
      'pre-commit',
      'commit-msg',
      'post-commit',
      'prepare-commit-msg',
      'pre-push',
      'reference-transaction',
      'post-index-change',
      'post-checkout',
    ]) {
      await symlink(trap, join(folder, '.git/hooks', hook));
    }
    // The trap works: without our care it would go off.
    await writeFile(join(folder, 'a.txt'), 'proof\n');
    await inTree(folder, 'status').catch(() => '');
    await inTree(folder, 'add', 'a.txt').catch(() => '');
    expect(await readFile(fired, 'utf8')).toContain('trap.sh');
    await inTree(folder, 'reset', '-q').catch(() => '');
    await rm(fired, { force: true });

    await turn('t1', ({ workFolder }) => writeFile(join(workFolder, 'a.txt'), 'changed\n'));
    expect((await patchOf(harness, 'a.txt')).text).toContain('+changed');
    expect((await harness.call('POST', '/v1/turns/t1/revert')).status).toBe(200);
    await writeFile(join(folder, 'b.txt'), 'b\n');
    const author = { name: 'Ada', email: 'a@b' };
    expect((await harness.call('POST', '/v1/git/commit', { message: 'x', author })).status).toBe(200);
    await harness.call('PUT', '/v1/workspace', { workspace, runToken: RUN_TOKEN });
    expect((await harness.call('GET', '/v1/repository')).json).toMatchObject({ commits: 1, ahead: 1 });
    const pushed = await harness.call('POST', '/v1/git/push');
    expect(pushed.status).toBe(200);
    expect((await harness.call('GET', '/v1/repository')).json.remoteHead).toBe(pushed.json.commit);
    await expect(stat(fired)).rejects.toThrow('ENOENT');
  });
});

describe('reverting a turn', () => {
  test('takes back exactly what it did, binary and links too, and keeps what came later', async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}\n`);
    const { harness, folder, turn } = await withTree('revert', {
      'a.txt': lines.join(''),
      'gone.txt': 'gone\n',
    });
    await using _ = harness;
    await turn('t1', async ({ workFolder }) => {
      await writeFile(join(workFolder, 'a.txt'), ['first\n', ...lines.slice(1)].join(''));
      await rm(join(workFolder, 'gone.txt'));
      await writeFile(join(workFolder, 'image.bin'), Buffer.from([0, 255, 1, 254, 10, 0]));
      await symlink('/etc/hostname', join(workFolder, 'link'));
      await mkdir(join(workFolder, 'deep/er'), { recursive: true });
      await writeFile(join(workFolder, 'deep/er/x'), 'x\n');
    });
    await turn('t2', ({ workFolder }) =>
      writeFile(join(workFolder, 'a.txt'), ['first\n', ...lines.slice(1, -1), 'last\n'].join('')),
    );
    const reverted = await harness.call('POST', '/v1/turns/t1/revert');
    expect(reverted.status).toBe(200);
    expect(
      reverted.json.files.map((file: { path: string; status: string }) => `${file.status} ${file.path}`),
    ).toEqual(['modified a.txt', 'deleted deep/er/x', 'added gone.txt', 'deleted image.bin', 'deleted link']);
    expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe([...lines.slice(0, -1), 'last\n'].join(''));
    expect((await readdir(folder)).toSorted()).toEqual(['.git', 'a.txt', 'gone.txt']);
    // A second time there is nothing left to take back.
    expect((await harness.call('POST', '/v1/turns/t1/revert')).status).toBe(409);
    expect((await harness.call('POST', '/v1/turns/never/revert')).status).toBe(404);
  });

  test('changes nothing and names the files when later changes touch the same lines', async () => {
    const { harness, folder, turn } = await withTree('conflict', { 'a.txt': 'a\n', 'b.txt': 'b\n' });
    await using _ = harness;
    await turn('t1', async ({ workFolder }) => {
      await writeFile(join(workFolder, 'a.txt'), 'a1\n');
      await writeFile(join(workFolder, 'b.txt'), 'b1\n');
    });
    await turn('t2', ({ workFolder }) => writeFile(join(workFolder, 'a.txt'), 'a2\n'));
    const refused = await harness.call('POST', '/v1/turns/t1/revert');
    expect(refused.status).toBe(409);
    expect(refused.json.message).toContain('"a.txt"');
    expect(refused.json.message).not.toContain('"b.txt"');
    expect(await readFile(join(folder, 'b.txt'), 'utf8')).toBe('b1\n');
    expect((await harness.call('POST', '/v1/turns/t2/revert')).status).toBe(200);
    expect((await harness.call('POST', '/v1/turns/t1/revert')).status).toBe(200);
    expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe('a\n');
  });

  test('does not write through a link that took the place of a folder', async () => {
    const { harness, folder, turn } = await withTree('through', { 'dir/a.txt': 'a\n' });
    await using _ = harness;
    await turn('t1', ({ workFolder }) => writeFile(join(workFolder, 'dir/a.txt'), 'changed\n'));
    const outside = join(harness.folder, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'a.txt'), 'changed\n');
    await rm(join(folder, 'dir'), { recursive: true });
    await symlink(outside, join(folder, 'dir'));
    expect((await harness.call('POST', '/v1/turns/t1/revert')).status).toBe(409);
    expect(await readFile(join(outside, 'a.txt'), 'utf8')).toBe('changed\n');
  });

  test('waits for no agent', async () => {
    const { harness, workspace } = await withTree('busy');
    await using _ = harness;
    const go = Promise.withResolvers<void>();
    harness.script = () => go.promise;
    await harness.startTurn('t1', { workspace });
    const refused = await harness.call('POST', '/v1/turns/t1/revert');
    expect(refused.status).toBe(409);
    expect(refused.json.message).toContain('at work');
    go.resolve();
    await harness.finished('t1');
  });
});

describe('files', () => {
  test('are listed and read within the work tree, and nothing outside of it is', async () => {
    const { harness, folder } = await withTree('files', { 'a.txt': 'hello', 'dir/b.txt': 'b' });
    await using _ = harness;
    await writeFile(join(harness.folder, 'secret'), 'secret');
    await symlink('a.txt', join(folder, 'inside'));
    await symlink(join(harness.folder, 'secret'), join(folder, 'outside'));
    await symlink('../../secret', join(folder, 'relative'));
    await symlink('/', join(folder, 'root'));
    await symlink('loop', join(folder, 'loop'));
    await mkdir(`${folder}-sibling`);
    await writeFile(`${folder}-sibling/x`, 'secret');
    await symlink(`${folder}-sibling`, join(folder, 'sibling'));
    await link(join(folder, 'a.txt'), join(folder, 'hard'));
    await exec('mkfifo', [join(folder, 'pipe')]);
    const listing = (await harness.call('GET', '/v1/files?path=')).json;
    const told = Object.fromEntries(
      listing.entries.map((entry: { name: string; type: string }) => [entry.name, entry.type]),
    );
    expect(told).toMatchObject({
      dir: 'folder',
      'a.txt': 'file',
      outside: 'link',
      pipe: 'other',
      hard: 'file',
    });
    expect(told).not.toHaveProperty('.git');
    expect(listing.entries[0].name).toBe('dir');
    expect((await harness.call('GET', '/v1/files?path=dir')).json.entries).toHaveLength(1);
    const file = await fileOf(harness, 'a.txt');
    expect([file.text, file.headers['content-type']]).toEqual(['hello', 'application/octet-stream']);
    expect((await fileOf(harness, 'inside')).text).toBe('hello');
    expect((await fileOf(harness, 'hard')).text).toBe('hello');
    expect((await fileOf(harness, 'a.txt', '?offset=1&limit=3')).text).toBe('ell');
    expect((await fileOf(harness, 'a.txt', '?offset=x')).status).toBe(400);
    for (const path of [
      'outside',
      'relative',
      'root/etc/passwd',
      'sibling/x',
      'loop',
      'nope',
      'a.txt/x',
      'x'.repeat(300),
    ]) {
      const answer = await fileOf(harness, path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.text).not.toContain(harness.folder);
    }
    for (const path of [
      '..%2f..%2fsecret',
      '%2fetc%2fpasswd',
      'dir%2f..%2f..%2f..%2fsecret',
      'a%00',
      'pipe',
      'dir',
    ]) {
      expect([path, (await harness.call('GET', `/v1/files/${path}`)).status]).toEqual([path, 400]);
    }
    expect((await harness.call('GET', '/v1/files/%ff')).status).toBe(400);
    for (const path of ['root', 'sibling', 'outside']) {
      expect((await harness.call('GET', `/v1/files?path=${path}`)).status).toBe(404);
    }
    expect((await harness.call('GET', '/v1/files?path=../..')).status).toBe(400);
  });
});

describe('terminals', () => {
  test('are shells on a terminal with a size, replay their end, and close', async () => {
    const { harness, folder } = await withTree('shell');
    await using _ = harness;
    const opened = await harness.call('POST', '/v1/terminals', { cols: 91, rows: 23 });
    expect(opened.status).toBe(201);
    const path = `/v1/terminals/${opened.json.terminalId}`;
    const type = (keys: string) => harness.call('POST', `${path}/input`, Buffer.from(keys));
    const screen = await watch(harness, path);
    await type('echo here=$PWD; stty size; tty\n');
    await screen.until(`here=${folder}`);
    await screen.until('23 91');
    await screen.until('/dev/pts/');
    expect((await harness.call('POST', `${path}/resize`, { cols: 120, rows: 40 })).status).toBe(204);
    await type('stty size\n');
    await screen.until('40 120');
    await type('env\necho do""ne\n');
    await screen.until('done');
    expect(screen.text()).not.toContain(RUN_TOKEN);
    const second = await watch(harness, path);
    await second.until('23 91');
    expect((await harness.call('POST', `${path}/resize`, { cols: 0, rows: 40 })).status).toBe(422);
    await type('exit\n');
    await screen.ended;
    await waitFor(async () => (await type('x')).status === 404, { what: 'the terminal to be gone' });
  });

  test('are at most eight, and closing one ends what runs in it', async () => {
    await using harness = await startHarness();
    const ids: string[] = [];
    for (let index = 0; index < 8; index++) {
      ids.push((await harness.call('POST', '/v1/terminals', { cols: 80, rows: 24 })).json.terminalId);
    }
    expect((await harness.call('POST', '/v1/terminals', { cols: 80, rows: 24 })).status).toBe(429);
    const path = `/v1/terminals/${ids[0]}`;
    const screen = await watch(harness, path);
    await harness.call('POST', `${path}/input`, Buffer.from('echo pid=$$\n'));
    await screen.until(/pid=\d+/);
    const pid = Number(/pid=(\d+)/.exec(screen.text())?.[1]);
    expect((await harness.call('DELETE', path)).status).toBe(204);
    await screen.ended;
    await waitFor(() => !isAlive(pid), { what: 'the shell to end' });
    await waitFor(
      async () => (await harness.call('POST', '/v1/terminals', { cols: 80, rows: 24 })).status === 201,
      { what: 'a free place' },
    );
  });
});

describe('the archive', () => {
  test('carries workspace, snapshots and home to another sandbox, links as links', async () => {
    const { repository, harness, workspace, folder, turn } = await withTree('moved', { 'a.txt': 'a\n' });
    await using _ = harness;
    await turn('t1', async ({ workFolder, homeFolder }) => {
      await writeFile(join(workFolder, 'a.txt'), 'b\n');
      await symlink('/etc/passwd', join(workFolder, 'absolute'));
      await symlink('./a.txt', join(workFolder, 'relative'));
      await link(join(workFolder, 'a.txt'), join(workFolder, 'hard'));
      await mkdir(join(homeFolder, '.claude'), { recursive: true });
      await mkdir(join(homeFolder, '.cache'), { recursive: true });
      await writeFile(join(homeFolder, '.claude/session'), 'session');
      await writeFile(join(homeFolder, '.cache/x'), 'x');
    });
    const packed = await harness.call('GET', '/v1/archive');
    expect(packed.status).toBe(200);
    await using other = await startHarness();
    other.gateway.repository = repository.url;
    const restored = await other.call('PUT', '/v1/archive', packed.bytes);
    expect([restored.status, restored.text]).toEqual([204, '']);
    const moved = join(other.workspaceFolder, 'moved');
    expect(await readFile(join(moved, 'a.txt'), 'utf8')).toBe('b\n');
    expect(await readlink(join(moved, 'absolute'))).toBe('/etc/passwd');
    expect(await readlink(join(moved, 'relative'))).toBe('./a.txt');
    expect((await stat(join(moved, 'hard'))).ino).toBe((await stat(join(moved, 'a.txt'))).ino);
    expect(await readFile(join(other.homeFolder, '.claude/session'), 'utf8')).toBe('session');
    expect(await readdir(other.homeFolder)).not.toContain('.cache');
    expect((await changesOf(other)).files).toEqual((await changesOf(harness)).files);
    expect(await inTree(moved, 'status', '--porcelain')).toBe(await inTree(folder, 'status', '--porcelain'));
    expect((await other.call('POST', '/v1/turns/t1/revert')).status).toBe(200);
    expect(await readFile(join(moved, 'a.txt'), 'utf8')).toBe('a\n');
    expect(finishOf(await other.turn('t2', { workspace })).outcome).toBe('completed');
    const again = await other.call('PUT', '/v1/archive', packed.bytes);
    expect(again.status).toBe(409);
    expect(await readFile(join(moved, 'a.txt'), 'utf8')).toBe('a\n');
  });

  test('refuses what is no archive', async () => {
    await using harness = await startHarness();
    expect((await harness.call('PUT', '/v1/archive', Buffer.alloc(5000, 'x'))).status).toBe(400);
    await using empty = await startHarness();
    const { stdout } = await exec(
      'sh',
      [
        '-c',
        'mkdir -p "$0/evil/workspace" && cd "$0/evil" && echo x > f && tar -cP --transform "s,f,workspace/../../escaped," f',
        harness.folder,
      ],
      { encoding: 'buffer' },
    );
    await empty.call('PUT', '/v1/archive', stdout);
    expect(await readdir(empty.folder)).not.toContain('escaped');
  });
});

async function watch(harness: Harness, path: string) {
  const response = await send({ socketPath: harness.socketPath, method: 'GET', path: `${path}/output` });
  let text = '';
  response.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  const ended = new Promise<void>((resolve) => response.once('close', resolve));
  return {
    text: () => text,
    ended,
    until: (wanted: string | RegExp) =>
      waitFor(() => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)), {
        what: `${wanted} in ${JSON.stringify(text)}`,
      }),
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
