import { createHash } from 'node:crypto';
import { ApiError } from '@wegent/api';
import type { ContainerInfo } from 'dockerode';
import { DEFAULT_LIMITS, resolveLimits } from '../limits.ts';
import { createPortPool } from '../ports.ts';
import { prepareFolder, removeToken } from '../process/sandbox-folder.ts';
import type { Sandbox, SandboxDriver, SandboxSpec } from '../sandbox.ts';
import { containerOptions } from './container-options.ts';
import { listContainers, removeContainer } from './docker-containers.ts';
import { type DockerEngine, openDockerEngine, statusOf } from './docker-engine.ts';
import { openHost } from './docker-firewall.ts';
import { createDockerImages } from './docker-image.ts';
import { ensureNetwork, removeNetwork } from './docker-network.ts';
import { type DockerDriverOptions, EXECUTOR_INSIDE, LABELS } from './docker-options.ts';
import { createDockerSandboxes } from './docker-sandboxes.ts';
import { createHostCloser } from './host-closer.ts';
import { orAborted } from './or-aborted.ts';
import { sandboxUser } from './sandbox-user.ts';
import { shareWhileBusy } from './share-while-busy.ts';
import { startContainer } from './start-container.ts';

/** The driver, and a way to take back what it made for all sandboxes. */
export interface DockerDriver extends SandboxDriver {
  /** Removes the network and the rules of the firewall; does nothing while containers hang on it. */
  removeNetwork(): Promise<void>;
}

/**
 * Sandboxes as containers of a Docker engine, one each. `isolation` is what `probeDocker` found; `command` replaces
 * the executor by other arguments of Node.
 */
export function createDockerDriver(
  options: DockerDriverOptions & { isolation?: string; command?: readonly string[] },
): DockerDriver {
  const { network, instance, command = [EXECUTOR_INSIDE] } = options;
  const engine = openDockerEngine(options.socketPath);
  const images = createDockerImages(engine, options);
  /** Of this process; those of others are asked for. */
  const ports = new Set<number>();
  const sandboxes = createDockerSandboxes(engine, ports);
  const closeHostTo = createHostCloser(engine, options.image);
  /** Before every start: others can remove network and rules at any time. */
  const prepareNetwork = shareWhileBusy(async () => closeHostTo(await ensureNetwork(engine, network)));
  const processors = rememberOnce(() => countProcessors(engine));
  const starting = new Set<string>();

  async function start(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox> {
    const user = sandboxUser();
    const [program, count, taken] = await orAborted(
      Promise.all([
        images.ready(spec.image, signal),
        processors(),
        listContainers(engine, { all: true }),
        prepareNetwork(),
        prepareFolder(spec, user),
      ]),
      signal,
    );
    const limits = resolveLimits(spec.limits);
    const used = [...ports, ...taken.map(portOf)];
    const port = createPortPool({ ...options.ports, used }).take();
    ports.add(port);
    const container = containerOptions({
      spec,
      options,
      port,
      program,
      command,
      user: `${user.uid}:${user.gid}`,
      name: nameOf(instance, spec.id),
      // The engine refuses more than there are.
      limits: { ...limits, cpu: Math.min(limits.cpu, count) },
    });
    try {
      const started = await startContainer(engine, { spec, options: container, network, port, signal });
      const { id, labels, folder } = spec;
      return sandboxes.follow({ id, labels, folder, diskBytes: limits.diskBytes, port, ...started });
    } catch (error) {
      ports.delete(port);
      throw error;
    }
  }

  /** The sandbox of a container, also of one that an earlier process of this installation started. */
  function sandboxOf(info: ContainerInfo): Sandbox | undefined {
    const id = idOf(info);
    const host = info.NetworkSettings.Networks[network]?.IPAddress;
    const known = sandboxes.get(id);
    if (known || !host || starting.has(id)) return known;
    const given = info.Labels;
    return sandboxes.follow({
      id,
      labels: { taskId: given[LABELS.task] ?? '', namespace: given[LABELS.namespace] ?? '' },
      container: engine.docker.getContainer(info.Id),
      host,
      port: portOf(info),
      folder: given[LABELS.folder] ?? '',
      diskBytes: Number(given[LABELS.disk]),
    });
  }

  return {
    name: 'docker',
    isolation: options.isolation ?? 'containers without capabilities, on a network that leads nowhere',
    isolated: true,
    defaults: DEFAULT_LIMITS,

    async create(spec, signal) {
      if (sandboxes.get(spec.id) || starting.has(spec.id)) throw exists(spec.id);
      starting.add(spec.id);
      const late = AbortSignal.timeout(spec.startMs);
      const stop = signal ? AbortSignal.any([signal, late]) : late;
      try {
        stop.throwIfAborted();
        return await start(spec, stop);
      } catch (cause) {
        await removeToken(spec);
        signal?.throwIfAborted();
        throw explain(cause, { spec, late: late.aborted });
      } finally {
        starting.delete(spec.id);
      }
    },

    async list() {
      const running = await listContainers(engine, { instance, all: false });
      return running.flatMap((info) => sandboxOf(info) ?? []);
    },

    async removeOrphans(keep) {
      const all = await listContainers(engine, { instance, all: true });
      const orphans = all.filter(
        (info) => !starting.has(idOf(info)) && !(keep.has(idOf(info)) && isAlive(info)),
      );
      await Promise.all(
        orphans.map(
          (info) =>
            sandboxes.get(idOf(info))?.kill() ?? removeContainer(engine, engine.docker.getContainer(info.Id)),
        ),
      );
      return orphans.map(idOf);
    },

    async removeNetwork() {
      const { bridge } = await ensureNetwork(engine, network);
      if (await removeNetwork(engine, network)) await openHost(bridge);
    },
  };
}

function explain(cause: unknown, { spec, late }: { spec: SandboxSpec; late: boolean }): ApiError {
  if (statusOf(cause) === 409) return exists(spec.id);
  if (late) {
    return new ApiError('Timeout', `sandbox ${spec.id} did not start within ${spec.startMs} ms`, { cause });
  }
  if (cause instanceof ApiError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ApiError('ServiceUnavailable', `sandbox ${spec.id} did not start: ${message}`, { cause });
}

async function countProcessors(engine: DockerEngine): Promise<number> {
  const info = await engine.call('say how many processors it has', () => engine.docker.info());
  return info.NCPU;
}

/** Asks once; again after a failure. */
function rememberOnce<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let known: Promise<Value> | undefined;
  return () => {
    known ??= ask().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

function isAlive({ State }: ContainerInfo): boolean {
  return State === 'running' || State === 'paused';
}

function idOf({ Labels }: ContainerInfo): string {
  return Labels[LABELS.sandbox] ?? '';
}

function portOf({ Labels }: ContainerInfo): number {
  return Number(Labels[LABELS.port] ?? 0);
}

/** Names are the engine's; installations that share it must not meet. */
function nameOf(instance: string, id: string): string {
  return `wegent-${createHash('sha256').update(instance).digest('hex').slice(0, 8)}-${id}`;
}

function exists(id: string): ApiError {
  return new ApiError('AlreadyExists', `sandbox ${id} exists`);
}
