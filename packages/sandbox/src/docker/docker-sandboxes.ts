import path from 'node:path';
import type { RunError } from '@wegent/api';
import type { Container } from 'dockerode';
import { watchDisk } from '../process/disk-watch.ts';
import type { Sandbox, SandboxEnd } from '../sandbox.ts';
import { removeContainer, waitForEnd } from './docker-containers.ts';
import type { DockerEngine } from './docker-engine.ts';
import { memoryOf, oomKillsOf } from './docker-usage.ts';
import { orAborted } from './or-aborted.ts';

/** The sandboxes that this process knows. */
export interface DockerSandboxes {
  get(id: string): Sandbox | undefined;
  /** Follows a container that runs, until it ends. */
  follow(found: FollowedContainer): Sandbox;
}

/** A container that runs. */
export interface FollowedContainer extends Pick<Sandbox, 'id' | 'labels'> {
  container: Container;
  host: string;
  port: number;
  folder: string;
  diskBytes: number;
  /** Where somebody waits for it already. */
  exited?: Promise<RunError>;
}

/** Ends each sandbox once, whoever asks for it, and tells everybody how it ended. `ports` are those in use. */
export function createDockerSandboxes(engine: DockerEngine, ports: Set<number>): DockerSandboxes {
  const sandboxes = new Map<string, Sandbox>();

  function follow(found: FollowedContainer): Sandbox {
    const { id, labels, container, host, port, folder, diskBytes } = found;
    const ended = Promise.withResolvers<SandboxEnd>();
    const exited = found.exited ?? waitForEnd(engine, container);
    let ending: Promise<SandboxEnd> | undefined;

    async function finish(how: SandboxEnd, graceMs: number): Promise<SandboxEnd> {
      if (graceMs > 0) await askToEnd({ engine, container, exited, graceMs });
      await removeContainer(engine, container);
      watch[Symbol.dispose]();
      sandboxes.delete(id);
      ports.delete(port);
      ended.resolve(how);
      return how;
    }

    // What failed, because the engine was away for example, can be tried again.
    function end(how: SandboxEnd, graceMs = 0): Promise<SandboxEnd> {
      ending ??= finish(how, graceMs).catch((error: unknown) => {
        ending = undefined;
        throw error;
      });
      return ending;
    }

    const watch = watchDisk({
      folders: ['workspace', 'home'].map((part) => path.join(folder, part)),
      limitBytes: diskBytes,
      onFull: (message) => void end({ cause: 'failed', error: diskFull(message) }).catch(() => {}),
    });
    const sandbox: Sandbox = {
      id,
      labels,
      address: { type: 'tcp', host, port },
      oomKills: () => oomKillsOf(engine, container),
      memoryBytes: () => memoryOf(engine, container),
      ended: ended.promise,
      stop: (graceMs) => end({ cause: 'stopped' }, graceMs),
      kill: () => end({ cause: 'killed' }),
    };
    ports.add(port);
    sandboxes.set(id, sandbox);
    // An end that could not be finished is one of the orphans.
    void exited.then((error) => end({ cause: 'failed', error })).catch(() => {});
    return sandbox;
  }

  return { get: (id) => sandboxes.get(id), follow };
}

function diskFull(message: string): RunError {
  return { reason: 'SandboxFailed', message, retryable: false };
}

interface Request {
  engine: DockerEngine;
  container: Container;
  exited: Promise<unknown>;
  graceMs: number;
}

async function askToEnd({ engine, container, exited, graceMs }: Request): Promise<void> {
  // Unlike a signal with a deadline this timer keeps the process alive that waits for it.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), graceMs);
  try {
    await engine.call(
      'ask a container to end',
      (abortSignal) => container.kill({ signal: 'SIGTERM', abortSignal }),
      { signal: late.signal },
    );
    await orAborted(exited, late.signal);
  } catch {
    // It is killed then.
  } finally {
    clearTimeout(timer);
  }
}
