import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { SpecWorkspace } from '@wegent/api';
import type { GatewayPort } from '../gateway/gateway-port.ts';
import type { Git, GitRequest } from '../git/git.ts';
import { missingBranch } from '../git/git-failure.ts';
import { readRemoteRefs } from '../git/remote-refs.ts';
import type { RepositoryAddress } from '../git/repository-address.ts';
import type { GitLog } from './git-log.ts';
import type { WorkTree } from './work-tree.ts';

/** What a clone needs. */
export interface CloneRequest {
  git: Git;
  port: GatewayPort;
  address: RepositoryAddress;
  workspace: SpecWorkspace;
  workspaceFolder: string;
  /** Where the work tree shall be. */
  folder: string;
  sshProgram: readonly string[];
  signal: AbortSignal;
  limits: Pick<GitRequest, 'stallMs' | 'timeoutMs'>;
  onProgress: (text: string) => void;
  log: GitLog;
}

const TEMPORARY = '.wegent-clone-';

/**
 * Clones into a folder beside the work tree's and renames it when all is there, so that whatever ends it half-way leaves
 * nothing in the way of the next try. Blobs of the past are left on the server where it allows that: history, blame and
 * diffs work, and what they need comes when it is asked for; a shallow clone would cut them off.
 */
export async function cloneRepository(request: CloneRequest): Promise<WorkTree> {
  const { workspaceFolder, folder } = request;
  await removeTemporary(workspaceFolder);
  const temporary = await mkdtemp(path.join(workspaceFolder, TEMPORARY));
  try {
    const repository = await fill(temporary, request);
    await mkdir(path.dirname(folder), { recursive: true });
    await rename(temporary, folder);
    return { folder, repository };
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
    throw cause;
  }
}

async function fill(folder: string, request: CloneRequest): Promise<NonNullable<WorkTree['repository']>> {
  const { git, port, address, workspace, signal, limits, sshProgram, onProgress, log } = request;
  const { workBranch, author } = workspace;
  const network = { port, address, sshProgram };
  const place = { cwd: folder };
  const wanted = workspace.repository?.branch;
  const refs = await readRemoteRefs({
    git,
    network,
    signal,
    ...limits,
    cwd: folder,
    branches: [wanted, workBranch],
  });
  if (wanted !== undefined && refs.heads.size > 0 && !refs.heads.has(wanted)) {
    const all = await readRemoteRefs({ git, network, signal, ...limits, cwd: folder, branches: ['*'] });
    throw missingBranch(address, wanted, [...all.heads.keys()]);
  }
  const baseBranch = wanted ?? refs.defaultBranch ?? 'main';
  const { objectFormat } = refs;

  const run = (args: string[], more: Partial<GitRequest> = {}) => git.run({ place, args, signal, ...more });
  await run([
    'init',
    '--quiet',
    '--template=',
    `--object-format=${objectFormat}`,
    `--initial-branch=${workBranch}`,
  ]);
  await run(['config', 'remote.origin.url', address.url]);
  await run(['config', 'remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*']);
  await run(['config', 'user.name', author.name]);
  await run(['config', 'user.email', author.email]);

  const branches = [baseBranch, workBranch].filter((branch) => refs.heads.has(branch));
  if (branches.length > 0) {
    const online = { network, ...limits, onOutput: progressReader(onProgress, log) };
    await run(
      [
        'fetch',
        '--progress',
        '--no-tags',
        '--filter=blob:none',
        'origin',
        ...new Set(branches.map((branch) => `+refs/heads/${branch}:refs/remotes/origin/${branch}`)),
      ],
      online,
    );
    const start = refs.heads.has(workBranch) ? workBranch : baseBranch;
    const track = start === workBranch ? '--track' : '--no-track';
    // The branch exists, unborn, since `init`; -B gives it its commit.
    await run(['checkout', '--progress', track, '-B', workBranch, `refs/remotes/origin/${start}`], online);
    if (refs.defaultBranch === baseBranch) {
      await run(['symbolic-ref', 'refs/remotes/origin/HEAD', `refs/remotes/origin/${baseBranch}`]);
    }
    if (workspace.submodules) {
      onProgress('Checking out submodules');
      log.say('Checking out submodules');
      await run(['submodule', 'update', '--init', '--recursive', '--progress'], online);
    }
  }
  return { url: address.url, baseBranch, workBranch, objectFormat };
}

async function removeTemporary(workspaceFolder: string): Promise<void> {
  for (const name of await readdir(workspaceFolder)) {
    if (name.startsWith(TEMPORARY))
      await rm(path.join(workspaceFolder, name), { recursive: true, force: true });
  }
}

/** Passes git's progress on, as `Receiving objects: 45 %`, and all that it says to the log. */
function progressReader(
  onProgress: (text: string) => void,
  log: GitLog,
): NonNullable<GitRequest['onOutput']> {
  return (chunk, stream) => {
    log.onOutput(chunk, stream);
    if (stream !== 'stderr') return;
    const [, what, percent] = [...chunk.toString('utf8').matchAll(/(\w[\w ]+):\s+(\d+)% \(/g)].at(-1) ?? [];
    if (what !== undefined) onProgress(`${what}: ${percent} %`);
  };
}
