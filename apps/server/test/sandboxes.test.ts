import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { ManagerReport } from '@wegent/api';
import { waitFor } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, INTERNAL_SECRET, type Person, startChatServer } from './support/chat-server.ts';
import { type FolderExecutor, startFolderExecutor } from './support/folder-executor.ts';

const GIT_URL = 'https://github.com/octo/hello.git';

/** Both ways to sandboxes: the manager in the same process, and one that is reached over HTTP. */
describe.each(['in one process', 'over HTTP'])('the sandbox of a task, %s', (way) => {
  let executor: FolderExecutor;
  let server: ChatServer;
  let bob: Person;
  let eve: Person;
  let taskId: string;
  let executionId: string;

  beforeAll(async () => {
    executor = await startFolderExecutor({ secret: INTERNAL_SECRET });
    server = await startChatServer(way === 'over HTTP' ? {} : { executors: executor.access });
    bob = await server.newPerson('bob');
    eve = await server.newPerson('eve');
    if (way === 'over HTTP') {
      const report = {
        url: executor.url,
        driver: 'local',
        isolation: 'none, in a test',
        isolated: false,
        slots: { total: 1, used: 0 },
        draining: false,
        engines: [],
        sandboxes: [],
        taskIds: [],
        defaults: { cpu: 1, memoryBytes: 1, pids: 1, diskBytes: 1 },
      } satisfies ManagerReport;
      await server.link.report('suite', report);
    }
    const sent = await bob.send({
      message: 'Work.',
      team: { name: 'coder' },
      workspace: { gitUrl: GIT_URL },
    });
    taskId = sent.taskId;
    executionId = sent.executionIds[0] ?? '';
    await (await server.nextRun(taskId)).answer('Done.');
    await server.settled(taskId);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await executor[Symbol.asyncDispose]();
  });

  const get = (place: string, person = bob) => person.call('GET', `/api/v1/tasks/${taskId}${place}`);
  const post = (place: string, body: unknown, person = bob) =>
    person.call('POST', `/api/v1/tasks/${taskId}${place}`, body);
  const fetchAs = (person: Person, place: string, init: RequestInit = {}) =>
    fetch(`${server.url}/api/v1/tasks/${taskId}${place}`, {
      ...init,
      headers: { authorization: `Bearer ${person.token}`, ...init.headers },
    });

  test('shows files, changes and patches', async () => {
    await mkdir(path.join(executor.folder, 'src'), { recursive: true });
    await writeFile(path.join(executor.folder, 'src/new file ü.txt'), 'one\ntwo\n');
    expect((await get('/files')).body.entries.map(({ name }: { name: string }) => name)).toEqual([
      'readme.md',
      'src',
    ]);
    expect((await get('/files?path=src')).body).toMatchObject({
      path: 'src',
      entries: [{ name: 'new file ü.txt', type: 'file', size: 8 }],
    });
    expect((await get(`/changes?turn=${executionId}`)).body.files).toHaveLength(1);
    expect(executor.asked.at(-1)?.path).toBe(`/v1/changes?turn=${executionId}`);
    const patch = await get(`/changes/src/${encodeURIComponent('new file ü.txt')}`);
    expect(patch.text).toContain('+two');
    expect(patch.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(executor.asked.at(-1)?.context).toMatchObject({
      taskId,
      taskType: 'code',
      shell: { shellType: 'ClaudeCode' },
      workspace: { repository: { url: GIT_URL } },
    });
  });

  test('gives files out as nothing but bytes, whatever they are', async () => {
    await writeFile(path.join(executor.folder, 'page.html'), '<script>alert(1)</script>');
    const response = await fetchAs(bob, '/files/page.html');
    expect(await response.text()).toBe('<script>alert(1)</script>');
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-disposition')).toContain('attachment; filename="page.html"');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    const deep = Array.from({ length: 40 }, () => 'folder').join('/');
    await mkdir(path.join(executor.folder, deep), { recursive: true });
    await writeFile(path.join(executor.folder, deep, '100% #?.txt'), 'deep');
    const name = encodeURIComponent('100% #?.txt');
    expect(await (await fetchAs(bob, `/files/${deep}/${name}`)).text()).toBe('deep');
    const missing = await get('/files/nothing.txt');
    expect(missing).toMatchObject({ status: 404, body: { kind: 'Status', reason: 'NotFound' } });
    const big = Buffer.alloc(3 * 1024 * 1024, 7);
    await writeFile(path.join(executor.folder, 'big.bin'), big);
    const bytes = await (await fetchAs(bob, '/files/big.bin')).arrayBuffer();
    expect(Buffer.from(bytes).equals(big)).toBe(true);
  });

  test.each([
    '/files/..%2F..%2Fetc%2Fpasswd',
    '/files/%2e%2e/%2e%2e/etc/passwd',
    '/files/a%2F%2Fb',
    '/files/%2Fetc%2Fpasswd',
    '/files/a%00b',
    '/files?path=../..',
    '/files?path=/etc',
    '/files?path=a/../../b',
    '/changes/..%2Fx',
    `/files/${'x'.repeat(4097)}`,
    '/changes?turn=..%2F..%2Fgit%2Fpush',
    '/terminals/..%2Fx/output',
    '/terminals/../output',
  ])('lets no path lead elsewhere: %.40s', async (place) => {
    const before = executor.asked.length;
    const response = await fetchAs(bob, place);
    await response.text();
    // A number of a turn is a value of a query, so it may pass, encoded.
    const passed = executor.asked.slice(before);
    for (const { path: asked } of passed) expect(asked).toBe('/v1/changes?turn=..%2F..%2Fgit%2Fpush');
    if (passed.length === 0) expect(response.status).toBeGreaterThanOrEqual(400);
  });

  test('commits in the name of who asks, and pushes', async () => {
    await bob.call('PATCH', '/api/v1/users/me', {
      displayName: 'Bob <b>\nBuilder',
      email: 'bob@example.org',
    });
    await writeFile(path.join(executor.folder, 'commit.txt'), 'x');
    const answer = await post('/commit', { message: 'Add $(touch pwned) `x`\n\nBody' });
    expect(answer.status).toBe(200);
    expect(answer.body.commit).toBe(await executor.git('rev-parse', 'HEAD'));
    expect(await executor.git('log', '-1', '--format=%an|%ae|%s')).toBe(
      'Bob b Builder|bob@example.org|Add $(touch pwned) `x`',
    );
    expect((await post('/push', {})).body).toEqual(answer.body);
    for (const body of [
      {},
      { message: '' },
      { message: 'x'.repeat(10_001) },
      { message: 'x', author: 'eve' },
    ])
      expect((await post('/commit', body)).status).toBe(422);
    const revert = await post(`/turns/${executionId}/revert`, {});
    expect(revert).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('later changes') },
    });
  });

  test('has terminals: what is typed is run, and what comes is streamed', async () => {
    const opened = await post('/terminals', { cols: 80, rows: 24 });
    expect(opened.status).toBe(201);
    const audited = async () => (await server.admin.call('GET', '/api/v1/admin/audit')).body.items;
    await expect
      .poll(audited)
      .toContainEqual(expect.objectContaining({ action: 'exec', kind: 'Task', username: 'bob' }));
    const { terminalId } = opened.body;
    const stop = new AbortController();
    const output = await fetchAs(bob, `/terminals/${terminalId}/output`, { signal: stop.signal });
    expect(output.headers.get('content-type')).toBe('application/octet-stream');
    const input = (text: string, type = 'text/plain') =>
      fetchAs(bob, `/terminals/${terminalId}/input`, {
        method: 'POST',
        body: text,
        headers: { 'content-type': type },
      });
    expect((await input('echo $((40 + 2))\n')).status).toBe(204);
    let seen = '';
    for await (const chunk of output.body ?? []) {
      seen += Buffer.from(chunk).toString('utf8');
      if (seen.includes('42')) break;
    }
    expect(seen).toContain('42');
    stop.abort();
    expect((await input('x'.repeat(64 * 1024 + 1))).status).toBe(413);
    expect((await input('{}', 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await post(`/terminals/${terminalId}/resize`, { cols: 100, rows: 30 })).status).toBe(204);
    expect((await post(`/terminals/${terminalId}/resize`, { cols: 0, rows: 30 })).status).toBe(422);
    expect((await bob.call('DELETE', `/api/v1/tasks/${taskId}/terminals/${terminalId}`)).status).toBe(204);
    await waitFor(() => executor.terminalOf(terminalId)?.signalCode === 'SIGKILL', {
      what: 'the end of the shell',
    });
    expect((await post('/terminals', { cols: 80 })).status).toBe(422);
  });

  test('is closed to everybody who takes no part in the task, as if it were not there', async () => {
    const before = executor.asked.length;
    const unknown = randomUUID();
    for (const person of [eve, server.admin]) {
      for (const [method, place, body] of [
        ['GET', '/changes', undefined],
        ['GET', '/changes/readme.md', undefined],
        ['GET', '/files', undefined],
        ['GET', '/files/readme.md', undefined],
        ['GET', '/logs', undefined],
        ['POST', '/commit', { message: 'x' }],
        ['POST', '/push', {}],
        ['POST', `/turns/${executionId}/revert`, {}],
        ['POST', '/terminals', { cols: 80, rows: 24 }],
        ['GET', '/terminals/t1/output', undefined],
        ['POST', '/terminals/t1/resize', { cols: 80, rows: 24 }],
        ['DELETE', '/terminals/t1', undefined],
      ] as const) {
        const foreign = await person.call(method, `/api/v1/tasks/${taskId}${place}`, body);
        const missing = await person.call(method, `/api/v1/tasks/${unknown}${place}`, body);
        expect(foreign.status).toBe(404);
        expect(foreign.text.replaceAll(taskId, '')).toBe(missing.text.replaceAll(unknown, ''));
      }
      const typed = await fetchAs(person, '/terminals/t1/input', {
        method: 'POST',
        body: 'id\n',
        headers: { 'content-type': 'text/plain' },
      });
      expect(typed.status).toBe(404);
    }
    expect((await server.call('GET', `/api/v1/tasks/${taskId}/files`)).status).toBe(401);
    expect(executor.asked).toHaveLength(before);
  });

  test('lets nobody enter it by a shell who merely takes part in the task', async () => {
    const before = executor.asked.length;
    await bob.call('PATCH', `/api/v1/tasks/${taskId}`, { participants: ['eve'] });
    expect((await eve.call('GET', `/api/v1/tasks/${taskId}/logs`)).status).toBe(200);
    for (const [method, place, body] of [
      ['POST', '/terminals', { cols: 80, rows: 24 }],
      ['GET', '/terminals/t1/output', undefined],
      ['POST', '/terminals/t1/resize', { cols: 80, rows: 24 }],
      ['DELETE', '/terminals/t1', undefined],
    ] as const) {
      const answer = await eve.call(method, `/api/v1/tasks/${taskId}${place}`, body);
      expect(answer.status, `${method} ${place}`).toBe(403);
    }
    const headers = { 'content-type': 'text/plain' };
    const typed = await fetchAs(eve, '/terminals/t1/input', { method: 'POST', body: 'id\n', headers });
    expect(typed.status).toBe(403);
    expect(executor.asked).toHaveLength(before);
    await bob.call('PATCH', `/api/v1/tasks/${taskId}`, { participants: [] });
  });

  test('is not believed: what it says in the name of the platform is no answer of the platform', async () => {
    const say = (status: number, value: unknown) =>
      executor.overrides.set('/v1/files?path=', {
        status,
        contentType: 'application/json',
        body: Readable.from([Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))]),
      });
    const failure = { kind: 'Status', apiVersion: 'v1', status: 'Failure' };
    for (const [status, value] of [
      [401, { ...failure, reason: 'Unauthorized', message: 'sign in again at evil.example', code: 401 }],
      [403, { ...failure, reason: 'Forbidden', message: 'x', code: 403 }],
      [302, 'elsewhere'],
      [200, '<html>'],
      [200, { path: 1 }],
      [500, ''],
    ] as const) {
      say(status, value);
      const answer = await get('/files');
      expect(answer.status).toBe(503);
      expect(answer.text).not.toContain('evil');
    }
    executor.overrides.set('/v1/files?path=', {
      status: 200,
      contentType: 'application/json',
      body: endless(),
    });
    expect((await get('/files')).status).toBe(413);
    executor.overrides.clear();
  });

  test('of a conversation without one is refused', async () => {
    const { taskId: chatId } = await bob.send({ message: 'Hello' });
    await (await server.nextRun(chatId)).answer('Hi.');
    const answer = await bob.call('GET', `/api/v1/tasks/${chatId}/files`);
    expect(answer.status).toBe(409);
    expect(answer.body.message).toContain('no sandbox');
  });

  test('shows what runs wrote into their logs, in pages', async () => {
    await bob.send({ taskId, message: 'Log.' });
    const run = await server.nextRun(taskId);
    await run.start();
    await run.emit(
      { type: 'log', stream: 'system', text: 'git clone' },
      { type: 'text-start', blockId: 'x' },
      { type: 'text-delta', blockId: 'x', text: 'mentions "type":"log"' },
      { type: 'log', stream: 'stderr', text: '\u001b[31mred\u001b[0m <b>' },
    );
    await run.finish();
    const { body: first } = await get('/logs?limit=1');
    expect(first.lines).toMatchObject([{ stream: 'system', text: 'git clone', executionId: run.id }]);
    const { body: rest } = await get(`/logs?after=${first.lines[0].seq}`);
    expect(rest.lines).toMatchObject([{ stream: 'stderr', text: '\u001b[31mred\u001b[0m <b>' }]);
    await server.settled(taskId);
    await server.store.events.compact(Date.now() + 1000, 100);
    const { body: kept } = await get('/logs');
    expect(kept.lines.map(({ text }: { text: string }) => text)).toEqual([
      'git clone',
      '\u001b[31mred\u001b[0m <b>',
    ]);
    expect((await get('/logs?after=-1')).status).toBe(422);
  });
});

test('all of it stands in the description of the API', async () => {
  await using server = await startChatServer();
  const { body } = await server.call('GET', '/openapi.json');
  for (const [method, place, parameters] of [
    ['get', '/api/v1/tasks/{taskId}/changes/{path}', ['turn', 'taskId', 'path']],
    ['get', '/api/v1/tasks/{taskId}/files/{path}', ['taskId', 'path']],
    ['post', '/api/v1/tasks/{taskId}/terminals/{terminalId}/input', ['taskId', 'terminalId']],
    ['post', '/api/v1/approvals/{approvalId}', ['executionId', 'approvalId']],
    ['put', '/api/v1/namespaces/{namespace}/skills/{name}/archive', ['namespace', 'name']],
  ] as const) {
    const operation = body.paths[place]?.[method];
    expect(operation?.summary).toBeTruthy();
    const found = operation.parameters.map(({ name }: { name: string }) => name);
    expect(found.sort()).toEqual([...parameters].sort());
    if (method !== 'get') expect(operation.requestBody.content).toBeDefined();
  }
});

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(64 * 1024, 32);
}
