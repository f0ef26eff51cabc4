import { ApiError } from '@wegent/api';
import { removeContainer } from './docker-containers.ts';
import type { DockerEngine } from './docker-engine.ts';
import { closeHost, closeScript } from './docker-firewall.ts';
import type { SandboxNetwork } from './docker-network.ts';
import { OWNER } from './docker-options.ts';

const CLOSE_MS = 60_000;

/** Closes the engine's host to what hangs on a network; gives what keeps it from doing so, or undefined. */
export type HostCloser = (network: SandboxNetwork) => Promise<string | undefined>;

/**
 * Where this process may not change the firewall, a container of the executor image does it that has the host's
 * network: who may use the engine may do so. That takes a moment, so it is done once for a network. A host that could
 * be closed once is not left open later.
 */
export function createHostCloser(engine: DockerEngine, image: string): HostCloser {
  const byContainer = new Map<string, Promise<string | undefined>>();
  let closed = false;
  return async ({ id, bridge }) => {
    let problem = await closeHost(bridge);
    if (problem !== undefined) {
      const doing = byContainer.get(id) ?? closeByContainer(engine, { image, bridge });
      byContainer.set(id, doing);
      problem = await doing;
    }
    if (problem === undefined) {
      closed = true;
      return undefined;
    }
    byContainer.delete(id);
    if (!closed) return problem;
    throw new ApiError('ServiceUnavailable', `this host is not closed to sandboxes any more: ${problem}`);
  };
}

/** Exported for its test. */
export async function closeByContainer(
  engine: DockerEngine,
  { image, bridge }: { image: string; bridge: string },
): Promise<string | undefined> {
  try {
    const container = await engine.call('make the container that closes the host', (abortSignal) =>
      engine.docker.createContainer({
        Image: image,
        User: '0:0',
        Entrypoint: ['/bin/sh', '-c', closeScript(bridge)],
        Cmd: [],
        Labels: { owner: OWNER },
        HostConfig: {
          NetworkMode: 'host',
          CapDrop: ['ALL'],
          CapAdd: ['NET_ADMIN', 'NET_RAW'],
          SecurityOpt: ['no-new-privileges:true'],
          ReadonlyRootfs: true,
          // Its lock is not that of the host; the kernel itself does not lose rules.
          Tmpfs: { '/run': 'rw,size=1m' },
        },
        abortSignal,
      }),
    );
    try {
      await engine.call('start the container that closes the host', () => container.start());
      const { StatusCode } = await engine.call('wait for it', () => container.wait(), { ms: CLOSE_MS });
      return StatusCode === 0 ? undefined : 'iptables works neither here nor in a container';
    } finally {
      await removeContainer(engine, container);
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
