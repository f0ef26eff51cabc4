import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type ControlGroups, findControlGroups } from '../process/control-groups.ts';
import { FIRST_FILE } from '../process/gated-process.ts';
import { createProcessDriver } from '../process/process-driver.ts';
import { resourceLimits, withResourceLimits } from '../process/resource-limits.ts';
import type { Walls } from '../process/walls.ts';
import type { SandboxDriver } from '../sandbox.ts';
import { asHostUser } from './as-host-user.ts';
import { bubblewrapArguments, type Sources } from './bubblewrap-arguments.ts';
import { processSteps, systemSteps } from './host-system.ts';
import { chooseHostUser } from './host-users.ts';
import { describeIsolation } from './isolation.ts';
import { makeProgramFiles, type ProgramFiles } from './program-files.ts';

/** What the local driver has to know. */
export interface LocalDriverOptions {
  /** Folder for what is remembered of sandboxes. Who shares it shares the sandboxes. */
  stateFolder: string;
  /** Node that runs executors. */
  nodePath: string;
  /** Bundle of the executor; its whole folder is shown to sandboxes. */
  executorFile: string;
  /** Folder with the installed engines; made where it is missing. */
  enginesFolder: string;
}

/** Programs are looked for in these folders. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const INFO = 4;

/**
 * Sandboxes made with bubblewrap: name spaces, a read-only view of the programs of this host and of nothing else, no
 * network, a filter for system calls, and limits by the strongest means that the host offers. As root each sandbox has
 * a host user of its own; other managers share their user with their sandboxes, by way of a user name space.
 */
export async function createLocalDriver(
  options: LocalDriverOptions & { groups?: ControlGroups },
): Promise<SandboxDriver> {
  const stateFolder = path.resolve(options.stateFolder);
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  const groups = options.groups ?? (await findControlGroups());
  const walls = createLocalWalls({ ...options, stateFolder, groups });
  return createProcessDriver({ walls, stateFolder });
}

/** The walls alone. */
export function createLocalWalls(
  options: LocalDriverOptions & {
    groups: ControlGroups;
    /** Instead of the executor. */
    argv?: readonly string[];
  },
): Walls {
  const { stateFolder, nodePath, executorFile, enginesFolder, groups } = options;
  const asRoot = process.getuid?.() === 0;
  const limitsMemory = groups.places.some(({ controller }) => controller === 'memory');
  const ownUser = asRoot || countsByNameSpace(os.release());

  let program: Promise<ProgramFiles> | undefined;

  /** Once, as sandboxes are started; what failed is tried again. */
  function programFiles(): Promise<ProgramFiles> {
    program ??= makeProgramFiles(path.join(stateFolder, 'program'), nodePath).catch((error: unknown) => {
      program = undefined;
      throw error;
    });
    return program;
  }

  return {
    name: 'local',
    isolation: describeIsolation(groups, { asRoot, ownUser }),
    isolated: true,
    groups,
    userOf: (id, taken) => (asRoot ? chooseHostUser(stateFolder, id, taken) : undefined),

    async launch(spec, limits, user) {
      await mkdir(enginesFolder, { recursive: true });
      const { node, open } = await programFiles();
      const system = await systemSteps([path.dirname(spec.folder), path.dirname(stateFolder)]);
      const given: Sources = {
        workspace: path.join(spec.folder, 'workspace'),
        home: path.join(spec.folder, 'home'),
        run: path.join(spec.folder, 'run'),
        executor: path.dirname(path.resolve(executorFile)),
        node,
        engines: path.resolve(enginesFolder),
      };
      const staged = user
        ? await asHostUser(user, given)
        : { sources: given, wrap: (argv: readonly string[]) => argv };
      const opened = await open();
      const command = options.argv ?? ['/opt/node/bin/node', `/opt/executor/${path.basename(executorFile)}`];
      const argv = bubblewrapArguments({
        system,
        hidden: await processSteps(),
        sources: staged.sources,
        limits,
        env: {
          LANG: 'C.UTF-8',
          ...spec.env,
          PATH: `${SYSTEM_PATH}:/opt/node/bin`,
          HOME: '/home/agent',
          USER: 'agent',
          LOGNAME: 'agent',
          SHELL: '/bin/bash',
          TMPDIR: '/tmp',
          WEGENT_EXECUTOR_SOCKET: '/run/wegent/executor.sock',
          WEGENT_RUN_DIR: '/run/wegent',
          WEGENT_WORKSPACE: '/workspace',
          WEGENT_HOME: '/home/agent',
          WEGENT_ENGINES: '/opt/engines',
        },
        filter: FIRST_FILE,
        etc: new Map(opened.etcNames.map((name, index) => [name, FIRST_FILE + 1 + index])),
        info: INFO,
        argv: withResourceLimits(resourceLimits(limits, { ownUser, memory: limitsMemory }), command),
      });
      return {
        argv: staged.wrap(argv),
        env: { PATH: SYSTEM_PATH, LC_ALL: 'C' },
        files: opened.files,
        close: opened.close,
        firstPid(told) {
          const pid = /"child-pid": (\d+)/.exec(told)?.[1];
          return pid === undefined ? undefined : Number(pid);
        },
      };
    },
  };
}

/** Since Linux 5.14 processes of a user are counted apart in each user name space. */
function countsByNameSpace(release: string): boolean {
  const [major = 0, minor = 0] = release.split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 14);
}
