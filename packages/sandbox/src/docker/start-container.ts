import { ApiError, type RunError } from '@wegent/api';
import type { Container, ContainerCreateOptions } from 'dockerode';
import type { SandboxSpec } from '../sandbox.ts';
import { inspectContainer, removeContainer, tailOf, waitForEnd } from './docker-containers.ts';
import { type DockerEngine, statusOf } from './docker-engine.ts';
import { reachExecutor } from './reach-executor.ts';

/** A container whose executor listens. */
export interface StartedContainer {
  container: Container;
  host: string;
  /** Fulfilled when it does not run any more, with why. */
  exited: Promise<RunError>;
}

interface Start {
  spec: Pick<SandboxSpec, 'id'>;
  options: ContainerCreateOptions & { name: string };
  network: string;
  port: number;
  signal: AbortSignal;
}

/** Makes and starts a container and waits for its executor; nothing stays of one that does not come up. */
export async function startContainer(engine: DockerEngine, start: Start): Promise<StartedContainer> {
  let container: Container | undefined;
  try {
    container = await make(engine, start);
    return await bringUp(engine, container, start);
  } catch (error) {
    // An engine that was too slow may have made it all the same; one that refused has not.
    const made = container ?? (isRefusal(error) ? undefined : engine.docker.getContainer(start.options.name));
    // What cannot be removed now goes with the orphans.
    if (made) await removeContainer(engine, made).catch(() => {});
    throw error;
  }
}

/** One that ended under the same name is what a crash left, and gives way. */
async function make(engine: DockerEngine, { options, signal }: Start): Promise<Container> {
  const create = () =>
    engine.call(
      'make a container',
      (abortSignal) => engine.docker.createContainer({ ...options, abortSignal }),
      { signal },
    );
  try {
    return await create();
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
    const other = engine.docker.getContainer(options.name);
    if ((await inspectContainer(engine, other))?.State.Running) throw error;
    await removeContainer(engine, other);
    return await create();
  }
}

async function bringUp(
  engine: DockerEngine,
  container: Container,
  { spec, network, port, signal }: Start,
): Promise<StartedContainer> {
  await engine.call('start a container', (abortSignal) => container.start({ abortSignal }), { signal });
  const host =
    (await inspectContainer(engine, container))?.NetworkSettings.Networks[network]?.IPAddress ?? '';
  const exited = waitForEnd(engine, container);
  const ended = new AbortController();
  void exited.then(() => ended.abort());
  try {
    // A container that ended at once has no address.
    if (host === '') await exited;
    await reachExecutor({ host, port }, AbortSignal.any([signal, ended.signal]));
    return { container, host, exited };
  } catch (cause) {
    signal.throwIfAborted();
    const tail = await tailOf(engine, container).catch(() => '');
    throw new ApiError(
      'ServiceUnavailable',
      `the executor of sandbox ${spec.id} ended before it listened${tail === '' ? '' : `: ${tail}`}`,
      { cause },
    );
  }
}

function isRefusal(error: unknown): boolean {
  return statusOf(error) !== undefined || (error instanceof ApiError && statusOf(error.cause) !== undefined);
}
