import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { testConfig } from './config.ts';
import { endWithTest } from './end-with-test.ts';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

/** A Redis for a test; it ends with the `await using` scope. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Ends the process with SIGKILL, as a crash does. Only a private server can be killed. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with the data it had. */
  restart(): Promise<void>;
}

/**
 * Starts a Redis of the test's own on a random port of 127.0.0.1. Where `WEGENT_TEST_REDIS_URL` is set that server
 * is used, so tests choose names nobody else has; `private: true` insists on a server of one's own.
 */
export async function startRedis(options: { private?: boolean } = {}): Promise<TestRedis> {
  if (testConfig.redisUrl !== undefined && options.private !== true)
    return externalRedis(testConfig.redisUrl);
  const folder = await temporaryFolder();
  try {
    return await privateRedis(folder);
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

function externalRedis(url: string): TestRedis {
  const refuse = () =>
    Promise.reject(new Error('WEGENT_TEST_REDIS_URL names a server that tests must not stop'));
  return {
    url,
    port: Number(new URL(url).port || 6379),
    kill: refuse,
    restart: refuse,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function privateRedis(folder: TemporaryFolder): Promise<TestRedis> {
  const port = await freePort();
  let server = await launch(port, folder.path);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill: () => end(server),
    restart: async () => {
      await end(server);
      server = await launch(port, folder.path);
    },
    [Symbol.asyncDispose]: async () => {
      await end(server);
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function launch(port: number, directory: string): Promise<ChildProcess> {
  const program = findProgram('redis-server');
  if (program === undefined) throw new Error('redis-server is not installed');
  // The append-only file reaches the kernel before a reply does, so data outlive SIGKILL without the price of fsync.
  const persistence = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'no'];
  const server = spawn(
    program,
    ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory, ...persistence],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  endWithTest(server);
  const output: string[] = [];
  for await (const line of createInterface({ input: server.stdout })) {
    output.push(line);
    if (!line.includes('Ready to accept connections')) continue;
    server.stdout.resume();
    return server;
  }
  throw new Error(`redis-server did not start on port ${port}:\n${output.join('\n')}`);
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGKILL');
  await once(server, 'exit');
}
