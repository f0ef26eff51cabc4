import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type GitHttpServer, gitEnvironment, startGitHttpServer } from '@wegent/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { finishOf, type Harness, RUN_TOKEN, startHarness, workspaceOf } from './harness.ts';

const exec = promisify(execFile);
const credential = { username: 'bot', password: 'sekret-of-the-git-host' };
let git: GitHttpServer;
beforeAll(async () => {
  git = await startGitHttpServer({ credential });
});
afterAll(() => git[Symbol.asyncDispose]());
afterEach(() => {
  git.mode = 'serve';
});

/** After this git is taken to hang: far more than it is silent for on a busy machine. */
const STALL_MS = 4_000;

async function withRepository(name: string, files?: Record<string, string>) {
  const repository = await git.createRepository(name, files);
  const harness = await startHarness({ gitStallMs: STALL_MS });
  harness.gateway.repository = repository.url;
  harness.gateway.credential = credential;
  return { repository, harness, workspace: workspaceOf(repository.url) };
}

/** Git in a work tree, as a person would run it there. */
async function inTree(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await exec('git', args, { cwd: folder, env: gitEnvironment('/nonexistent') });
  return stdout.trim();
}

const prepare = (harness: Harness, workspace: unknown) =>
  harness.call('PUT', '/v1/workspace', { workspace, runToken: RUN_TOKEN });

describe('the clone', () => {
  test('has the whole history but not its blobs where the host allows that', async () => {
    const { repository, harness, workspace } = await withRepository('owner/history.git', {
      'a.txt': 'first\n',
    });
    await using _ = harness;
    await repository.git('config', 'uploadpack.allowFilter', 'true');
    const old = await repository.git('rev-parse', 'main:a.txt');
    await repository.commit({ files: { 'a.txt': 'second\n' } });
    expect((await prepare(harness, workspace)).status).toBe(204);
    const folder = join(harness.workspaceFolder, 'history');
    expect(await inTree(folder, 'rev-list', '--count', 'HEAD')).toBe('2');
    const missing = await inTree(folder, 'rev-list', '--objects', '--missing=print', 'HEAD');
    expect(missing).toContain(`?${old}`);
    // Whatever needs it gets it, through the gateway, and only while a run is active.
    harness.script = async (turn) => {
      const { stdout } = await exec('git', ['blame', '-s', 'a.txt'], { cwd: turn.workFolder, env: turn.env });
      expect(stdout).toContain('second');
      const { stdout: before } = await exec('git', ['show', 'HEAD~1:a.txt'], {
        cwd: turn.workFolder,
        env: turn.env,
      });
      expect(before).toBe('first\n');
    };
    expect(finishOf(await harness.turn('t1', { workspace }))).toEqual({
      type: 'finish',
      outcome: 'completed',
    });
  });

  test('starts from the branch that was asked for, and from the work branch where the remote has it', async () => {
    const { repository, harness, workspace } = await withRepository('owner/branches.git');
    await using _ = harness;
    await repository.commit({ branch: 'release/1', files: { 'only.txt': 'here\n' } });
    const wanted = { ...workspace, repository: { url: repository.url, branch: 'release/1' } };
    expect((await prepare(harness, wanted)).status).toBe(204);
    const folder = join(harness.workspaceFolder, 'branches');
    expect(await inTree(folder, 'rev-parse', 'HEAD')).toBe(await repository.git('rev-parse', 'release/1'));
    expect(await inTree(folder, 'branch', '--show-current')).toBe('wegent/task-1');
    expect(await inTree(folder, 'config', 'user.email')).toBe('grace@example.org');

    const pushed = await repository.commit({
      branch: 'wegent/task-1',
      files: { 'work.txt': 'done before\n' },
    });
    await using second = await startHarness();
    second.gateway.repository = repository.url;
    second.gateway.credential = credential;
    expect((await prepare(second, workspace)).status).toBe(204);
    expect(await inTree(join(second.workspaceFolder, 'branches'), 'rev-parse', 'HEAD')).toBe(pushed);
  });

  test('is told in the log of the run, as are later fetches: no progress, no gateway, no credential', async () => {
    const { repository, harness, workspace } = await withRepository('owner/logged.git');
    await using _ = harness;
    const logOf = (events: Awaited<ReturnType<Harness['turn']>>) => {
      const entries = events.filter((event) => event.type === 'log');
      expect(entries.map(({ stream }) => stream)).toEqual(entries.map(() => 'system'));
      return entries.map(({ text }) => text).join('');
    };
    const cloned = logOf(await harness.turn('t1', { workspace }));
    expect(cloned).toContain(`Cloning ${repository.url}\n`);
    expect(cloned).toContain(`From ${repository.url.replace(/\.git$/, '')}`);
    expect(cloned).toContain('wegent/task-1 is checked out, from main\n');
    expect(cloned).not.toMatch(/[\r]|\b[1-9]?\d% \(/);
    expect(cloned).not.toContain(credential.password);

    await repository.commit({ files: { 'new.txt': 'new\n' } });
    // The remote is asked beside the work of the agent.
    harness.script = async ({ workFolder }) => {
      const wanted = await repository.git('rev-parse', 'main');
      await expect.poll(() => inTree(workFolder, 'rev-parse', 'origin/main')).toBe(wanted);
    };
    expect(logOf(await harness.turn('t2', { workspace }))).toContain(`Fetching main of ${repository.url}\n`);

    git.mode = 'unauthorized';
    await using second = await startHarness();
    second.gateway.repository = repository.url;
    second.gateway.credential = credential;
    const refused = logOf(await second.turn('t3', { workspace }));
    expect(refused).toContain(`Cloning ${repository.url}\n`);
    expect(refused).not.toContain(credential.password);
  });

  test('of an empty repository is a work tree without a commit, from which the first one is pushed', async () => {
    const { repository, harness, workspace } = await withRepository('owner/empty.git', {});
    await using _ = harness;
    harness.script = (turn) => writeFile(join(turn.workFolder, 'first.txt'), 'x\n');
    const events = await harness.turn('t1', { workspace });
    expect(finishOf(events).outcome).toBe('completed');
    expect((await harness.call('GET', '/v1/changes')).json.files).toEqual([
      { path: 'first.txt', status: 'added', additions: 1, deletions: 0 },
    ]);
    const author = { name: 'Ada Person', email: 'ada@example.org' };
    const commit = await harness.call('POST', '/v1/git/commit', { message: 'First', author });
    expect(commit.status).toBe(200);
    await prepare(harness, workspace);
    expect((await harness.call('POST', '/v1/git/push')).status).toBe(200);
    expect(await repository.git('rev-parse', 'wegent/task-1')).toBe(commit.json.commit);
  });

  test('names a branch that is not there and what there is', async () => {
    const { repository, harness, workspace } = await withRepository('owner/missing.git');
    await using _ = harness;
    await repository.commit({ branch: 'develop', files: { x: 'x' } });
    const wanted = { ...workspace, repository: { url: repository.url, branch: 'nope' } };
    const { error } = finishOf(await harness.turn('t1', { workspace: wanted }));
    expect(error).toMatchObject({ reason: 'GitFailed', retryable: false });
    expect(error?.message).toContain('no branch "nope"');
    expect(error?.message).toContain('develop, main');
  });

  test.each([
    ['unauthorized', 'GitAuth', 'Git hosts'],
    ['forbidden', 'GitAuth', 'Git hosts'],
    ['error', 'GitFailed', 'could not be cloned'],
    ['reset', 'GitFailed', 'could not be cloned'],
    ['hang', 'GitFailed', `made no progress for ${STALL_MS / 1_000} s`],
  ] as const)('says what to do about a host that answers with %s', async (mode, reason, words) => {
    const { repository, harness, workspace } = await withRepository(`owner/bad-${mode}.git`);
    await using _ = harness;
    git.mode = mode;
    const { error } = finishOf(await harness.turn('t1', { workspace }));
    expect(error?.reason).toBe(reason);
    expect(error?.message).toContain(words);
    expect(error?.message).toContain(repository.url);
    expect(`${error?.message}${error?.detail}`).not.toMatch(/127\.0\.0\.1:(?!PORT)\d+\/git(?!hub)/);
    // The same task works once the host does.
    git.mode = 'serve';
    expect(finishOf(await harness.turn('t2', { workspace })).outcome).toBe('completed');
  });

  test('names a repository that is not there', async () => {
    const { harness } = await withRepository('owner/there.git');
    await using _ = harness;
    harness.gateway.repository = `${git.url}/owner/other.git`;
    const { error } = finishOf(
      await harness.turn('t1', { workspace: workspaceOf(`${git.url}/owner/other.git`) }),
    );
    expect(error).toMatchObject({ reason: 'GitFailed' });
    expect(error?.message).toContain('has no repository');
  });

  test.each(['ext::sh -c touch% x', '-oProxyCommand=x', 'https://a b/c', '/srv/repo', 'ssh://-oX/y'])(
    'refuses the address %s',
    async (url) => {
      await using harness = await startHarness();
      const { error } = finishOf(await harness.turn('t1', { workspace: workspaceOf(url) }));
      expect(error).toMatchObject({ reason: 'GitFailed', retryable: false });
      expect(error?.message).toContain('cannot be used');
    },
  );

  test('drops user and password of an address', async () => {
    const { repository, harness } = await withRepository('owner/in-url.git');
    await using _ = harness;
    const url = repository.url.replace('http://', 'http://someone:pazzword@');
    expect((await prepare(harness, workspaceOf(url))).status).toBe(204);
    const config = await readFile(join(harness.workspaceFolder, 'in-url/.git/config'), 'utf8');
    expect(config).toContain(repository.url);
    expect(config).not.toContain('pazzword');
  });

  test('checks submodules out when wanted, and files of LFS as files', async () => {
    const module = await git.createRepository('owner/app-lib.git', { 'lib.txt': 'library\n' });
    const head = await module.git('rev-parse', 'main');
    const content = 'large content of a picture\n';
    const oid = createHash('sha256').update(content).digest('hex');
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`;
    const { repository, harness, workspace } = await withRepository('owner/app.git', {
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
      'picture.bin': pointer,
      '.gitmodules': '[submodule "lib"]\n\tpath = lib\n\turl = ../app-lib.git\n',
    });
    await using _ = harness;
    // A gitlink cannot be written by fast-import's inline files, so the tree gets it here.
    const tree = await repository.git('ls-tree', 'main');
    const withLink = await new Promise<string>((resolve, reject) => {
      const child = execFile('git', ['-C', repository.path, 'mktree', '--missing'], (error, stdout) =>
        error ? reject(error) : resolve(stdout.trim()),
      );
      child.stdin?.end(`${tree}\n160000 commit ${head}\tlib\n`);
    });
    const commit = await repository.git(
      '-c',
      'user.name=A',
      '-c',
      'user.email=a@b',
      'commit-tree',
      withLink,
      '-p',
      'main',
      '-m',
      'Submodule',
    );
    await repository.git('update-ref', 'refs/heads/main', commit);
    await exec('curl', [
      '-sS',
      '-u',
      `${credential.username}:${credential.password}`,
      '-X',
      'PUT',
      '--data-binary',
      content,
      `${repository.url}/info/lfs/objects/${oid}`,
    ]);
    expect(git.lfsObjects.has(oid)).toBe(true);

    // The module goes through the proxy, where this stand-in signs nobody in: so without a credential the host refuses.
    const closed = finishOf(await harness.turn('t1', { workspace: { ...workspace, submodules: true } }));
    expect(closed.error?.reason).toBe('GitAuth');
    const events = await harness.turn('t2', { workspace });
    expect(finishOf(events)).toEqual({ type: 'finish', outcome: 'completed' });
    const folder = join(harness.workspaceFolder, 'app');
    expect(await readFile(join(folder, 'picture.bin'), 'utf8')).toBe(content);
    expect((await harness.call('GET', '/v1/changes')).json.files).toEqual([]);
    // A change of such a file is committed as a pointer, and its content goes to the host before the branch does.
    await writeFile(join(folder, 'picture.bin'), 'new content\n');
    const author = { name: 'Ada', email: 'ada@example.org' };
    expect((await harness.call('POST', '/v1/git/commit', { message: 'Picture', author })).status).toBe(200);
    await prepare(harness, workspace);
    expect((await harness.call('POST', '/v1/git/push')).text).toContain('wegent/task-1');
    expect(await repository.git('show', 'wegent/task-1:picture.bin')).toContain('oid sha256:');
    expect(git.lfsObjects.has(createHash('sha256').update('new content\n').digest('hex'))).toBe(true);
  });

  test('checks out open submodules through the proxy', async () => {
    await using open = await startGitHttpServer();
    const module = await open.createRepository('owner/lib.git', { 'lib.txt': 'library\n' });
    const { repository, harness, workspace } = await withRepository('owner/super.git', {
      '.gitmodules': `[submodule "lib"]\n\tpath = lib\n\turl = ${module.url}\n`,
    });
    await using _ = harness;
    const tree = await repository.git('ls-tree', 'main');
    const withLink = await new Promise<string>((resolve, reject) => {
      const child = execFile('git', ['-C', repository.path, 'mktree', '--missing'], (error, stdout) =>
        error ? reject(error) : resolve(stdout.trim()),
      );
      module
        .git('rev-parse', 'main')
        .then((head) => child.stdin?.end(`${tree}\n160000 commit ${head}\tlib\n`));
    });
    const commit = await repository.git(
      '-c',
      'user.name=A',
      '-c',
      'user.email=a@b',
      'commit-tree',
      withLink,
      '-p',
      'main',
      '-m',
      'Submodule',
    );
    await repository.git('update-ref', 'refs/heads/main', commit);
    const events = await harness.turn('t1', { workspace: { ...workspace, submodules: true } });
    expect(finishOf(events)).toEqual({ type: 'finish', outcome: 'completed' });
    expect(await readFile(join(harness.workspaceFolder, 'super/lib/lib.txt'), 'utf8')).toBe('library\n');
  });

  test('goes through git-ssh for ssh and for folders of the manager', async () => {
    const { repository, harness } = await withRepository('owner/by-ssh.git');
    await using _ = harness;
    harness.gateway.folder = repository.path;
    for (const [index, url] of [
      'ssh://git@git.example.org:2222/owner/by-ssh.git',
      'git@git.example.org:owner/scp.git',
      'file:///srv/local.git',
    ].entries()) {
      harness.script = async (turn) => {
        await writeFile(join(turn.workFolder, `${index}.txt`), 'x'.repeat(600_000));
        await exec('git', ['add', '.'], { cwd: turn.workFolder, env: turn.env });
        await exec('git', ['commit', '-qm', 'x'], { cwd: turn.workFolder, env: turn.env });
        await exec('git', ['push', 'origin', 'HEAD'], { cwd: turn.workFolder, env: turn.env });
        // Another repository of the same host does not go with this task's key.
        if (url.startsWith('file:')) return;
        const other = exec('git', ['ls-remote', url.replace('owner', 'stranger')], {
          cwd: turn.workFolder,
          env: turn.env,
        });
        await expect(other).rejects.toThrow('can be reached over SSH from here');
      };
      const workBranch = `wegent/ssh-${index}`;
      const workspace = workspaceOf(url, { workBranch });
      expect(finishOf(await harness.turn(`t${index}`, { workspace }))).toEqual({
        type: 'finish',
        outcome: 'completed',
      });
      expect(await repository.git('ls-tree', '--name-only', workBranch)).toContain(`${index}.txt`);
      await prepare(harness, workspace);
      expect((await harness.call('GET', '/v1/repository')).json).toMatchObject({ ahead: 0, commits: 1 });
    }
  });

  test('is fetched into again by later turns without touching local work', async () => {
    const { repository, harness, workspace } = await withRepository('owner/later.git');
    await using _ = harness;
    harness.script = (turn) => writeFile(join(turn.workFolder, 'README.md'), 'mine\n');
    await harness.turn('t1', { workspace });
    const folder = join(harness.workspaceFolder, 'later');
    const theirs = await repository.commit({ files: { 'README.md': 'theirs\n' } });
    harness.script = async (turn) => {
      for (;;) {
        if ((await inTree(turn.workFolder, 'rev-parse', 'origin/main')) === theirs) return;
        turn.signal.throwIfAborted();
      }
    };
    expect(finishOf(await harness.turn('t2', { workspace, turnSeconds: 20 })).outcome).toBe('completed');
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe('mine\n');
    // A host that is away stops no turn.
    git.mode = 'error';
    harness.script = async () => {};
    expect(finishOf(await harness.turn('t3', { workspace })).outcome).toBe('completed');
  });
});

describe('commit and push', () => {
  const author = { name: 'Ada Person', email: 'ada@example.org' };

  test('take all changes, with the person as author and committer, and never overwrite the remote', async () => {
    const { repository, harness, workspace } = await withRepository('owner/push.git');
    await using _ = harness;
    harness.script = (turn) => writeFile(join(turn.workFolder, 'new.txt'), 'x\n');
    await harness.turn('t1', { workspace });
    expect((await harness.call('POST', '/v1/git/push')).status).toBe(503);
    await prepare(harness, workspace);
    expect((await harness.call('GET', '/v1/repository')).json).toEqual({
      branch: 'wegent/task-1',
      baseBranch: 'main',
      head: await repository.git('rev-parse', 'main'),
      uncommitted: 1,
      commits: 0,
      ahead: 0,
    });
    const message = '-m trick\n\nBody with "quotes" $(touch x)';
    const committed = await harness.call('POST', '/v1/git/commit', { message, author });
    expect(committed.json).toEqual({
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      branch: 'wegent/task-1',
    });
    expect((await harness.call('POST', '/v1/git/commit', { message, author })).status).toBe(409);
    expect((await harness.call('GET', '/v1/repository')).json).toMatchObject({
      uncommitted: 0,
      commits: 1,
      ahead: 1,
    });
    const pushed = await harness.call('POST', '/v1/git/push');
    expect(pushed.json).toEqual(committed.json);
    const format = '--format=%an <%ae> %cn <%ce>%n%B';
    expect(await repository.git('log', '-1', format, 'wegent/task-1')).toBe(
      `Ada Person <ada@example.org> Ada Person <ada@example.org>\n${message}`,
    );
    expect((await harness.call('GET', '/v1/repository')).json).toMatchObject({
      ahead: 0,
      commits: 1,
      remoteHead: pushed.json.commit,
    });

    // What somebody else pushed on top of ours leaves nothing of ours to push.
    const theirs = await repository.commit({ branch: 'wegent/task-1', files: { 'theirs.txt': 'x' } });
    expect((await harness.call('GET', '/v1/repository')).json).toMatchObject({
      ahead: 0,
      commits: 1,
      head: pushed.json.commit,
      remoteHead: theirs,
    });
    await writeFile(join(harness.workspaceFolder, 'push/again.txt'), 'x\n');
    await harness.call('POST', '/v1/git/commit', { message: 'Again', author });
    expect((await harness.call('GET', '/v1/repository')).json).toMatchObject({ ahead: 1, commits: 2 });
    const refused = await harness.call('POST', '/v1/git/push');
    expect(refused.status).toBe(409);
    expect(refused.json.message).toContain('git pull --rebase origin wegent/task-1');
    expect(await repository.git('rev-parse', 'wegent/task-1')).toBe(theirs);
  });

  test('say what is wrong with the credential, and the state tells that the remote does not answer', async () => {
    const { harness, workspace } = await withRepository('owner/push-auth.git');
    await using _ = harness;
    await prepare(harness, workspace);
    await writeFile(join(harness.workspaceFolder, 'push-auth/x.txt'), 'x\n');
    await harness.call('POST', '/v1/git/commit', { message: 'X', author });
    harness.gateway.credential = { username: 'bot', password: 'old' };
    const refused = await harness.call('POST', '/v1/git/push');
    expect(refused.status).toBe(403);
    expect(refused.json.message).toMatch(/^GitAuth: .*Git hosts/);
    const state = (await harness.call('GET', '/v1/repository')).json;
    expect(state.remoteProblem).toContain('refused access');
    expect(state).toMatchObject({ commits: 1, ahead: 1 });
  });

  test('refuse another branch than the task has', async () => {
    const { harness, workspace } = await withRepository('owner/other-branch.git');
    await using _ = harness;
    await prepare(harness, workspace);
    const folder = join(harness.workspaceFolder, 'other-branch');
    await inTree(folder, 'checkout', '-q', '-b', 'elsewhere');
    await writeFile(join(folder, 'x.txt'), 'x\n');
    const refused = await harness.call('POST', '/v1/git/commit', { message: 'X', author });
    expect(refused.status).toBe(409);
    expect(refused.json.message).toContain('git switch wegent/task-1');
  });
});
