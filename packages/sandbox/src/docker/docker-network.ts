import { createHash } from 'node:crypto';
import { ApiError } from '@wegent/api';
import type { NetworkInspectInfo } from 'dockerode';
import { type DockerEngine, statusOf } from './docker-engine.ts';
import { OWNER } from './docker-options.ts';

/** The network of sandboxes: no way out, none from one to the other. */
export interface SandboxNetwork {
  /** Another one when it was removed and made anew. */
  id: string;
  /** Interface of this host that its containers hang on. */
  bridge: string;
  /** Address of this host on it. */
  gateway: string | undefined;
}

const BRIDGE_NAME = 'com.docker.network.bridge.name';
const BETWEEN_CONTAINERS = 'com.docker.network.bridge.enable_icc';

/** Makes the network where it is missing, and refuses one of that name that is open. */
export async function ensureNetwork(engine: DockerEngine, name: string): Promise<SandboxNetwork> {
  const found = (await inspect(engine, name)) ?? (await create(engine, name));
  const bridge = found.Options?.[BRIDGE_NAME];
  if (!found.Internal || found.Options?.[BETWEEN_CONTAINERS] !== 'false' || bridge === undefined) {
    throw new ApiError(
      'ServiceUnavailable',
      `the network "${name}" is not one that sandboxes may use: it has to be internal, with a named bridge and without traffic between containers. Remove it (docker network rm ${name}) and it is made as it should be, or name another one in EXECUTOR_NETWORK`,
    );
  }
  return { id: found.Id, bridge, gateway: found.IPAM?.Config?.[0]?.Gateway };
}

/** Removes the network; one that is in use, or not there, stays as it is. Tells whether it is gone. */
export async function removeNetwork(engine: DockerEngine, name: string): Promise<boolean> {
  try {
    await engine.call(`remove the network "${name}"`, () => engine.docker.getNetwork(name).remove());
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return true;
    // Older engines answer 403 while containers hang on it.
    if (error instanceof ApiError && statusOf(error.cause) === 403) return false;
    throw error;
  }
}

async function inspect(engine: DockerEngine, name: string): Promise<NetworkInspectInfo | undefined> {
  try {
    return await engine.call<NetworkInspectInfo>(`look at the network "${name}"`, () =>
      engine.docker.getNetwork(name).inspect(),
    );
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

async function create(engine: DockerEngine, name: string): Promise<NetworkInspectInfo> {
  try {
    await engine.call(`make the network "${name}"`, (abortSignal) =>
      engine.docker.createNetwork({
        Name: name,
        Driver: 'bridge',
        CheckDuplicate: true,
        Internal: true,
        Attachable: false,
        Options: { [BRIDGE_NAME]: bridgeName(name), [BETWEEN_CONTAINERS]: 'false' },
        Labels: { owner: OWNER },
        abortSignal,
      }),
    );
  } catch (error) {
    // Perhaps because somebody else made it in the meantime; engines say so in several ways.
    const others = await inspect(engine, name);
    if (others === undefined) throw error;
    return others;
  }
  const made = await inspect(engine, name);
  if (made === undefined) throw new ApiError('ServiceUnavailable', `the network "${name}" did not stay`);
  return made;
}

/** Names of interfaces have 15 characters at most. */
function bridgeName(network: string): string {
  return `wegent-${createHash('sha256').update(network).digest('hex').slice(0, 6)}`;
}
