import { once } from 'node:events';
import { chmod, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ApiError } from '@wegent/api';
import type { SandboxEngines } from '@wegent/engine/sandbox';
import type { ExecutorConfig, ListenAddress } from './config.ts';
import { findProgram } from './find-program.ts';
import { createGatewayPorts } from './gateway/gateway-ports.ts';
import { createGit } from './git/git.ts';
import type { Logger } from './logger.ts';
import { createProcesses } from './process/processes.ts';
import { createHttpServer } from './server/http-server.ts';
import { createRouter } from './server/router.ts';
import { turnRoutes } from './server/turn-routes.ts';
import { viewRoutes } from './server/view-routes.ts';
import { createSnapshots } from './snapshots/snapshots.ts';
import { createCommands } from './terminals/commands.ts';
import { createTerminals } from './terminals/terminals.ts';
import { agentEnvironment } from './turns/agent-environment.ts';
import { createTurns } from './turns/turns.ts';
import { createArchive } from './views/archive.ts';
import { createChanges } from './views/changes.ts';
import { createRepositoryView, type WithPort } from './views/repository.ts';
import { createWorkspaces } from './workspace/prepare-workspace.ts';
import { createWorkTreeStore } from './workspace/work-tree.ts';

/** What an executor is made of. */
export interface ExecutorOptions {
  config: Omit<ExecutorConfig, 'listen'>;
  /** Every request must carry it. */
  token: string;
  engines: SandboxEngines;
  /** Command that speaks `git-ssh`: this program with that argument. */
  sshProgram: readonly string[];
  logger: Logger;
  /** Called once when nobody has asked for anything in `orphanMs`. */
  onOrphaned: () => void;
  /** Milliseconds without progress after which git is stopped. */
  gitStallMs?: number;
}

/** An executor. */
export interface Executor {
  listen(address: ListenAddress): Promise<void>;
  /** Stops turns, ends all processes, closes the server. */
  close(): Promise<void>;
}

const VERSION = '1';
/** Making a work tree ready without a turn may take this long. */
const PREPARE_MS = 1_800_000;
const WORKSPACE_KEY = 'workspace';

/** Wires the executor, top to bottom. */
export function createExecutor(options: ExecutorOptions): Executor {
  const { config, token, engines, sshProgram, logger, onOrphaned, gitStallMs } = options;
  const { homeFolder, workspaceFolder } = config;

  const processes = createProcesses();
  const ports = createGatewayPorts(path.join(config.runFolder, 'gateway.sock'));
  const lfs = findProgram('git-lfs', config.path) !== undefined;
  const git = createGit({ processes, path: config.path, homeFolder, lfs });
  const store = createWorkTreeStore({ homeFolder, workspaceFolder });
  const workspaces = createWorkspaces({ git, store, workspaceFolder, sshProgram, stallMs: gitStallMs });
  const snapshots = createSnapshots({ git, homeFolder });
  const turns = createTurns({
    ports,
    engines,
    workspaces,
    snapshots,
    processes,
    git,
    homeFolder,
    path: config.path,
    sshProgram,
    logger,
  });

  // Looking and pushing without a turn: the token is in use only while such a command runs, and that of a run is surely alive.
  let idleToken: string | undefined;
  const withPort: WithPort = async (work) => {
    const runToken = turns.runToken() ?? idleToken;
    if (runToken === undefined) {
      throw new ApiError(
        'ServiceUnavailable',
        'the way out of the sandbox is closed: no run is active, and PUT /v1/workspace opened none',
      );
    }
    const lease = await ports.lease(WORKSPACE_KEY, runToken);
    try {
      return await work(lease.port);
    } finally {
      lease.release();
    }
  };
  const environment = {
    path: config.path,
    homeFolder,
    lfs,
    workspace: undefined,
    port: undefined,
    sshProgram,
  };
  const plainEnvironment = () => agentEnvironment(environment);
  const deps = {
    version: VERSION,
    turns,
    git,
    snapshots,
    changes: createChanges({ git, snapshots, homeFolder }),
    repository: createRepositoryView({ git, homeFolder, sshProgram, withPort, stallMs: gitStallMs }),
    terminals: createTerminals({ processes, environment: plainEnvironment }),
    commands: createCommands({ processes, environment: plainEnvironment }),
    archive: createArchive({
      processes,
      workspaceFolder,
      homeFolder,
      env: { PATH: config.path, LC_ALL: 'C.UTF-8' },
    }),
    async requireTree() {
      const tree = await workspaces.current();
      if (!tree)
        throw new ApiError(
          'NotFound',
          'there is no work tree yet: it is made by the first turn, or by PUT /v1/workspace',
        );
      return tree;
    },
    folder: async () => (await workspaces.current())?.folder ?? workspaceFolder,
    async prepareWorkspace({ workspace, runToken }, signal) {
      idleToken = runToken;
      await withPort(async (port) => {
        port.setRepository(workspace?.repository?.url);
        const tree = await workspaces.prepare({
          workspace,
          port,
          signal,
          timeoutMs: PREPARE_MS,
          onProgress: () => {},
          emit: () => {},
        });
        if (tree.cloned) await snapshots.seed(tree);
      });
    },
  } satisfies Parameters<typeof viewRoutes>[0];

  const { server, stop } = createHttpServer({
    token,
    route: createRouter([...turnRoutes(deps), ...viewRoutes(deps)]),
    orphanMs: config.orphanMs,
    onOrphaned,
    logger,
  });

  return {
    async listen(address) {
      await Promise.all([workspaceFolder, homeFolder].map((folder) => mkdir(folder, { recursive: true })));
      if ('socketPath' in address) await rm(address.socketPath, { force: true });
      server.listen('socketPath' in address ? { path: address.socketPath } : address);
      await once(server, 'listening');
      if ('socketPath' in address) await chmod(address.socketPath, 0o666);
    },

    async close() {
      stop();
      server.close();
      await turns.close();
      processes.killAll();
      await Promise.all(Object.values(engines).map((engine) => engine?.close?.()));
      await ports.close();
      server.closeAllConnections();
    },
  };
}
