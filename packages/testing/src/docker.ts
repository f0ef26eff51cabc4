import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join, parse, resolve } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './find-program.ts';
import { holdMachineLock } from './machine-lock.ts';
import { rememberFirewall } from './remember-firewall.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

/** A Docker engine for a test; it ends with the `await using` scope. */
export interface TestDocker extends AsyncDisposable {
  readonly socketPath: string;
  /** The same as a value of `DOCKER_HOST`. */
  readonly host: string;
  /**
   * Builds the executor image without a registry, once per change of its parts, and answers its name; with `bundle`
   * that program takes the place of the executor.
   */
  executorImage(options?: { bundle?: string }): Promise<string>;
}

/** Images are kept here between tests: the executor image takes a minute, and loading it seconds. */
const root = resolve(import.meta.dirname, '../../..');
const data = join(root, '.cache/test-docker');

/**
 * Starts a Docker engine of the test's own; as root only. There is one at a time on a machine, the next test waits for
 * its turn: they would share the kernel's firewall. What an engine leaves behind there is taken back at the end.
 */
export async function startDocker(): Promise<TestDocker> {
  const lock = await holdMachineLock('wegent-test-docker');
  const folder = await temporaryFolder();
  const restoreFirewall = await rememberFirewall();
  const socketPath = join(folder.path, 'docker.sock');
  const giveBack = async () => {
    try {
      await restoreFirewall();
      await unmountBelow(folder.path);
      await folder[Symbol.asyncDispose]();
    } finally {
      await lock[Symbol.asyncDispose]();
    }
  };
  try {
    const engine = await launch(folder.path, socketPath);
    await removeEverything(socketPath);
    return {
      socketPath,
      host: `unix://${socketPath}`,
      executorImage: (options) => buildExecutorImage(socketPath, options),
      [Symbol.asyncDispose]: async () => {
        await removeEverything(socketPath);
        await end(engine);
        await giveBack();
      },
    };
  } catch (error) {
    await giveBack();
    throw error;
  }
}

async function launch(folder: string, socketPath: string): Promise<ChildProcess> {
  const [dockerd, setpriv] = [findProgram('dockerd'), findProgram('setpriv')];
  if (dockerd === undefined || setpriv === undefined) throw new Error('dockerd or setpriv is not installed');
  const pidFile = join(data, 'dockerd.pid');
  await waitForPrevious(pidFile);
  const engine = spawn(
    setpriv,
    [
      // A test that was killed takes its engine along.
      '--pdeathsig=TERM',
      dockerd,
      `--data-root=${data}`,
      `--exec-root=${join(folder, 'exec')}`,
      `--pidfile=${pidFile}`,
      `--host=unix://${socketPath}`,
      '--bridge=none',
      '--default-address-pool=base=10.213.0.0/16,size=24',
      '--log-level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let output = '';
  engine.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  const answers = waitFor(() => call(socketPath, 'GET', '/_ping').catch(() => undefined), {
    what: 'the Docker engine to answer',
    timeoutMs: 60_000,
  });
  const ended = once(engine, 'exit').then(() => {
    throw new Error(`dockerd did not start:\n${output}`);
  });
  ended.catch(() => {});
  answers.catch(() => {});
  try {
    await Promise.race([answers, ended]);
  } catch (error) {
    await end(engine);
    throw error;
  }
  return engine;
}

/** The engine of a test that was killed may still be stopping. */
async function waitForPrevious(pidFile: string): Promise<void> {
  await waitFor(
    async () => {
      const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
      return pid === 0 || !(await isDockerd(pid));
    },
    { what: 'the previous Docker engine to end', timeoutMs: 60_000 },
  );
  await rm(pidFile, { force: true });
}

async function isDockerd(pid: number): Promise<boolean> {
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim() === 'dockerd';
}

async function end(engine: ChildProcess): Promise<void> {
  if (engine.exitCode !== null || engine.signalCode !== null) return;
  const exited = once(engine, 'exit');
  engine.kill('SIGTERM');
  await exited;
}

/** An engine leaves mounts behind, such as the network of containers that had the host's. */
async function unmountBelow(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  for (const place of mounts.filter((mount) => mount.startsWith(`${folder}/`)).toReversed()) {
    await promisify(execFile)('umount', ['--lazy', place]);
  }
}

/** Everything but images that have a name: an engine does not remove bridges when it stops. */
async function removeEverything(socketPath: string): Promise<void> {
  for (const container of await list(socketPath, '/containers/json?all=1')) {
    await call(socketPath, 'DELETE', `/containers/${container.Id}?force=1&v=1`);
  }
  await call(socketPath, 'POST', '/networks/prune');
  await call(socketPath, 'POST', '/images/prune');
  const { Volumes }: { Volumes: { Name: string }[] | null } = JSON.parse(
    await call(socketPath, 'GET', '/volumes'),
  );
  for (const { Name } of Volumes ?? []) await call(socketPath, 'DELETE', `/volumes/${Name}?force=1`);
}

async function list(socketPath: string, path: string): Promise<{ Id: string }[]> {
  return JSON.parse(await call(socketPath, 'GET', path));
}

async function buildExecutorImage(socketPath: string, { bundle }: { bundle?: string } = {}): Promise<string> {
  const image = bundle === undefined ? 'wegent-executor:test' : `wegent-executor:test-${parse(bundle).name}`;
  const build = spawn(
    process.execPath,
    [
      join(root, 'scripts/executor-image.ts'),
      '--offline',
      ...['--tag', image, '--engine', socketPath],
      ...(bundle === undefined ? [] : ['--bundle', bundle]),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let output = '';
  build.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = await once(build, 'exit');
  if (code !== 0) throw new Error(`the executor image could not be built:\n${output}`);
  return image;
}

function call(socketPath: string, method: string, path: string): Promise<string> {
  return new Promise((fulfil, reject) => {
    const asked = request({ socketPath, method, path, timeout: 30_000 }, (answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      answer.on('error', reject);
      answer.on('end', () => fulfil(body));
    });
    asked.on('timeout', () => asked.destroy(new Error(`${method} ${path} took too long`)));
    asked.on('error', reject);
    asked.end();
  });
}
