import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { testConfig } from './config.ts';
import { endWithTest } from './end-with-test.ts';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

/** A MariaDB for a test; it ends with the `await using` scope. */
export interface TestMariaDb extends AsyncDisposable {
  /** URL of a database of the server, or of the server itself. */
  url(database?: string): string;
  /** Makes an empty database that nobody else uses and answers its URL. */
  createDatabase(): Promise<string>;
  /** Ends the process with SIGKILL, as a crash does. Only a private server can be killed. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with the data it had. */
  restart(): Promise<void>;
}

/**
 * Starts a MariaDB of the test's own on a random port of 127.0.0.1, which syncs nothing to the disk. Where
 * `WEGENT_TEST_MYSQL_URL` is set that server (MySQL or MariaDB) is used; `private: true` insists on one's own.
 */
export async function startMariaDb(options: { private?: boolean } = {}): Promise<TestMariaDb> {
  if (testConfig.mysqlUrl !== undefined && options.private !== true)
    return externalServer(testConfig.mysqlUrl);
  const folder = await temporaryFolder();
  try {
    return await privateServer(folder);
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

function externalServer(serverUrl: string): TestMariaDb {
  const created: string[] = [];
  const refuse = () =>
    Promise.reject(new Error('WEGENT_TEST_MYSQL_URL names a server that tests must not stop'));
  const url = (database = '') => new URL(`/${database}`, serverUrl).href;
  return {
    url,
    createDatabase: async () => {
      const database = await createDatabase(url());
      created.push(database);
      return url(database);
    },
    kill: refuse,
    restart: refuse,
    [Symbol.asyncDispose]: async () => {
      for (const database of created) await execute(url(), `drop database if exists ${database}`);
    },
  };
}

async function privateServer(folder: TemporaryFolder): Promise<TestMariaDb> {
  const port = await freePort();
  const data = join(folder.path, 'data');
  await install(data);
  const temporary = join(folder.path, 'tmp');
  await mkdir(temporary);
  const start = () => launch({ port, data, socket: join(folder.path, 'socket'), temporary });
  let server = await start();
  const url = (database = '') => `mysql://root@127.0.0.1:${port}/${database}`;
  return {
    url,
    createDatabase: async () => url(await createDatabase(url())),
    kill: () => end(server),
    restart: async () => {
      await end(server);
      server = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await end(server);
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function install(data: string): Promise<void> {
  const program = findProgram('mariadb-install-db');
  if (program === undefined) throw new Error('mariadb-install-db is not installed');
  const login = '--auth-root-authentication-method=normal';
  await promisify(execFile)(program, [
    '--no-defaults',
    login,
    '--skip-test-db',
    `--user=${userInfo().username}`,
    `--datadir=${data}`,
  ]);
}

interface Place {
  port: number;
  data: string;
  socket: string;
  temporary: string;
}

async function launch({ port, data, socket, temporary }: Place): Promise<ChildProcess> {
  const program = findProgram('mariadbd');
  if (program === undefined) throw new Error('mariadbd is not installed');
  const server = spawn(
    program,
    [
      '--no-defaults',
      // As root the server insists on being told so.
      `--user=${userInfo().username}`,
      `--datadir=${data}`,
      `--socket=${socket}`,
      // A server that starts deletes what others have in a common folder for temporary tables, and those crash.
      `--tmpdir=${temporary}`,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      '--skip-name-resolve',
      '--max-connections=500',
      // A commit reaches the kernel but not the disk: data outlive SIGKILL without the price of fsync.
      '--innodb-flush-log-at-trx-commit=2',
      '--skip-innodb-doublewrite',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  endWithTest(server);
  const output: string[] = [];
  for await (const line of createInterface({ input: server.stderr })) {
    output.push(line);
    if (!line.includes('ready for connections')) continue;
    server.stderr.resume();
    return server;
  }
  throw new Error(`mariadbd did not start on port ${port}:\n${output.join('\n')}`);
}

/** Nothing of a test's server has to outlive the test, so it need not shut down in order. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGKILL');
  await once(server, 'exit');
}

async function createDatabase(serverUrl: string): Promise<string> {
  const database = `wegent_test_${randomBytes(6).toString('hex')}`;
  await execute(serverUrl, `create database ${database}`);
  return database;
}

async function execute(serverUrl: string, statement: string): Promise<void> {
  const connection = await createConnection(serverUrl);
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}
