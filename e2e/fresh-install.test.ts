import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { ApiError } from '@wegent/api';
import { createApiClient } from '@wegent/client';
import { freePort, temporaryFolder } from '@wegent/testing';
import { expect, test } from 'vitest';
import { signIn } from './support/person.ts';
import { untilQuiet } from './support/settle.ts';
import { spawnStandalone, startStandalone } from './support/standalone.ts';
import { essence, readStored } from './support/stored-truth.ts';
import { openViewer } from './support/viewer.ts';

/** A start is to take less than 3 s; more than this is a fault even on a machine that does much else. */
const START_LIMIT_MS = 10_000;

test('from nothing to the first answer, and the same again after a restart', async () => {
  await using server = await startStandalone({ env: { WEGENT_ADMIN_PASSWORD: undefined } });
  const api = createApiClient({ baseUrl: server.url });
  expect(await api.auth.state()).toEqual({ setupRequired: true });
  const icon = await fetch(`${server.url}/favicon.ico`);
  expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);

  const link = /https?:\/\/\S*setup\S*/.exec(server.process().output())?.[0] ?? '';
  const setupToken =
    new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? new URL(link).searchParams.get('token');
  expect(link, 'the link leads to this server').toContain(server.url);
  const password = 'chosen at the first start';
  const session = await api.auth.setup({ setupToken: setupToken ?? '', password });
  expect(session.user).toMatchObject({ username: 'admin', role: 'admin' });
  expect(await api.auth.state()).toEqual({ setupRequired: false });
  await expect(api.auth.setup({ setupToken: setupToken ?? '', password })).rejects.toThrow(ApiError);

  const person = await signIn(server.url, { password });
  const teams = await person.api.resources.list('teams', { namespace: 'public' });
  expect(teams.items.length, 'agents to begin with').toBeGreaterThanOrEqual(3);
  const { taskId } = await person.api.tasks.create({
    team: { name: 'assistant' },
    message: '40 words at 100 words per second',
    clientMessageId: 'hello',
  });
  using viewer = openViewer({ person, taskId });
  await viewer.until(({ messages }) => messages.at(-1)?.status === 'running', {
    what: 'the answer to begin',
  });
  await viewer.until(({ messages }) => messages.at(-1)?.status === 'completed', { what: 'the answer' });
  expect(viewer.view()?.messages.at(-1)?.text.split(/\s+/).length).toBeGreaterThanOrEqual(30);
  await untilQuiet({ person, taskId, timeoutMs: 10_000 });
  const before = await readStored(person, taskId);

  expect(await server.stop()).toBe(0);
  const milliseconds = await server.restart();
  console.info(`fresh-install: the second start took ${milliseconds.toFixed(0)} ms`);
  expect(milliseconds).toBeLessThan(START_LIMIT_MS);
  expect(server.process().output()).not.toMatch(/setup/);
  const again = await signIn(server.url, { password });
  const after = await readStored(again, taskId);
  expect(after.messages.map(essence)).toEqual(before.messages.map(essence));
  expect(after.lastSeq).toBe(before.lastSeq);
  expect((await again.api.tasks.list()).items.map((task) => task.taskId)).toEqual([taskId]);
  for (const file of ['secrets.json']) {
    expect(statSync(path.join(server.dataDir, file)).mode & 0o077, `${file} is for its owner`).toBe(0);
  }
});

test('all faults of the configuration are told together, with the names of the variables', async () => {
  await using folder = await temporaryFolder();
  const server = spawnStandalone({
    DATA_DIR: folder.path,
    PORT: 'http',
    DATABASE_URL: 'postgres://localhost/wegent',
    REDIS_URL: 'localhost',
    WEGENT_ADMIN_PASSWORD: 'short',
    SECRET_KEYS: 'k1:c2hvcnQ=',
    LOG_LEVEL: 'loud',
  });
  expect(await server.exit).toBe(1);
  for (const name of [
    'PORT',
    'DATABASE_URL',
    'REDIS_URL',
    'WEGENT_ADMIN_PASSWORD',
    'SECRET_KEYS',
    'LOG_LEVEL',
  ]) {
    expect(server.output(), name).toContain(`${name}: `);
  }
  expect(server.output(), 'no stack trace').not.toMatch(/^\s+at /m);
});

test('settings of standalone itself are checked with the others', async () => {
  await using folder = await temporaryFolder();
  const server = spawnStandalone({
    DATA_DIR: folder.path,
    HOST_CONCURRENCY: 'many',
    SIMULATOR_PACE: '-1',
    LOG_LEVEL: 'loud',
  });
  expect(await server.exit).toBe(1);
  for (const name of ['HOST_CONCURRENCY', 'SIMULATOR_PACE', 'LOG_LEVEL']) {
    expect(server.output(), name).toContain(`${name}: `);
  }
});

test('a port that is taken is told in one sentence', async () => {
  await using folder = await temporaryFolder();
  const port = await freePort();
  const other = createServer().listen(port, '127.0.0.1');
  await using _closed = {
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => other.close(() => resolve())),
  };
  const server = spawnStandalone({ DATA_DIR: folder.path, PORT: String(port) });
  expect(await server.exit).toBe(1);
  expect(server.output()).toMatch(/port .*taken/i);
  expect(server.output(), 'no stack trace').not.toMatch(/^\s+at /m);
});

test('a second start beside a running one disturbs nothing', async () => {
  await using server = await startStandalone();
  const person = await signIn(server.url);
  const { taskId } = await person.api.tasks.create({
    team: { name: 'assistant' },
    message: '400 words at 100 words per second',
    clientMessageId: 'long',
  });
  using viewer = openViewer({ person, taskId });
  await viewer.until(({ messages }) => (messages.at(-1)?.text.length ?? 0) > 100, {
    what: 'the answer to begin',
  });
  const second = spawnStandalone({ DATA_DIR: server.dataDir, PORT: String(server.port) });
  expect(await second.exit).toBe(1);
  await viewer.until(({ messages }) => messages.at(-1)?.status === 'completed', { what: 'the answer' });
  const { events } = await readStored(person, taskId);
  const attempts = events.filter(({ event }) => event.type === 'run-start');
  expect(attempts, 'nobody took the run away').toHaveLength(1);
});
