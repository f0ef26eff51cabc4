import path from 'node:path';
import type { DockerDriverOptions } from './docker/docker-options.ts';
import { createLocalDriver, type LocalDriverOptions } from './local/local-driver.ts';
import { probeLocal } from './local/probe-local.ts';
import type { SandboxDriver } from './sandbox.ts';
import { createUnsafeProcessDriver } from './unsafe-process.ts';

/** Which driver, and what each of them has to know. */
export interface SandboxDriverOptions {
  /** `auto`: Docker where its engine answers, else `local`; never without walls. */
  kind: 'auto' | 'local' | 'docker' | 'unsafe-process';
  /** Folder of this installation; what drivers remember lies in it. */
  dataDir: string;
  enginesFolder: string;
  /** Bundle of the executor. */
  executorFile: string;
  nodePath: string;
  docker: Pick<DockerDriverOptions, 'socketPath' | 'image' | 'network' | 'ports'>;
}

/** The driver that works, or why none does and what to do. */
export type OpenedSandboxDriver =
  | { driver: SandboxDriver; problem?: undefined }
  | { driver?: undefined; problem: string };

/** Tries what was asked for. Fails closed: nothing is ever run without walls unless that was asked for by name. */
export async function openSandboxDriver(options: SandboxDriverOptions): Promise<OpenedSandboxDriver> {
  const { kind } = options;
  if (options.executorFile === '') {
    return { problem: 'the executor was not built: run "npm run build"' };
  }
  if (kind === 'unsafe-process') return { driver: await createUnsafeProcessDriver(localOptions(options)) };
  if (kind === 'docker') return openDocker(options);
  if (kind === 'local') return openLocal(options);
  const docker = await openDocker(options);
  if (docker.driver) return docker;
  const local = await openLocal(options);
  if (local.driver) return local;
  return {
    problem: `No sandbox can be made, so that no agent can work. Docker: ${docker.problem}. Without Docker: ${local.problem}. (SANDBOX=unsafe-process runs agents without any walls, as the user who runs Wegent.)`,
  };
}

async function openLocal(options: SandboxDriverOptions): Promise<OpenedSandboxDriver> {
  const given = localOptions(options);
  const probe = await probeLocal(given);
  return probe.ok ? { driver: await createLocalDriver(given) } : { problem: probe.problem };
}

/** Its client is loaded only where it is wanted. */
async function openDocker(options: SandboxDriverOptions): Promise<OpenedSandboxDriver> {
  const { dataDir, enginesFolder, executorFile } = options;
  const given: DockerDriverOptions = {
    ...options.docker,
    enginesFolder,
    executorFile,
    instance: path.resolve(dataDir),
  };
  const [{ createDockerDriver }, { probeDocker }] = await Promise.all([
    import('./docker/docker-driver.ts'),
    import('./docker/probe-docker.ts'),
  ]);
  // Whatever is wrong with the engine, it is no reason to go down.
  const probe = await probeDocker(given).catch((error: unknown) => ({
    ok: false as const,
    problem: error instanceof Error ? error.message : String(error),
  }));
  return probe.ok
    ? { driver: createDockerDriver({ ...given, isolation: probe.isolation }) }
    : { problem: probe.problem };
}

function localOptions({
  dataDir,
  nodePath,
  executorFile,
  enginesFolder,
}: SandboxDriverOptions): LocalDriverOptions {
  return { stateFolder: path.join(dataDir, 'sandbox-state'), nodePath, executorFile, enginesFolder };
}
