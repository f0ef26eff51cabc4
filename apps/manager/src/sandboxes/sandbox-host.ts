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
import { DEFAULT_LIMITS, openSandboxDriver, type SandboxDriver } from '@wegent/sandbox';
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
  /** Can it start sandboxes? If not, why. */
  problem(): string | undefined;
  /** Adopts, tidies up, starts ahead, reports. `slotsUsed` is asked for reports. */
  start(given: { slotsUsed: () => number }): Promise<void>;
  /** A run began or ended. */
  changed(): void;
  states: SandboxPool['states'];
  /** Stops; sandboxes at work stay alive for the next manager when `keepBusy` says so. */
  close(options: { keepBusy: boolean }): Promise<void>;
}

const SWEEP_MS = 15_000;
const PROBE_AGAIN_MS = 30_000;

/** Opens the driver that the settings name; without one everything says what is missing, and it is tried again. */
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

  let opened = await openDriver(settings, enginesFolder);
  let pool = opened.driver ? makePool(opened.driver) : undefined;
  let slotsUsed = () => 0;
  const timers: NodeJS.Timeout[] = [];

  function makePool(driver: SandboxDriver): SandboxPool {
    return createSandboxPool({
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
  function requirePool(): SandboxPool {
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

  async function begin(): Promise<void> {
    if (!pool) return;
    await pool.start();
    const sweep = async () => {
      await pool?.sweep().catch((err: unknown) => logger.warn({ err }, 'sandboxes could not be tidied up'));
    };
    timers.push(setInterval(() => void sweep(), SWEEP_MS));
    if ((await installer.missing('claude-code')) === undefined) void pool.fillWarm();
  }

  async function probeAgain(): Promise<void> {
    if (pool) return;
    opened = await openDriver(settings, enginesFolder);
    if (!opened.driver) return;
    pool = makePool(opened.driver);
    await begin();
    reporter.changed();
  }

  return {
    engines: { ClaudeCode: engineOf('ClaudeCode', 'claude-code'), Agno: engineOf('Agno', 'agno') },
    access: createExecutorAccess({ pool: requirePool, gateway }),
    installer,
    problem: () => opened.problem,
    states: () => pool?.states() ?? [],
    async start(given) {
      slotsUsed = given.slotsUsed;
      await begin();
      timers.push(
        setInterval(() => {
          probeAgain().catch((err: unknown) =>
            logger.warn({ err }, 'the sandbox driver could not be opened'),
          );
        }, PROBE_AGAIN_MS),
      );
      await reporter.start();
    },
    changed: () => reporter.changed(),
    async close({ keepBusy }) {
      for (const timer of timers) clearInterval(timer);
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
