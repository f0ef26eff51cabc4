import { access, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ExecutionEvent, SpecWorkspace } from '@wegent/api';
import { RunFailure } from '@wegent/engine/sandbox';
import type { GatewayPort } from '../gateway/gateway-port.ts';
import type { Git } from '../git/git.ts';
import { gitFailure } from '../git/git-failure.ts';
import { parseRepositoryAddress, type RepositoryAddress } from '../git/repository-address.ts';
import { createLock } from '../lock.ts';
import { cloneRepository } from './clone.ts';
import { createGitLog } from './git-log.ts';
import type { createWorkTreeStore, WorkTree } from './work-tree.ts';

/** What makes a work tree ready. */
export interface PrepareRequest {
  /** Absent for tasks without a workspace: they get an empty folder. */
  workspace: SpecWorkspace | undefined;
  port: GatewayPort;
  signal: AbortSignal;
  /** All of it may take this long. */
  timeoutMs: number;
  onProgress: (text: string) => void;
  /** Takes what goes into the log of the run. */
  emit: (event: ExecutionEvent) => void;
}

/** A work tree that is ready; `cloned` when it was made by this call. */
export type Prepared = WorkTree & { cloned: boolean };

/** Makes work trees ready, one call after the other. */
export type Workspaces = ReturnType<typeof createWorkspaces>;

/** A clone that shows no sign of life for this long hangs. */
const STALL_MS = 60_000;

/** The work tree of the task: made by the first call, left as it is by all later ones. */
export function createWorkspaces({
  git,
  store,
  workspaceFolder,
  sshProgram,
  stallMs = STALL_MS,
}: {
  git: Git;
  store: ReturnType<typeof createWorkTreeStore>;
  workspaceFolder: string;
  sshProgram: readonly string[];
  stallMs?: number | undefined;
}) {
  const lock = createLock();

  async function prepare(request: PrepareRequest): Promise<Prepared> {
    const { workspace, port, signal, onProgress, emit, timeoutMs } = request;
    await mkdir(workspaceFolder, { recursive: true });
    if (!workspace?.repository) return plainFolder();
    const address = addressOf(workspace.repository.url);
    const folder = path.join(workspaceFolder, address.name);
    const known = await store.load();
    if (known?.folder === folder && known.repository?.url === address.url && (await exists(folder))) {
      return { ...known, cloned: false };
    }
    if (await exists(folder)) {
      if ((await readdir(folder)).length > 0) throw occupied(folder);
      await rm(folder, { recursive: true });
    }
    onProgress(`Cloning ${address.url}`);
    const log = createGitLog(emit, { address, gatewayUrl: port.url });
    log.say(`Cloning ${address.url}`);
    try {
      const tree = await cloneRepository({
        git,
        port,
        address,
        workspace,
        workspaceFolder,
        folder,
        sshProgram,
        signal,
        limits: { stallMs, timeoutMs },
        onProgress,
        log,
      });
      await store.save(tree);
      log.say(`${tree.repository?.workBranch} is checked out, from ${tree.repository?.baseBranch}`);
      return { ...tree, cloned: true };
    } catch (cause) {
      signal.throwIfAborted();
      throw gitFailure(cause, { address, gatewayUrl: port.url, what: 'be cloned' });
    } finally {
      log.end();
    }
  }

  async function plainFolder(): Promise<Prepared> {
    const known = await store.load();
    const tree = known ?? { folder: path.join(workspaceFolder, 'project') };
    const cloned = !(await exists(tree.folder));
    await mkdir(tree.folder, { recursive: true });
    if (!known) await store.save(tree);
    return { ...tree, cloned };
  }

  return {
    prepare: (request: PrepareRequest) => lock(() => prepare(request), request.signal),

    /** The work tree as an earlier call left it. */
    current: (): Promise<WorkTree | undefined> => store.load(),

    /**
     * Brings what the remote has since into `refs/remotes/origin`; local work is not touched. Fails as git does.
     */
    async refresh({
      tree,
      port,
      signal,
      emit,
    }: { tree: WorkTree } & Pick<PrepareRequest, 'port' | 'signal' | 'emit'>): Promise<void> {
      if (!tree.repository) return;
      const { url, baseBranch } = tree.repository;
      const address = addressOf(url);
      const log = createGitLog(emit, { address, gatewayUrl: port.url });
      log.say(`Fetching ${baseBranch} of ${address.url}`);
      try {
        await git.run({
          place: { cwd: tree.folder },
          args: [
            'fetch',
            '--no-tags',
            'origin',
            `+refs/heads/${baseBranch}:refs/remotes/origin/${baseBranch}`,
          ],
          network: { port, address, sshProgram },
          onOutput: log.onOutput,
          signal,
          stallMs,
        });
      } finally {
        log.end();
      }
    },
  };
}

function addressOf(url: string): RepositoryAddress {
  const address = parseRepositoryAddress(url);
  if (address) return address;
  throw new RunFailure({
    reason: 'GitFailed',
    message:
      'The address of the repository cannot be used in a sandbox: it must be https://, http://, ssh://, user@host:path, or file:// where the operator allows it.',
    retryable: false,
  });
}

function occupied(folder: string): RunFailure {
  return new RunFailure({
    reason: 'GitFailed',
    message: `The repository cannot be cloned: ${folder} holds other files. Move them away in the terminal, or start a new task.`,
    retryable: false,
  });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
