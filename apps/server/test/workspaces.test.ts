import { randomUUID } from 'node:crypto';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { type TemporaryFolder, temporaryFolder } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';

let folder: TemporaryFolder;
let server: ChatServer;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(path.join(folder.path, 'repositories/hello'), { recursive: true });
  await mkdir(path.join(folder.path, 'private'), { recursive: true });
  await symlink(path.join(folder.path, 'private'), path.join(folder.path, 'repositories/link'));
  server = await startChatServer({
    environment: {
      LOCAL_REPOSITORIES: path.join(folder.path, 'repositories'),
      OUTBOUND_ALLOW: 'git.internal:8443',
      PUBLIC_URL: 'https://wegent.example.org',
    },
  });
  bob = await server.newPerson('bob');
  eve = await server.newPerson('eve');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const start = (person: Person, workspace: unknown, more: Record<string, unknown> = {}) =>
  person.call('POST', '/api/v1/tasks', {
    clientMessageId: randomUUID(),
    team: { name: 'coder' },
    message: 'Fix the login page',
    workspace,
    ...more,
  });

describe('a repository that is named by its address', () => {
  test('comes to the run with branch, work branch, author and rules', async () => {
    const gitUrl = 'https://github.com/octo/hello.git';
    const answer = await start(bob, { gitUrl, branchName: 'develop' });
    expect(answer.status).toBe(201);
    const { taskId } = answer.body;
    const run = await server.nextRun(taskId);
    const { spec } = run.claim;
    expect(spec).toMatchObject({
      taskId,
      taskType: 'code',
      shell: { shellType: 'ClaudeCode', network: 'gateway-only' },
      egress: [],
      outboundAllow: ['git.internal:8443'],
      workspace: {
        repository: { url: gitUrl, branch: 'develop' },
        author: { name: 'bob', email: 'bob@users.noreply.wegent.example.org' },
        setupCommands: [],
        env: {},
        submodules: false,
      },
    });
    const workBranch = spec.workspace?.workBranch;
    expect(workBranch).toMatch(/^wegent\/fix-the-login-page-[a-z0-9]{6}$/);
    const { body: item } = await bob.call('GET', `/api/v1/tasks/${taskId}`);
    expect(item).toMatchObject({ spec: { type: 'code' }, status: { branch: workBranch, executor: 'suite' } });
    await run.answer('Done.');
    await server.settled(taskId);
    // The branch stays, whatever the task is called.
    await bob.call('PATCH', `/api/v1/tasks/${taskId}`, { title: 'Something else' });
    await bob.send({ taskId, message: 'Go on', workspace: { gitUrl } });
    const next = await server.nextRun(taskId);
    expect(next.claim.spec.workspace).toMatchObject({ workBranch, repository: { url: gitUrl } });
    await next.answer('Done.');
  });

  test("an administrator's may lie at a private address, another person's only by the list", async () => {
    for (const [person, allowed] of [
      [server.admin, undefined],
      [bob, ['git.internal:8443']],
    ] as const) {
      const { body } = await start(person, { gitUrl: 'http://127.0.0.1:9/octo/hello.git' });
      const run = await server.nextRun(body.taskId);
      expect(run.claim.spec.outboundAllow).toEqual(allowed);
      await run.answer('Done.');
    }
  });

  test.each([
    ['a password', { gitUrl: 'https://bob:geheim@github.com/a/b' }, 'Git hosts'],
    ['a token', { gitUrl: 'https://geheim@github.com/a/b' }, 'Git hosts'],
    ['a helper program', { gitUrl: 'ext::sh -c touch% /tmp/pwned' }, 'gitUrl'],
    ['an option', { gitUrl: '--upload-pack=touch' }, 'gitUrl'],
    ['a branch that is an option', { gitUrl: 'https://github.com/a/b', branchName: '--exec=x' }, 'branch'],
    ['a folder of the server', { gitUrl: '/etc' }, 'LOCAL_REPOSITORIES'],
    ['a folder of the server as an address', { gitUrl: 'file:///etc' }, 'LOCAL_REPOSITORIES'],
    ['a Workspace that is not there', { name: 'nowhere' }, 'Workspace "nowhere" not found'],
  ])('is refused with %s, and nothing is written', async (_what, workspace, message) => {
    const before = (await bob.call('GET', '/api/v1/tasks')).body.items.length;
    const answer = await start(bob, workspace);
    expect([404, 422]).toContain(answer.status);
    expect(answer.body.message).toContain(message);
    expect(answer.text).not.toContain('geheim');
    expect((await bob.call('GET', '/api/v1/tasks')).body.items).toHaveLength(before);
    expect(server.log.join('')).not.toContain('geheim');
  });

  test('may be a folder that the operator allows, and none that a link or ".." leads to', async () => {
    const allowed = path.join(folder.path, 'repositories/hello');
    for (const gitUrl of [allowed, `file://${allowed}`]) {
      const answer = await start(bob, { gitUrl });
      expect(answer.status).toBe(201);
      const run = await server.nextRun(answer.body.taskId);
      expect(run.claim.spec.workspace?.repository?.url).toBe(`file://${allowed}`);
      await run.answer('Done.');
    }
    for (const inside of ['link', '../private', 'hello/../../private', '../repositories-2']) {
      const answer = await start(bob, { gitUrl: `${folder.path}/repositories/${inside}` });
      expect(answer.status).toBe(422);
      expect(answer.body.message).toContain('LOCAL_REPOSITORIES');
    }
  });

  test('is of no use to a Team without a sandbox, which says so', async () => {
    const answer = await start(bob, { gitUrl: 'https://github.com/a/b' }, { team: { name: 'assistant' } });
    expect(answer.status).toBe(422);
    expect(answer.body.message).toContain('works in no sandbox');
    expect(answer.body.details.causes[0].field).toBe('workspace');
  });

  test('cannot change later', async () => {
    const { body } = await start(bob, { gitUrl: 'https://github.com/octo/hello.git' });
    const { taskId } = body;
    for (const workspace of [
      { gitUrl: 'https://github.com/octo/other.git' },
      { gitUrl: 'https://github.com/octo/hello.git', branchName: 'other' },
      { name: 'nowhere' },
    ]) {
      const answer = await bob.call('POST', `/api/v1/tasks/${taskId}/messages`, {
        clientMessageId: randomUUID(),
        message: 'x',
        workspace,
      });
      expect(answer.status).toBe(422);
      expect(answer.body.message).toContain('keeps the workspace');
    }
    await (await server.nextRun(taskId)).answer('Done.');
  });
});

describe('a Workspace', () => {
  const spec = {
    repository: { gitUrl: 'https://github.com/octo/hello.git', branchName: 'main' },
    setupCommands: ['npm ci'],
    env: { TOKEN: 'workspace-secret' },
    egress: ['registry.npmjs.org:443'],
    submodules: true,
  };

  test('gives the run its set-up, secrets and hosts, and no client the secrets', async () => {
    const made = await bob.call(
      'POST',
      '/api/v1/namespaces/bob/workspaces',
      document('Workspace', 'hello', spec),
    );
    expect(made.status).toBe(201);
    const answer = await start(bob, { name: 'hello' });
    expect(answer.status).toBe(201);
    const { taskId } = answer.body;
    const run = await server.nextRun(taskId);
    expect(run.claim.spec).toMatchObject({
      egress: ['registry.npmjs.org:443'],
      workspace: {
        repository: { url: spec.repository.gitUrl, branch: 'main' },
        setupCommands: ['npm ci'],
        env: { TOKEN: 'workspace-secret' },
        submodules: true,
      },
    });
    const item = await bob.call('GET', `/api/v1/tasks/${taskId}`);
    expect(item.body.spec.workspaceRef).toEqual({ name: 'hello', namespace: 'bob' });
    for (const place of [
      `/api/v1/tasks/${taskId}`,
      '/api/v1/namespaces/bob/workspaces/hello',
      '/api/v1/workspaces',
    ])
      expect((await bob.call('GET', place)).text).not.toContain('workspace-secret');
    expect(server.log.join('')).not.toContain('workspace-secret');
    await run.answer('Done.');
    // Its name may be said again.
    await bob.send({ taskId, message: 'Go on', workspace: { name: 'hello' } });
    await (await server.nextRun(taskId)).answer('Done.');
  });

  test("of somebody else's cannot be used, nor told from one that is not there", async () => {
    const answer = await start(eve, { name: 'hello', namespace: 'bob' });
    const unknown = await start(eve, { name: 'nothing', namespace: 'bob' });
    expect(answer.status).toBe(404);
    expect(answer.body.message).toBe(unknown.body.message.replace('nothing', 'hello'));
    const applied = await eve.call('POST', '/api/v1/namespaces/eve/tasks', {
      ...document('Task', 'steal', {
        prompt: 'x',
        teamRef: { name: 'coder' },
        workspaceRef: { name: 'hello', namespace: 'bob' },
      }),
    });
    expect(applied.status).toBe(422);
  });

  test('gives nothing any more once its owner has lost the right to it', async () => {
    const group = { metadata: { name: 'shared' } };
    expect((await server.admin.call('POST', '/api/v1/namespaces', group)).status).toBe(201);
    const member = '/api/v1/namespaces/shared/members/eve';
    expect((await server.admin.call('PUT', member, { role: 'Developer' })).status).toBeLessThan(300);
    const made = await server.admin.call(
      'POST',
      '/api/v1/namespaces/shared/workspaces',
      document('Workspace', 'common', spec),
    );
    expect(made.status).toBe(201);
    const { body } = await start(eve, { name: 'common', namespace: 'shared' });
    const run = await server.nextRun(body.taskId);
    expect(run.claim.spec.workspace?.env).toEqual({ TOKEN: 'workspace-secret' });
    await run.answer('Done.');
    expect((await server.admin.call('DELETE', member)).status).toBeLessThan(300);
    await eve.send({ taskId: body.taskId, message: 'Print the environment.' });
    await expect(server.nextRun(body.taskId)).rejects.toThrow(/not there any more/);
    await server.settled(body.taskId);
    expect((await eve.messages(body.taskId)).at(-1)).toMatchObject({
      status: 'failed',
      error: { reason: 'GitFailed', message: expect.stringContaining('not there any more') },
    });
  });

  test('whose address holds a password is not stored', async () => {
    const answer = await bob.call(
      'POST',
      '/api/v1/namespaces/bob/workspaces',
      document('Workspace', 'leaky', { repository: { gitUrl: 'https://bob:geheim@github.com/a/b' } }),
    );
    expect(answer.status).toBe(422);
    expect(answer.text).not.toContain('geheim');
  });
});
