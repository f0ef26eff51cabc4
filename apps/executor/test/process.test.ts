import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type TemporaryFolder, temporaryFolder, waitFor } from '@wegent/testing';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAll, send, TOKEN } from './harness.ts';
import { startStandInGateway } from './stand-in-gateway.ts';

let built: TemporaryFolder;
let bundle: string;
beforeAll(async () => {
  built = await temporaryFolder();
  bundle = join(built.path, 'main.js');
  await writeFile(join(built.path, 'package.json'), '{"type":"module"}');
  await build({
    entryPoints: [join(import.meta.dirname, '../src/main.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'error',
  });
});
afterAll(() => built[Symbol.asyncDispose]());

async function start(folder: string, more: Record<string, string> = {}) {
  const run = join(folder, 'run');
  await mkdir(run, { recursive: true });
  await writeFile(join(run, 'token'), `${TOKEN}\n`);
  const socketPath = join(folder, 'executor.sock');
  const child = spawn(process.execPath, [bundle], {
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      WEGENT_EXECUTOR_SOCKET: socketPath,
      WEGENT_RUN_DIR: run,
      WEGENT_WORKSPACE: join(folder, 'workspace'),
      WEGENT_HOME: join(folder, 'home'),
      WEGENT_ENGINES: join(folder, 'engines'),
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  return { child, socketPath, log: () => log, run };
}

async function end(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const [code] = await once(child, 'exit');
  return code;
}

describe('the bundle', () => {
  test('starts quickly, takes its token away, and ends on SIGTERM with everything it started', async () => {
    await using folder = await temporaryFolder();
    const { child, socketPath, log, run } = await start(folder.path);
    await using gateway = await startStandInGateway(join(run, 'gateway.sock'));
    gateway.tokens.add('any');
    try {
      await waitFor(() => log().includes('the executor is ready'), { what: 'the executor' });
      const { startMs } = JSON.parse(log().split('\n')[0] ?? '');
      // Far above what a quiet machine needs; `npm run bench` has the limit that counts.
      expect(startMs).toBeLessThan(2_000);
      expect(existsSync(join(run, 'token'))).toBe(false);
      expect(await readFile(`/proc/${child.pid}/environ`, 'utf8')).not.toContain(TOKEN);
      expect(await readFile(`/proc/${child.pid}/cmdline`, 'utf8')).not.toContain(TOKEN);
      const health = await send({ socketPath, method: 'GET', path: '/healthz' });
      expect(JSON.parse((await readAll(health)).toString())).toMatchObject({ status: 'ok', turns: [] });
      const opened = await send({
        socketPath,
        method: 'POST',
        path: '/v1/terminals',
        body: { cols: 80, rows: 24 },
      });
      const { terminalId } = JSON.parse((await readAll(opened)).toString());
      const output = await send({ socketPath, method: 'GET', path: `/v1/terminals/${terminalId}/output` });
      let screen = '';
      output.on('data', (chunk) => {
        screen += chunk;
      });
      output.on('error', () => {});
      const typed = await send({
        socketPath,
        method: 'POST',
        path: `/v1/terminals/${terminalId}/input`,
        body: Buffer.from('echo pid=$$; cat /proc/self/oom_score_adj\n'),
      });
      typed.resume();
      await waitFor(() => /pid=\d+\s+500/.test(screen), {
        what: 'the shell, which goes first when memory is short',
      });
      const shell = Number(/pid=(\d+)/.exec(screen)?.[1]);
      child.kill('SIGTERM');
      expect(await end(child)).toBe(0);
      await waitFor(() => !existsSync(`/proc/${shell}`), { what: 'the shell to end' });
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('ends by itself when no manager comes', async () => {
    await using folder = await temporaryFolder();
    const { child, log } = await start(folder.path, { WEGENT_ORPHAN_SECONDS: '0.3' });
    expect(await end(child)).toBe(0);
    expect(log()).toContain('nobody asked');
  });

  test('names every setting that is wrong', async () => {
    await using folder = await temporaryFolder();
    const { child, log } = await start(folder.path, {
      WEGENT_WORKSPACE: 'relative',
      WEGENT_EXECUTOR_SOCKET: '',
      WEGENT_HOME: '',
    });
    expect(await end(child)).toBe(1);
    for (const name of ['WEGENT_WORKSPACE', 'WEGENT_HOME', 'WEGENT_EXECUTOR_PORT'])
      expect(log()).toContain(name);
  });

  test('listens on a port where one is named', async () => {
    await using folder = await temporaryFolder();
    const port = await freePort();
    const { child, log } = await start(folder.path, {
      WEGENT_EXECUTOR_SOCKET: '',
      WEGENT_EXECUTOR_PORT: String(port),
    });
    try {
      await waitFor(() => log().includes('the executor is ready'), { what: `the executor: ${log()}` });
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(401);
    } finally {
      child.kill('SIGTERM');
      await end(child);
    }
  });
});
