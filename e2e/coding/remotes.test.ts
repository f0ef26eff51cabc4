import { createHash } from 'node:crypto';
import type { ChangeList, CommitResult, PullRequest, TaskRepository } from '@wegent/api';
import {
  type BareRepository,
  createBareRepository,
  describeWith,
  type FakeGitHost,
  type GitSshServer,
  startFakeGitHost,
  startGitHttpServer,
  startGitSshServer,
  type TemporaryFolder,
  temporaryFolder,
} from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bashCall, outputOf, runAsAgent } from '../support/agent-shell.ts';
import { type CodingStage, type CodingTask, object, startCodingStage } from '../support/coding.ts';
import { expectNothingLeft, tracesOf } from '../support/leaks.ts';

const HOST_TYPES = ['github', 'gitlab', 'gitea', 'gitee'] as const;
const HOST_TOKEN = 'octos-secret-token-1234';

describeWith(['claude-code', 'bubblewrap', 'sshd', 'git-lfs'], 'coding tasks on remotes of all kinds', () => {
  const stack = new AsyncDisposableStack();
  const hosts = new Map<string, { host: FakeGitHost; bare: BareRepository }>();
  let stage: CodingStage;
  let ssh: GitSshServer;
  let local: TemporaryFolder;

  beforeAll(async () => {
    ssh = stack.use(await startGitSshServer());
    local = stack.use(await temporaryFolder());
    const hidden = stack.use(await startGitHttpServer());
    for (const type of HOST_TYPES) {
      const host = stack.use(await startFakeGitHost({ type, git: hidden }));
      host.addToken(HOST_TOKEN, 'octo');
      const bare = await hidden.createRepository(`octo/${type}.git`);
      host.addRepository(`octo/${type}`, { bare });
      hosts.set(type, { host, bare });
    }
    const allow = [`127.0.0.1:${ssh.port}`, ...[...hosts.values()].map(({ host }) => host.domain)];
    stage = stack.use(
      await startCodingStage({ sandbox: 'local', allow, env: { LOCAL_REPOSITORIES: local.path } }),
    );
  });
  afterAll(async () => {
    const traces = stage ? await tracesOf([stage.product.dataDir]) : undefined;
    await stack.disposeAsync();
    if (traces) await expectNothingLeft(traces);
  });

  const connect = (body: object) =>
    stage.admin.api.http.request('POST', '/api/v1/users/me/git-hosts', { body });
  const start = (gitUrl: string, message: string, branchName?: string) =>
    stage.start({ message, workspace: { gitUrl, ...(branchName === undefined ? {} : { branchName }) } });
  const ended = async (task: CodingTask) => {
    const answer = await task.answered();
    expect(answer.status, JSON.stringify(answer.error)).toBe('completed');
    return answer;
  };
  const publish = async (task: CodingTask, message: string) => {
    await task.post<CommitResult>('/commit', { message });
    return task.post<CommitResult>('/push');
  };
  /** What a request is refused with. */
  const refusal = (asked: Promise<unknown>) =>
    asked.then(
      (value) => {
        throw new Error(`it was not refused: ${JSON.stringify(value)}`);
      },
      (error: { code?: number; reason?: string; message?: string }) => ({
        code: error.code,
        reason: error.reason,
        message: error.message,
      }),
    );
  const write = (file: string, content: string) =>
    bashCall(`cd /workspace/*/ && echo ${content} > ${file}; echo ok`);

  describe('SSH', () => {
    test("clones and pushes with the person's key, which is not in the sandbox", async () => {
      await connect({ domain: `127.0.0.1:${ssh.port}`, type: 'git', sshKey: ssh.privateKey });
      const repository = await ssh.createRepository('ada/over-ssh.git', { 'README.md': '# Over SSH\n' });
      const task = await start(repository.url, write('new.txt', 'new'));
      await ended(task);
      const { branch, commit } = await publish(task, 'Over SSH');
      expect(await repository.git('rev-parse', branch)).toBe(commit);
      expect(await repository.git('show', `${branch}:new.txt`)).toBe('new');
      expect(await task.get<TaskRepository>('/repository')).toMatchObject({
        remoteHead: commit,
        ahead: 0,
        hostType: 'git',
        canPullRequest: false,
      });
      expect((await ssh.commands()).join('\n')).toMatch(/upload-pack[\s\S]*receive-pack/);
      // The agent's own git goes the same way.
      const line = ssh.privateKey.split('\n')[2] ?? '';
      expect(line.length).toBeGreaterThan(30);
      const half = Math.floor(line.length / 2);
      const printed = await runAsAgent(
        task,
        `cd /workspace/*/ && git ls-remote origin | wc -l
        A='${line.slice(0, half)}'; B='${line.slice(half)}'
        (env; cat /proc/*/environ /proc/*/cmdline) > /tmp/all 2> /dev/null
        grep -rasF -f <(echo "$A$B") /home /workspace /run /tmp /etc 2> /dev/null | wc -l`,
      );
      const [refs, found] = printed.split('\n').map(Number);
      expect(refs).toBeGreaterThan(1);
      expect(found).toBe(0);
    });

    test('a key that the host does not know is told as that', async () => {
      await connect({ domain: `127.0.0.1:${ssh.port}`, type: 'git', sshKey: ssh.strangerKey });
      const repository = await ssh.createRepository('ada/closed.git');
      const task = await start(repository.url, '[[say Never.]]');
      const answer = await task.answered();
      expect(answer).toMatchObject({ status: 'failed', error: { reason: 'GitAuth' } });
      expect(answer.error?.message).toContain('SSH key');
      await connect({ domain: `127.0.0.1:${ssh.port}`, type: 'git', sshKey: ssh.privateKey });
      await task.send('[[say Open.]]');
      expect((await ended(task)).text).toBe('Open.');
    });
  });

  test('large files go to LFS and come back from there', async () => {
    const repository = await stage.git.createRepository('ada/large.git', {
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    });
    const task = await start(repository.url, write('big.bin', 'x'.repeat(2000)));
    await ended(task);
    const { branch } = await publish(task, 'A large file');
    const content = `${'x'.repeat(2000)}\n`;
    const oid = createHash('sha256').update(content).digest('hex');
    expect(stage.git.lfsObjects.get(oid)?.toString()).toBe(content);
    expect(await repository.git('show', `${branch}:big.bin`)).toContain(`oid sha256:${oid}`);
    const other = await start(repository.url, bashCall('wc -c < /workspace/large/big.bin'), branch);
    expect(outputOf(await ended(other)).trim()).toBe(String(content.length));
    expect((await other.get<ChangeList>('/changes')).files).toEqual([]);
  });

  test('an empty repository gets its first commit', async () => {
    const repository = await stage.git.createRepository('ada/empty.git', {});
    const task = await start(repository.url, write('first.txt', 'first'));
    await ended(task);
    expect((await task.get<ChangeList>('/changes')).files).toEqual([
      expect.objectContaining({ path: 'first.txt', status: 'added' }),
    ]);
    const { branch, commit } = await publish(task, 'First');
    expect(await repository.git('rev-parse', branch)).toBe(commit);
    expect(await repository.git('rev-list', '--count', branch)).toBe('1');
  });

  test('a submodule of the same repository is checked out where the Workspace wants it', async () => {
    const repository = await stage.git.createRepository('ada/with-module.git', { 'README.md': '# Main\n' });
    const docs = await repository.commit({ branch: 'docs', files: { 'guide.md': 'The guide.\n' } });
    await addSubmodule(repository, { name: 'guide', url: repository.url, commit: docs });
    await stage.admin.api.http.request('POST', '/api/v1/namespaces/default/apply', {
      body: [
        object('Workspace', 'with-module', {
          repository: { gitUrl: repository.url, branchName: 'main' },
          submodules: true,
        }),
      ],
    });
    const message = bashCall('cat /workspace/with-module/guide/guide.md');
    const task = await stage.start({ message, workspace: { name: 'with-module', namespace: 'default' } });
    expect(outputOf(await ended(task)).trim()).toBe('The guide.');
    const plain = await start(repository.url, bashCall('ls /workspace/with-module/guide; echo none'));
    expect(outputOf(await ended(plain)).trim()).toBe('none');
  });

  test('a submodule that may not be reached fails with its address', async () => {
    const other = await stage.git.createRepository('bob/module.git');
    const repository = await stage.git.createRepository('ada/broken-module.git', { 'README.md': '# Main\n' });
    const commit = await other.git('rev-parse', 'main');
    await addSubmodule(repository, { name: 'theirs', url: other.url, commit });
    await stage.admin.api.http.request('POST', '/api/v1/namespaces/default/apply', {
      body: [
        object('Workspace', 'broken-module', {
          repository: { gitUrl: repository.url, branchName: 'main' },
          submodules: true,
        }),
      ],
    });
    const task = await stage.start({
      message: '[[say Never.]]',
      workspace: { name: 'broken-module', namespace: 'default' },
    });
    const answer = await task.answered();
    expect(answer.status).toBe('failed');
    expect(answer.error?.reason).toMatch(/^Git(Failed|Auth)$/);
    expect(`${answer.error?.message}${answer.error?.detail}`).toContain('bob/module');
  });

  test('a branch that is not there is named, with those that are', async () => {
    const repository = await stage.git.createRepository('ada/branches.git');
    await repository.git('branch', 'develop', 'main');
    const task = await start(repository.url, '[[say Never.]]', 'no-such-branch');
    const answer = await task.answered();
    expect(answer).toMatchObject({ status: 'failed', error: { reason: 'GitFailed', retryable: false } });
    for (const name of ['no-such-branch', 'develop', 'main']) expect(answer.error?.message).toContain(name);
  });

  test('a push after somebody else pushed is refused, says what to do, and that helps', async () => {
    const repository = await stage.git.createRepository('ada/contended.git');
    const task = await start(repository.url, write('mine.txt', 'one'));
    await ended(task);
    const { branch } = await publish(task, 'Mine');
    const theirs = await repository.commit({
      branch,
      files: { 'theirs.txt': 'theirs\n' },
      message: 'Theirs',
    });
    await task.send(write('mine.txt', 'two'));
    await ended(task);
    await task.post('/commit', { message: 'Mine again' });
    const refused = await refusal(task.post('/push'));
    expect(refused).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(refused.message).toContain(`git pull --rebase origin ${branch}`);
    expect(await repository.git('rev-parse', branch)).toBe(theirs);
    await runAsAgent(task, `cd /workspace/contended && git pull -q --rebase origin ${branch} && echo ok`);
    const { commit } = await task.post<CommitResult>('/push');
    expect(await repository.git('log', '--format=%s', `main..${branch}`)).toBe('Mine again\nTheirs\nMine');
    expect(await repository.git('rev-parse', branch)).toBe(commit);
    expect((await refusal(task.post('/commit', { message: 'Nothing' }))).message).toContain(
      'nothing to commit',
    );
  });

  test('a folder of the server works where the operator allows it, and nowhere else', async () => {
    const repository = await createBareRepository({
      root: local.path,
      name: 'here.git',
      url: `${local.path}/here.git`,
    });
    const task = await start(repository.path, write('new.txt', 'new'));
    await ended(task);
    const { branch, commit } = await publish(task, 'In a folder');
    expect(await repository.git('rev-parse', branch)).toBe(commit);
    // The folder itself is not in the sandbox.
    expect(await runAsAgent(task, `ls ${repository.path} 2> /dev/null; echo none`)).toBe('none');
    await using elsewhere = await temporaryFolder();
    const other = await createBareRepository({ root: elsewhere.path, name: 'x.git', url: '' });
    for (const place of [other.path, `file://${other.path}`, `${local.path}/../${other.path}`, '/etc'])
      expect(await refusal(start(place, '[[say Never.]]')), place).toMatchObject({ reason: 'Invalid' });
  });

  test.each(HOST_TYPES)('the way to a merged pull request at %s', async (type) => {
    const known = hosts.get(type);
    if (!known) throw new Error(`there is no ${type}`);
    const { host, bare } = known;
    await connect({ domain: host.domain, type, token: HOST_TOKEN });
    const task = await start(`${host.origin}/octo/${type}.git`, write('feature.txt', 'feature'), 'main');
    await ended(task);
    const state = () => task.get<TaskRepository>('/repository');
    expect(await state()).toMatchObject({
      hostType: type,
      canPullRequest: true,
      next: 'commit',
      uncommitted: 1,
    });

    await task.post<CommitResult>('/commit', { message: 'A feature' });
    expect((await state()).next).toBe('push');
    const early = await refusal(task.post('/pull-request', {}));
    expect(early).toMatchObject({ code: 409 });
    expect(early.message).toContain('push it first');

    const { branch, commit } = await task.post<CommitResult>('/push');
    expect(await bare.git('rev-parse', branch)).toBe(commit);
    expect(await state()).toMatchObject({ next: 'create-pull-request', remoteHead: commit });

    // The agent says that it made one; the remote knows nothing of it.
    await task.send('[[say I have created pull request #77 and merged it.]]');
    await ended(task);
    expect(await state()).toMatchObject({ next: 'create-pull-request' });
    expect((await state()).pullRequest).toBeUndefined();

    const made = await task.post<PullRequest>('/pull-request', { title: 'A feature', body: 'Please look.' });
    expect(made).toMatchObject({
      state: 'open',
      sourceBranch: branch,
      targetBranch: 'main',
      title: 'A feature',
    });
    const repository = host.repository(`octo/${type}`);
    expect(repository.pullRequests).toHaveLength(1);
    const updated = await task.post<PullRequest>('/pull-request', { title: 'A better feature' });
    expect(updated).toMatchObject({ number: made.number, title: 'A better feature', state: 'open' });
    expect(repository.pullRequests).toHaveLength(1);
    expect(repository.pullRequests[0]).toMatchObject({ body: 'Please look.', author: 'octo' });

    repository.checks.set(commit, [
      { name: 'build', state: 'success' },
      { name: 'test', state: 'pending' },
    ]);
    expect(await state()).toMatchObject({
      next: 'view-pull-request',
      pullRequest: { state: 'open', checks: { state: 'pending' } },
    });
    repository.checks.set(commit, [
      { name: 'build', state: 'success' },
      { name: 'test', state: 'failure' },
    ]);
    expect((await state()).pullRequest?.checks).toMatchObject({ state: 'failure' });
    repository.checks.set(commit, [{ name: 'build', state: 'success' }]);
    expect((await state()).pullRequest?.checks).toMatchObject({ state: 'success' });

    const [pull] = repository.pullRequests;
    if (pull) pull.state = 'merged';
    const merged = await state();
    expect(merged.pullRequest).toMatchObject({ number: made.number, state: 'merged' });
    expect(merged.next).not.toBe('create-pull-request');
    // The token came to the host, and stayed out of the sandbox.
    expect(host.requests.length).toBeGreaterThan(10);
    const [head, tail] = [HOST_TOKEN.slice(0, 10), HOST_TOKEN.slice(10)];
    const found = await runAsAgent(
      task,
      `A=${head}; B=${tail}; (env; cat /proc/*/environ /proc/*/cmdline) > /tmp/all 2> /dev/null
      grep -rasF -f <(echo "$A$B") /home /workspace /run /tmp /etc 2> /dev/null | wc -l`,
    );
    expect(Number(found)).toBe(0);
  });
});

/** Commits a submodule to `main` of a bare repository. */
async function addSubmodule(
  { git, commit: commitFiles }: BareRepository,
  { name, url, commit }: { name: string; url: string; commit: string },
): Promise<void> {
  await commitFiles({
    files: { '.gitmodules': `[submodule "${name}"]\n\tpath = ${name}\n\turl = ${url}\n` },
  });
  await git('read-tree', 'main');
  await git('update-index', '--add', '--cacheinfo', `160000,${commit},${name}`);
  const tree = await git('write-tree');
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  const head = await git(...identity, 'commit-tree', tree, '-p', 'main', '-m', 'A submodule');
  await git('update-ref', 'refs/heads/main', head);
}
