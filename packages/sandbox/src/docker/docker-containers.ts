import { setTimeout as delay } from 'node:timers/promises';
import type { RunError } from '@wegent/api';
import type { Container, ContainerInfo, ContainerInspectInfo } from 'dockerode';
import { type DockerEngine, statusOf } from './docker-engine.ts';
import { LABELS, OWNER } from './docker-options.ts';

const AGAIN_MS = 500;
const GONE_AGAIN_MS = 50;
const REMOVE_MS = 60_000;
const LOG_LINES = 20;
const KILLED = 137;

/** Containers of an installation; all of ours when `instance` is absent. */
export function listContainers(
  engine: DockerEngine,
  { instance, all }: { instance?: string; all: boolean },
): Promise<ContainerInfo[]> {
  const label = instance === undefined ? `${LABELS.owner}=${OWNER}` : `${LABELS.instance}=${instance}`;
  return engine.call('list containers', (abortSignal) =>
    engine.docker.listContainers({ all, filters: { label: [label] }, abortSignal }),
  );
}

/** Looks at a container; undefined when it is not there. */
export async function inspectContainer(
  engine: DockerEngine,
  container: Container,
): Promise<ContainerInspectInfo | undefined> {
  try {
    return await engine.call('look at a container', (abortSignal) => container.inspect({ abortSignal }));
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Kills and removes; fulfilled when nothing of it is left. */
export async function removeContainer(engine: DockerEngine, container: Container): Promise<void> {
  await engine.call(
    'remove a container',
    async (signal) => {
      while (!signal.aborted && (await tryRemove(container))) await delay(GONE_AGAIN_MS);
    },
    { ms: REMOVE_MS },
  );
}

/** Is it still there? Somebody else may be removing it. */
async function tryRemove(container: Container): Promise<boolean> {
  try {
    await container.remove({ force: true, v: true });
    return false;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    if (statusOf(error) === 409) return true;
    throw error;
  }
}

/** Waits until a container does not run any more, engines that restart in between included, and tells why it ended. */
export async function waitForEnd(engine: DockerEngine, { id }: Container): Promise<RunError> {
  const container = engine.background.getContainer(id);
  for (;;) {
    try {
      await container.wait();
      return await explainEnd(engine, engine.docker.getContainer(id));
    } catch (error) {
      if (statusOf(error) === 404) return REMOVED;
      await delay(AGAIN_MS, undefined, { ref: false });
    }
  }
}

/** The last lines that a container wrote. */
export async function tailOf(engine: DockerEngine, container: Container): Promise<string> {
  const output = await engine.call('read the log of a container', (abortSignal) =>
    container.logs({ stdout: true, stderr: true, follow: false, tail: LOG_LINES, abortSignal }),
  );
  return textOf(Buffer.isBuffer(output) ? output : Buffer.from(output)).trim();
}

async function explainEnd(engine: DockerEngine, container: Container): Promise<RunError> {
  const state = (await inspectContainer(engine, container))?.State;
  if (state === undefined) return REMOVED;
  if (state.OOMKilled && state.ExitCode === KILLED) {
    return {
      reason: 'SandboxOutOfMemory',
      message:
        'The sandbox used all the memory that it may have: ask for less at once, or raise resources.memory of the Shell.',
      retryable: true,
    };
  }
  const detail = await tailOf(engine, container).catch(() => '');
  return {
    reason: 'SandboxFailed',
    message: `The executor ended by itself (exit code ${state.ExitCode}).`,
    retryable: true,
    ...(detail === '' ? {} : { detail }),
  };
}

const REMOVED: RunError = {
  reason: 'SandboxFailed',
  message: 'Somebody else removed the container of the sandbox.',
  retryable: true,
};

/** Output comes in frames: a byte for the stream, three of nothing, four for the length. */
function textOf(frames: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= frames.length; ) {
    const end = at + 8 + frames.readUInt32BE(at + 4);
    parts.push(frames.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(parts).toString();
}
