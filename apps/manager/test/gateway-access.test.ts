import { once } from 'node:events';
import { lstat, readFile, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { waitFor } from '@wegent/testing';
import { expect, test } from 'vitest';
import { callRaw, callSocket, modelAt, specOf, startGateway, startServer } from './gateway-harness.ts';

const ASK = { json: { model: 'simulator', messages: [] } };

test('only the token of a run that is under way in this sandbox lets anything through', async () => {
  let calls = 0;
  await using server = await startServer((_request, response) => {
    calls++;
    response.end('{}');
  });
  await using host = await startGateway();
  const one = await host.sandbox('one');
  const two = await host.sandbox('two');
  const spec = specOf({ model: modelAt(server.url) });
  const mine = one.admit(spec);
  const other = two.admit(spec);
  const statusOf = async (headers: Record<string, string | string[]>) => {
    const answer = await callSocket(one.socketPath, '/model/v1/messages', { ...ASK, headers });
    expect(await answer.text()).not.toContain('simulator');
    return answer.status;
  };
  expect(await statusOf({})).toBe(403);
  expect(await statusOf({ 'x-wegent-run': 'guess' })).toBe(403);
  expect(await statusOf({ 'x-wegent-run': '' })).toBe(403);
  expect(await statusOf({ 'x-wegent-run': other.token })).toBe(403);
  expect(await statusOf({ 'x-wegent-run': [mine.token, other.token] })).toBe(403);
  expect(await statusOf({ authorization: `Bearer ${mine.token}` })).toBe(403);
  expect(calls).toBe(0);
  expect(await statusOf({ 'x-wegent-run': mine.token })).toBe(200);
  mine.revoke();
  expect(await statusOf({ 'x-wegent-run': mine.token })).toBe(403);
  const next = one.admit(spec);
  expect(await statusOf({ 'x-wegent-run': next.token })).toBe(200);
  expect(calls).toBe(2);
  for (const head of [
    'CONNECT example.org:443 HTTP/1.1\r\nhost: example.org:443',
    'GET http://example.org/ HTTP/1.1\r\nhost: example.org',
    'GET /git-ssh?command=git-upload-pack HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: git-ssh',
    'POST /model/v1/messages HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 5',
  ]) {
    const answer = await callRaw(one.socketPath, `${head}\r\nx-wegent-run: ${mine.token}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  }
});

test.each([
  '/git/../blobs/x',
  '/git/%2e%2e/%2e%2e/other.git/info/refs?service=git-upload-pack',
  '/git/..%2fother.git/info/refs?service=git-upload-pack',
  '/git//other.git/info/refs?service=git-upload-pack',
  '/git/%00',
  '/git/%',
  '/git/%ff/x',
  '/git/a\\b',
  '//127.0.0.1/x',
  '/model/v1/messages/../../v1/files',
  '/model/v1/%2e%2e/files',
  '/model/v1%2ffiles',
  '/blobs/attachments/..%2f..%2fetc/passwd',
  '/mcp/a/../b',
])('the path trick %s is not taken', async (path) => {
  let calls = 0;
  await using server = await startServer((_request, response) => {
    calls++;
    response.end('{}');
  });
  await using host = await startGateway();
  const { admit, socketPath } = await host.sandbox('one');
  const { token } = admit(
    specOf({
      model: modelAt(server.url),
      workspace: {
        repository: { url: `${server.url}/team/mine.git` },
        workBranch: 'w',
        author: { name: 'a', email: 'a@example.org' },
        setupCommands: [],
        env: {},
        submodules: false,
      },
    }),
  );
  const answer = await callRaw(
    socketPath,
    `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-wegent-run: ${token}\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(calls).toBe(0);
});

test('requests that two parsers could read in two ways are refused', async () => {
  const urls: string[] = [];
  await using server = await startServer((request, response) => {
    urls.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    request.resume();
    response.end('{}');
  });
  await using host = await startGateway();
  const { admit, socketPath } = await host.sandbox('one');
  const { token } = admit(specOf({ model: modelAt(server.url) }));
  const send = (rest: string) =>
    callRaw(
      socketPath,
      `POST /model/v1/messages HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-wegent-run: ${token}\r\n${rest}`,
    );
  const smuggled = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n';
  for (const rest of [
    `content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    `content-length: 0\r\ncontent-length: 5\r\n\r\n${smuggled}`,
    `transfer-encoding: xchunked\r\n\r\n${smuggled}`,
    `content-length : 5\r\n\r\nabcde`,
    'x-a: b\nx-smuggled: 1\rx-b: c\r\n\r\n',
    `x-long: ${'a'.repeat(70_000)}\r\n\r\n`,
  ]) {
    expect(await send(rest)).toMatch(/^HTTP\/1\.1 4\d\d /);
  }
  const body = JSON.stringify(ASK.json);
  await send(
    `content-length: ${body.length}\r\nanthropic-version: a%0d%0ax-injected: 1\r\nconnection: close, x-api-key\r\n\r\n${body}`,
  );
  expect(urls).toHaveLength(1);
  expect(urls[0]).toMatch(/^POST \/v1\/messages .*"x-api-key":"real-key/);
  expect(urls.join()).not.toMatch(/smuggled|x-injected":/);
});

test('a refusal arrives although the body is still being sent', async () => {
  await using host = await startGateway();
  const { admit, socketPath } = await host.sandbox('one');
  const { token } = admit(specOf());
  for (const headers of [{ 'x-wegent-run': token }, {}]) {
    for (let round = 0; round < 10; round++) {
      const body = Buffer.alloc(8 * 1024 * 1024, 'x');
      const answer = await callSocket(socketPath, '/git/git-receive-pack', { body, headers });
      expect(answer.status).toBe('x-wegent-run' in headers ? 404 : 403);
    }
  }
});

test('blobs are those that the run names, and no others', async () => {
  await using host = await startGateway();
  const { admit } = await host.sandbox('one');
  const file = (blobKey: string) => ({ id: 'a', name: 'a', mediaType: 'text/plain', size: 1, blobKey });
  const bytes = Buffer.from([0, 1, 2, 255]);
  const pass = admit(
    specOf({
      input: { role: 'user', text: 'x', attachments: [file('attachments/one')] },
      history: [{ role: 'user', text: 'x', attachments: [file('attachments/gone')] }],
      skills: [{ name: 's', description: 'd', archive: { blobKey: 'skills/s', sha256: 'x' } }],
    }),
    { 'attachments/one': bytes, 'skills/s': bytes, 'attachments/of-others': bytes },
  );
  const answer = await pass.call('/blobs/attachments/one');
  const [chunk] = (await once(answer.incoming, 'data')) as [Buffer];
  expect(chunk).toEqual(bytes);
  expect((await pass.call('/blobs/skills/s')).status).toBe(200);
  for (const key of ['attachments/of-others', 'attachments/gone', '', 'constructor'])
    expect((await pass.call(`/blobs/${key}`)).status).toBe(404);
  expect((await pass.call('/blobs/attachments/one', { method: 'DELETE' })).status).toBe(405);
});

test('the socket is open to every user of the folder, replaces a stale one and follows no link', async () => {
  await using host = await startGateway();
  const victim = join(host.folder, 'victim');
  await writeFile(victim, 'secret', { mode: 0o600 });
  const one = await host.sandbox('one');
  expect((await stat(one.socketPath)).mode & 0o666).toBe(0o666);
  // The sandbox lays a link where its socket was, and the next manager comes.
  await unlink(one.socketPath);
  await symlink(victim, one.socketPath);
  const again = await host.sandbox('one');
  expect((await lstat(again.socketPath)).isSocket()).toBe(true);
  expect((await stat(victim)).mode & 0o777).toBe(0o600);
  expect(await readFile(victim, 'utf8')).toBe('secret');
  const pass = again.admit(specOf());
  expect((await pass.call('/nothing')).status).toBe(404);
  await again.close();
  await expect(lstat(again.socketPath)).rejects.toThrow(/ENOENT/);
  expect(() => again.admit(specOf())).toThrow(/no gateway is open/);
});

test('closing a socket takes nothing away from the manager that came after', async () => {
  await using first = await startGateway();
  const { socketPath, close } = await first.sandbox('one');
  await using second = await startGateway();
  await second.gateway.open({ socketPath });
  await close();
  expect((await lstat(socketPath)).isSocket()).toBe(true);
  const answer = await callSocket(socketPath, '/', {});
  expect(answer.status).toBe(403);
});

test('a path that is too long for a socket says so, and leaves nothing behind', async () => {
  await using host = await startGateway();
  await expect(host.sandbox('x'.repeat(100))).rejects.toThrow(/too long for a socket.*DATA_DIR/);
});

test('connections of a sandbox are limited, and there is room again when they are gone', async () => {
  await using host = await startGateway();
  const { admit, socketPath } = await host.sandbox('one');
  const pass = admit(specOf());
  const sockets = Array.from({ length: 300 }, () => connect(socketPath).on('error', () => undefined));
  await waitFor(() => sockets.filter((socket) => socket.destroyed || socket.closed).length >= 44, {
    what: 'the surplus to be dropped',
  });
  expect(sockets.filter((socket) => socket.destroyed).length).toBeLessThan(60);
  for (const socket of sockets) socket.destroy();
  await waitFor(async () => (await pass.call('/nothing')).status === 404, { what: 'room again' });
  expect(dirname(socketPath)).toContain('run');
});
