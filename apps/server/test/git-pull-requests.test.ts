import {
  type BareRepository,
  type FakeGitHost,
  type FakeGitHostType,
  type GitHttpServer,
  startFakeGitHost,
  startGitHttpServer,
  waitFor,
} from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, type Person, startChatServer } from './support/chat-server.ts';
import { createRepositoryExecutor } from './support/repository-executor.ts';

const TYPES: FakeGitHostType[] = ['github', 'gitlab', 'gitea', 'gitee'];
const TOKEN = 'bobs-secret-token-1234';
const WEAK_TOKEN = 'token-that-only-reads';

describe.each(TYPES)('pull requests at %s', (type) => {
  let git: GitHttpServer;
  let host: FakeGitHost;
  let server: ChatServer;
  let bob: Person;
  let eve: Person;
  const executor = createRepositoryExecutor();

  beforeAll(async () => {
    git = await startGitHttpServer();
    host = await startFakeGitHost({ type, git });
    host.addToken(TOKEN, 'octobob');
    host.addToken(WEAK_TOKEN, 'octoeve', { canWrite: false });
    server = await startChatServer({
      executors: executor.access,
      environment: { OUTBOUND_ALLOW: host.domain },
    });
    bob = await server.newPerson('bob');
    eve = await server.newPerson('eve');
    await connect(bob, TOKEN);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await host[Symbol.asyncDispose]();
    await git[Symbol.asyncDispose]();
  });

  async function connect(person: Person, token: string) {
    const made = await person.call('POST', '/api/v1/users/me/git-hosts', {
      domain: host.domain,
      type,
      token,
    });
    expect(made.status, made.text).toBe(201);
  }

  /** A task of Bob's on a repository of its own, which has been answered once. */
  async function newTask(name: string) {
    const bare = await git.createRepository(`octobob/${name}.git`);
    const repository = host.addRepository(`octobob/${name}`, { bare });
    const sent = await bob.send({
      message: `Mend ${name}`,
      team: { name: 'coder' },
      workspace: { gitUrl: `${host.origin}/octobob/${name}.git` },
    });
    const { taskId } = sent;
    await (await server.nextRun(taskId)).answer('The login works again.');
    await server.settled(taskId);
    const branch = (await server.store.tasks.get(taskId))?.branch ?? '';
    expect(branch).toMatch(/^wegent\//);
    const path = `/api/v1/tasks/${taskId}`;
    return {
      taskId,
      bare,
      branch,
      repository,
      state: (person = bob) => person.call('GET', `${path}/repository`),
      publish: (body: unknown = {}, person = bob) => person.call('POST', `${path}/pull-request`, body),
      /** What the executor's push would do. */
      push: () => push(bare, branch),
    };
  }

  async function push(bare: BareRepository, branch: string): Promise<string> {
    const main = await bare.git('rev-parse', 'main');
    if (!(await bare.git('branch', '--list', branch))) await bare.git('branch', branch, main);
    const commit = await bare.commit({ branch, files: { 'login.ts': `${Math.random()}` } });
    executor.says({ commits: 1, ahead: 0, head: commit, remoteHead: commit, branch });
    return commit;
  }

  test('the finish button follows the remote', async () => {
    const task = await newTask('button');
    const next = async () => (await task.state()).body.next;
    executor.says({});
    expect((await task.state()).body).toMatchObject({
      gitUrl: `${host.origin}/octobob/button.git`,
      hostType: type,
      branch: task.branch,
      baseBranch: 'main',
      canPullRequest: true,
      next: 'nothing',
    });
    executor.says({ uncommitted: 2 });
    expect(await next()).toBe('commit');
    executor.says({ commits: 1, ahead: 1, head: 'a'.repeat(40) });
    expect(await next()).toBe('push');

    const early = await task.publish();
    expect(early.status).toBe(409);
    expect(early.body.message).toContain('push it first');

    // What the sandbox says of the remote does not count.
    executor.says({ commits: 1, ahead: 0, head: 'a'.repeat(40), remoteHead: 'a'.repeat(40) });
    const lie = (await task.state()).body;
    expect(lie.next).toBe('push');
    expect(lie.remoteHead).toBeUndefined();

    const commit = await task.push();
    expect((await task.state()).body).toMatchObject({ next: 'create-pull-request', remoteHead: commit });
    expect((await task.publish()).status).toBe(201);
    expect(await next()).toBe('view-pull-request');

    const [pull] = task.repository.pullRequests;
    if (!pull) throw new Error('there is no pull request');
    pull.state = 'merged';
    expect((await task.state()).body).toMatchObject({
      next: 'view-pull-request',
      pullRequest: { state: 'merged' },
    });
    pull.state = 'closed';
    expect((await task.state()).body).toMatchObject({
      next: 'create-pull-request',
      pullRequest: { state: 'closed' },
    });
  });

  test('is created from the last answer, and everybody who looks is told', async () => {
    const task = await newTask('create');
    await task.push();
    const client = await bob.connect();
    const made = await task.publish();
    expect(made.status, made.text).toBe(201);
    expect(made.body).toMatchObject({
      title: 'Mend create',
      body: 'The login works again.',
      state: 'open',
      sourceBranch: task.branch,
      targetBranch: 'main',
    });
    expect(made.body.url).toContain(`${host.origin}/octobob/create/`);
    expect(made.body).not.toHaveProperty('headCommit');
    expect(task.repository.pullRequests).toHaveLength(1);
    expect((await server.store.tasks.get(task.taskId))?.pullRequest).toBe(made.body.url);
    await waitFor(
      () =>
        client.received.some(
          ({ name, payload }) =>
            name === 'task:updated' && JSON.stringify(payload).includes(`"pullRequest":"${made.body.url}"`),
        ),
      { what: 'the news of the pull request' },
    );
    const audit = await server.admin.call('GET', '/api/v1/admin/audit?kind=Task&limit=100');
    expect(audit.text).toContain('pull-request-create');
  });

  test('is updated while it is open, and nothing that was not asked for changes', async () => {
    const task = await newTask('update');
    await task.push();
    const made = await task.publish({ title: 'First title', body: 'First body', draft: true });
    expect(made.body).toMatchObject({ draft: true });
    const [pull] = task.repository.pullRequests;
    expect(pull?.draft).toBe(true);

    const same = await task.publish();
    expect(same.status).toBe(200);
    expect(same.body).toMatchObject({ number: made.body.number, body: 'First body' });

    const changed = await task.publish({ title: 'Better title', body: 'Better body' });
    expect(changed.status, changed.text).toBe(200);
    expect(changed.body.title).toContain('Better title');
    expect(changed.body).toMatchObject({ number: made.body.number, body: 'Better body', draft: true });
    expect(task.repository.pullRequests).toHaveLength(1);

    const ready = await task.publish({ draft: false });
    if (type === 'github') {
      expect(ready.status).toBe(422);
      expect(ready.body.message).toContain('draft');
    } else expect(ready.body).toMatchObject({ draft: false, title: 'Better title' });

    await task.bare.git('branch', 'release', 'main');
    const moved = await task.publish({ targetBranch: 'release' });
    if (type === 'gitee') expect(moved.status).toBe(422);
    else expect(moved.body).toMatchObject({ targetBranch: 'release' });
  });

  test('shows its checks', async () => {
    const task = await newTask('checks');
    const commit = await task.push();
    await task.publish();
    const checks = async () => (await task.state()).body.pullRequest.checks;
    expect(await checks()).toEqual({ state: 'none', passed: 0, failed: 0, pending: 0 });
    const set = (...states: ('pending' | 'success' | 'failure')[]) =>
      task.repository.checks.set(
        commit,
        states.map((state, index) => ({ name: `check ${index}`, state })),
      );
    set('success', 'pending');
    expect(await checks()).toEqual({ state: 'pending', passed: 1, failed: 0, pending: 1 });
    set('success', 'failure', 'pending');
    expect(await checks()).toEqual({ state: 'failure', passed: 1, failed: 1, pending: 1 });
    set('success', 'success');
    expect(await checks()).toEqual({ state: 'success', passed: 2, failed: 0, pending: 0 });
  });

  test('two clicks make one', async () => {
    const task = await newTask('twice');
    await task.push();
    const answers = await Promise.all([task.publish(), task.publish(), task.publish()]);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const { status } of answers) expect([200, 201, 409]).toContain(status);
    expect(task.repository.pullRequests).toHaveLength(1);
  });

  test('that of a fork with a branch of the same name is not ours', async () => {
    const task = await newTask('fork');
    await task.push();
    task.repository.pullRequests.push({
      number: 1,
      title: 'Not ours',
      body: '',
      state: 'open',
      draft: false,
      sourceBranch: task.branch,
      targetBranch: 'main',
      fork: 'mallory/fork',
      author: 'mallory',
    });
    const state = (await task.state()).body;
    expect(state.pullRequest).toBeUndefined();
    expect(state.next).toBe('create-pull-request');
    expect((await task.publish()).body.title).toBe('Mend fork');
  });

  test('refuses what the host refuses, in its words', async () => {
    const task = await newTask('refused');
    await task.push();
    const missing = await task.publish({ targetBranch: 'not-there' });
    expect([404, 422]).toContain(missing.status);
    expect(missing.body.message).toMatch(/refused|not there/);
    expect((await task.publish({ targetBranch: '--upload-pack=x' })).status).toBe(422);
    expect((await task.publish({ targetBranch: task.branch })).status).toBe(422);
    expect((await task.publish({ title: '' })).status).toBe(422);
    expect((await task.publish({ unknown: 1 })).status).toBe(422);
    expect(task.repository.pullRequests).toEqual([]);
  });

  test('people who take part act for themselves, or for the owner; others see nothing', async () => {
    const task = await newTask('people');
    await task.push();
    expect((await task.state(eve)).status).toBe(404);
    expect((await task.publish({}, eve)).status).toBe(404);

    await bob.call('PATCH', `/api/v1/tasks/${task.taskId}`, { participants: ['eve'] });
    expect((await task.state(eve)).body).toMatchObject({ canPullRequest: true, next: 'create-pull-request' });
    task.repository.members.push('octoeve');
    await connect(eve, WEAK_TOKEN);
    const weak = await task.publish({}, eve);
    expect(weak.status).toBe(403);
    expect(weak.body.message).toMatch(/takes the scope .*(pull_requests|api|write:repository)/);
    await eve.call('DELETE', `/api/v1/users/me/git-hosts/${host.domain}`);
    expect((await task.publish({}, eve)).status).toBe(201);
    expect(task.repository.pullRequests[0]?.author).toBe('octobob');
  });

  test('a host that fails is told, and offers no pull request', async () => {
    const task = await newTask('fails');
    const commit = await task.push();
    host.mode = 'limited';
    try {
      const state = (await task.state()).body;
      expect(state).toMatchObject({ canPullRequest: false, remoteHead: commit, next: 'nothing' });
      expect(state.remoteProblem).toContain('try again in');
      const refused = await task.publish();
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      host.mode = 'serve';
    }
  });

  test('a host that is not connected asks to be', async () => {
    const stranger = await server.newPerson(`stranger-${type}`);
    const sent = await stranger.send({
      message: 'Look',
      team: { name: 'coder' },
      workspace: { gitUrl: `https://${type === 'gitea' ? 'codeberg.org' : `${type}.com`}/a/b.git` },
    });
    executor.says({ commits: 1, head: 'b'.repeat(40), remoteHead: 'b'.repeat(40) });
    const state = await stranger.call('GET', `/api/v1/tasks/${sent.taskId}/repository`);
    expect(state.body).toMatchObject({ hostType: type, canPullRequest: false, next: 'nothing' });
    const refused = await stranger.call('POST', `/api/v1/tasks/${sent.taskId}/pull-request`, {});
    expect(refused.status).toBe(409);
    expect(refused.body.message).toContain('Settings → Git hosts');
  });

  test('no answer and no log line holds a token', () => {
    const log = server.log.join('\n');
    expect(log).not.toContain(TOKEN);
    expect(log).not.toContain(WEAK_TOKEN);
    // The token was there: each host got it the way it wants it.
    expect(host.requests.some(({ url, headers }) => (url + JSON.stringify(headers)).includes(TOKEN))).toBe(
      true,
    );
  });
});

test('a task without a repository has none', async () => {
  await using server = await startChatServer({ executors: createRepositoryExecutor().access });
  const { taskId } = await server.admin.send({ message: 'Hello' });
  const answer = await server.admin.call('GET', `/api/v1/tasks/${taskId}/repository`);
  expect(answer.status).toBe(404);
  expect((await server.admin.call('POST', `/api/v1/tasks/${taskId}/pull-request`, {})).status).toBe(404);
});
