import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { endWithTest, freePort, temporaryFolder } from '@wegent/testing';
import { e2eConfig } from './config.ts';

const BUNDLE = path.resolve(import.meta.dirname, '../../apps/standalone/dist/main.js');
const START_TIMEOUT_MS = 60_000;

/** The password of the administrator of a server that `startStandalone` starts. */
export const ADMIN_PASSWORD = 'password of the administrator';

/** A process that was started and may or may not have become ready. */
export interface StandaloneProcess {
  /** Everything that it has printed, both streams. */
  output(): string;
  /** Resolves with the milliseconds that the start took; rejects with the output when it ended instead. */
  ready: Promise<number>;
  /** Resolves with the exit code; `null` after a signal. */
  exit: Promise<number | null>;
  signal(name: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

/** The whole product as a process of its own: the bundle, in a folder and on a port that nobody else has. */
export interface Standalone extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** The process of now; another one after `restart`. */
  process(): StandaloneProcess;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Ends it as an operator does. */
  stop(): Promise<number | null>;
  /** Starts it again on the same port and data; answers the milliseconds that took. */
  restart(): Promise<number>;
}

/** What a server of a test is started with. */
export interface StandaloneOptions {
  /** Variables besides PORT and DATA_DIR; `undefined` takes a default away. */
  env?: Record<string, string | undefined>;
  /** Folder of installed engines that it uses, in place of an empty one of its own. */
  enginesFolder?: string;
}

/** Starts the product and waits until it is ready; it ends with the `await using` scope. */
export async function startStandalone({
  env = {},
  enginesFolder,
}: StandaloneOptions = {}): Promise<Standalone> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const dataDir = path.join(folder.path, 'data');
  if (enginesFolder !== undefined) {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await symlink(enginesFolder, path.join(dataDir, 'engines'));
  }
  const start = () =>
    spawnStandalone({
      DATA_DIR: dataDir,
      PORT: String(port),
      HTTPS_PORT: 'off',
      WEGENT_ADMIN_PASSWORD: ADMIN_PASSWORD,
      ...env,
    });
  let current = start();
  const standalone: Standalone = {
    url: `http://127.0.0.1:${port}`,
    port,
    dataDir,
    process: () => current,
    async kill() {
      await current.signal('SIGKILL');
    },
    stop: () => current.signal('SIGTERM'),
    restart() {
      current = start();
      return current.ready;
    },
    async [Symbol.asyncDispose]() {
      // With the engines there are sandboxes, which outlive a process that is killed.
      if (enginesFolder !== undefined) await current.signal('SIGTERM');
      await current.signal('SIGKILL');
      await folder[Symbol.asyncDispose]();
    },
  };
  try {
    await current.ready;
    return standalone;
  } catch (error) {
    await standalone[Symbol.asyncDispose]();
    throw error;
  }
}

/** Starts the bundle with exactly these variables; for starts that are meant to fail. */
export function spawnStandalone(env: Record<string, string | undefined>): StandaloneProcess {
  if (!existsSync(BUNDLE)) {
    throw new Error(`${BUNDLE} is missing: run the suites with "npm test", or "node scripts/build.ts" first`);
  }
  const started = performance.now();
  const given = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const child = spawn(process.execPath, [BUNDLE], {
    env: { ...e2eConfig.childEnvironment, LOG_LEVEL: 'warn', ...Object.fromEntries(given) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithTest(child);
  const exit = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  let output = '';
  const ready = Promise.withResolvers<number>();
  const timer = setTimeout(
    () => ready.reject(new Error(`not ready after ${START_TIMEOUT_MS} ms:\n${output}`)),
    START_TIMEOUT_MS,
  );
  // Nobody may be waiting for a start that is meant to fail.
  ready.promise.catch(() => undefined).finally(() => clearTimeout(timer));
  const read = (chunk: string) => {
    output += chunk;
    if (output.includes('Wegent is ready')) ready.resolve(performance.now() - started);
  };
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', read);
  void exit.then((code) => ready.reject(new Error(`the server ended with code ${code}:\n${output}`)));
  return { output: () => output, ready: ready.promise, exit, signal: (name) => end(child, name, exit) };
}

async function end(
  child: ChildProcess,
  name: 'SIGKILL' | 'SIGTERM',
  exit: Promise<number | null>,
): Promise<number | null> {
  child.kill(name);
  return exit;
}
