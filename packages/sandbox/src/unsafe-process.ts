import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type ControlGroups, findControlGroups } from './process/control-groups.ts';
import { createProcessDriver } from './process/process-driver.ts';
import { resourceLimits, withResourceLimits } from './process/resource-limits.ts';
import type { SandboxDriver } from './sandbox.ts';

/** What the driver has to know. */
export interface UnsafeProcessDriverOptions {
  /** Folder for what is remembered of sandboxes. Who shares it shares the sandboxes. */
  stateFolder: string;
  nodePath: string;
  executorFile: string;
  enginesFolder: string;
  /** Where agents find programs; that of this process when absent. */
  path?: string;
}

const LONGEST_SOCKET = 100;

/**
 * Executors as plain processes of the user that runs this: an agent can do all that this user can, and read all that it
 * can read, keys of models included. For people who know that and have no other way; never chosen by itself. Limits are
 * kept as far as the host lets us.
 */
export async function createUnsafeProcessDriver(
  options: UnsafeProcessDriverOptions & { groups?: ControlGroups },
): Promise<SandboxDriver> {
  const stateFolder = path.resolve(options.stateFolder);
  const enginesFolder = path.resolve(options.enginesFolder);
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  const groups = options.groups ?? (await findControlGroups());
  const kept = groups.places.map(({ controller }) => controller);
  const memory = kept.includes('memory');

  return createProcessDriver({
    stateFolder,
    walls: {
      name: 'unsafe-process',
      isolation: `NONE: agents are processes of this user and can read and change all that it can; ${
        kept.length === 0
          ? 'memory limited for each process only'
          : `${kept.join(', ')} limited by control groups`
      }`,
      isolated: false,
      groups,
      userOf: () => undefined,
      markOf: (id) => `WEGENT_SANDBOX=${path.join(stateFolder, id)}`,

      async launch(spec, limits) {
        await mkdir(enginesFolder, { recursive: true });
        const runFolder = path.join(spec.folder, 'run');
        const home = path.join(spec.folder, 'home');
        const socket = path.join(runFolder, 'executor.sock');
        return {
          argv: withResourceLimits(resourceLimits(limits, { ownUser: false, memory }), [
            options.nodePath,
            path.resolve(options.executorFile),
          ]),
          env: {
            LANG: 'C.UTF-8',
            ...spec.env,
            PATH:
              options.path ??
              `${path.dirname(options.nodePath)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
            HOME: home,
            SHELL: '/bin/bash',
            WEGENT_SANDBOX: path.join(stateFolder, spec.id),
            // Paths of sockets are short; the executor starts in the folder.
            WEGENT_EXECUTOR_SOCKET: Buffer.byteLength(socket) > LONGEST_SOCKET ? 'executor.sock' : socket,
            WEGENT_RUN_DIR: runFolder,
            WEGENT_WORKSPACE: path.join(spec.folder, 'workspace'),
            WEGENT_HOME: home,
            WEGENT_ENGINES: enginesFolder,
          },
          files: [],
          cwd: runFolder,
          close: async () => {},
        };
      },
    },
  });
}
