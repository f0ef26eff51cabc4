import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import {
  ApiError,
  type ExecutorAccess,
  type ManagerLink,
  type ManagerReport,
  type ShellType,
} from '@wegent/api';
import type { BlobStore } from '@wegent/blob';
import type { Bus } from '@wegent/bus';
import type { Engine } from '@wegent/engine';
import {
  DEFAULT_LIMITS,
  type OpenedSandboxDriver,
  openSandboxDriver,
  type SandboxDriver,
} from '@wegent/sandbox';
import type { Logger } from 'pino';
import type { SandboxSettings } from '../config.ts';
import { createGateway } from '../gateway/gateway.ts';
import { createEngineInstaller, type EngineInstaller } from './engine-installer.ts';
import { createExecutorAccess } from './executor-access.ts';
import { createRemoteEngine } from './remote-engine.ts';
import { createReporter } from './reporter.ts';
import { createSandboxFolders } from './sandbox-folders.ts';
import { createSandboxPool, type SandboxPool } from './sandbox-pool.ts';
import { createWorkspaceArchive } from './workspace-archive.ts';

export interface SandboxHostOptions {
  link: ManagerLink;
  bus: Pick<Bus, 'subscribe'>;
  blob: BlobStore;
  managerId: string;
  /** Where servers of other processes reach this manager. */
  url?: string;
  /** Hosts of the platform itself, which no sandbox reaches. */
  platformHosts?: readonly string[];
  settings: SandboxSettings;
  logger: Logger;
}

/** Everything about sandboxes in one manager. */
export interface SandboxHost {
  /** Engines whose turns run in sandboxes. */
  engines: Record<'ClaudeCode' | 'Agno', Engine>;
  access: ExecutorAccess;
  installer: EngineInstaller;
  /** Why it cannot start sandboxes, or nothing; tries first. */
  problem(): Promise<string | undefined>;
  /** Resolves as soon as it can. */
  readonly usable: Promise<void>;
  /** Begins to try the driver, adopt, tidy up, start ahead and report. `slotsUsed` is asked for reports. */
  start(given: { slotsUsed: () => number }): Promise<void>;
  /** A run began or ended. */
  changed(): void;
  states: SandboxPool['states'];
  /** Stops; sandboxes at work stay alive for the next manager when `keepBusy` says so. */
  close(options: { keepBusy: boolean }): Promise<void>;
}

const SWEEP_MS = 15_000;
const TRY_AGAIN_MS = 30_000;

/** Makes the host for the driver that the settings name; while there is none everybody hears why, and it is tried again. */
export async function openSandboxHost(options: SandboxHostOptions): Promise<SandboxHost> {
  const { link, bus, blob, managerId, settings, logger } = options;
  const enginesFolder = path.join(settings.dataDir, 'engines');
  await mkdir(enginesFolder, { recursive: true });
  const installer = createEngineInstaller({
    folder: enginesFolder,
    onChange: () => reporter.changed(),
    logger,
  });
  const gateway = createGateway({
    logger,
    platformHosts: options.platformHosts ?? [],
    knownHostsFile: path.join(settings.dataDir, 'known-hosts'),
    localRepositories: settings.localRepositories,
  });
  const folders = createSandboxFolders(path.join(settings.dataDir, 'sandboxes'));
  const archive = createWorkspaceArchive({ blob });

  let opened: OpenedSandboxDriver = { problem: 'Sandboxes are being tried out.' };
  let pool: SandboxPool | undefined;
  // Trying a driver takes a moment, and people may sign in meanwhile. Whoever wants a sandbox waits for it.
  let trying: Promise<void> | undefined;
  const usable = Promise.withResolvers<void>();
  let slotsUsed = () => 0;
  const timers: NodeJS.Timeout[] = [];

  function makePool(driver: SandboxDriver): SandboxPool {
    return createSandboxPool({
      managerId,
      driver,
      gateway,
      folders,
      archive,
      lifetimes: settings.lifetimes,
      onChange: () => reporter.changed(),
      logger,
    });
  }

  /** Without a driver whoever wants a sandbox hears why there is none. */
  async function requirePool(): Promise<SandboxPool> {
    await trying;
    if (pool) return pool;
    throw new ApiError('ServiceUnavailable', opened.problem ?? 'there are no sandboxes here');
  }

  const engineOf = (shellType: ShellType, name: 'claude-code' | 'agno') =>
    createRemoteEngine({
      shellType,
      pool: requirePool,
      gateway,
      missing: () => installer.missing(name),
      logger,
    });

  async function buildReport({
    draining,
    engines,
  }: Pick<ManagerReport, 'draining' | 'engines'>): Promise<ManagerReport> {
    const { driver } = opened;
    return {
      ...(options.url === undefined ? {} : { url: options.url }),
      driver: driver?.name ?? 'none',
      isolation: driver?.isolation ?? 'no sandboxes',
      isolated: driver?.isolated ?? true,
      ...(opened.problem === undefined ? {} : { problem: opened.problem }),
      slots: { total: settings.maxTasks, used: slotsUsed() },
      draining,
      engines,
      sandboxes: pool?.states() ?? [],
      taskIds: pool?.taskIds() ?? [],
      defaults: driver?.defaults ?? DEFAULT_LIMITS,
    };
  }

  const reporter = createReporter({
    link,
    bus,
    managerId,
    build: buildReport,
    removeTask: async (taskId) => pool?.removeTask(taskId),
    install: installer,
    logger,
  });

  async function tryDriver(): Promise<void> {
    opened = await openDriver(settings, enginesFolder);
    if (!opened.driver) return;
    const made = makePool(opened.driver);
    await made.start();
    pool = made;
    usable.resolve();
    timers.push(setInterval(() => void tidyUp(made), SWEEP_MS));
    void fillWarm(made);
  }

  async function tidyUp(of: SandboxPool): Promise<void> {
    await of.sweep().catch((err: unknown) => logger.warn({ err }, 'sandboxes could not be tidied up'));
    await fillWarm(of);
  }

  // Without an engine nobody needs a sandbox soon.
  async function fillWarm(of: SandboxPool): Promise<void> {
    if ((await installer.missing('claude-code')) === undefined) await of.fillWarm();
  }

  function tryUntilItWorks(): Promise<void> {
    if (pool) return Promise.resolve();
    trying ??= tryDriver()
      .catch((err: unknown) => {
        opened = { problem: 'Sandboxes cannot be made; the log of the manager says why.' };
        logger.error({ err }, 'the sandbox driver could not be opened');
      })
      .finally(() => {
        trying = undefined;
        reporter.changed();
      });
    return trying;
  }

  return {
    engines: { ClaudeCode: engineOf('ClaudeCode', 'claude-code'), Agno: engineOf('Agno', 'agno') },
    access: createExecutorAccess({ pool: requirePool, gateway }),
    installer,
    async problem() {
      await tryUntilItWorks();
      return opened.problem;
    },
    usable: usable.promise,
    states: () => pool?.states() ?? [],
    async start(given) {
      slotsUsed = given.slotsUsed;
      void tryUntilItWorks();
      timers.push(setInterval(() => void tryUntilItWorks(), TRY_AGAIN_MS));
      await reporter.start();
    },
    changed: () => reporter.changed(),
    async close({ keepBusy }) {
      for (const timer of timers) clearInterval(timer);
      await trying;
      await reporter.close();
      await installer.close();
      await pool?.close({ keepBusy });
      await gateway.close();
    },
  };
}

function openDriver(settings: SandboxSettings, enginesFolder: string) {
  return openSandboxDriver({
    ...settings,
    enginesFolder,
    executorFile: EXECUTOR_FILE,
    nodePath: process.execPath,
  });
}

// Source and bundle both lie three levels below the root: apps/manager/src/… is four, apps/standalone/dist three.
const EXECUTOR_FILE =
  [3, 4]
    .map((levels) =>
      path.resolve(import.meta.dirname, ...Array<string>(levels).fill('..'), 'apps/executor/dist/main.js'),
    )
    .find(existsSync) ?? '';
