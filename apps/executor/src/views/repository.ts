import { ApiError, type CommitResult, type ExecutorRepository } from '@wegent/api';
import type { GatewayPort } from '../gateway/gateway-port.ts';
import { type Git, GitError } from '../git/git.ts';
import { gitFailure } from '../git/git-failure.ts';
import type { GitNetwork } from '../git/git-network.ts';
import { readRemoteRefs } from '../git/remote-refs.ts';
import { parseRepositoryAddress, type RepositoryAddress } from '../git/repository-address.ts';
import { createLock } from '../lock.ts';
import { inTree, openShadow } from '../snapshots/shadow-repository.ts';
import type { WorkTree } from '../workspace/work-tree.ts';
import { currentBranch, mergeBase } from './changes.ts';
import { pushRefusal } from './push-refusal.ts';

/** The way out for one command. */
export type WithPort = <Result>(work: (port: GatewayPort) => Promise<Result>) => Promise<Result>;

/** Git hosts that say nothing for this long hang. */
const STALL_MS = 30_000;
const PUSH_MS = 600_000;
const FETCH_MS = 60_000;

type Repository = NonNullable<WorkTree['repository']>;

/** State of a work tree's repository, commit and push. */
export function createRepositoryView({
  git,
  homeFolder,
  sshProgram,
  withPort,
  stallMs = STALL_MS,
}: {
  git: Git;
  homeFolder: string;
  sshProgram: readonly string[];
  withPort: WithPort;
  stallMs?: number | undefined;
}) {
  const lock = createLock();

  async function remoteHead(repository: Repository, tree: WorkTree): Promise<string | undefined> {
    const address = addressOf(repository);
    return withPort(async (port) => {
      try {
        const branches = [repository.workBranch];
        const network = { port, address, sshProgram };
        const refs = await readRemoteRefs({
          git,
          network,
          branches,
          cwd: tree.folder,
          stallMs,
          timeoutMs: PUSH_MS,
        });
        const head = refs.heads.get(repository.workBranch);
        if (head !== undefined && !(await isKnown(tree, head)))
          await fetchBranch(tree, repository.workBranch, { port, address, sshProgram });
        return head;
      } catch (cause) {
        throw gitFailure(cause, { address, gatewayUrl: port.url, what: 'be asked for its branches' });
      }
    });
  }

  async function isKnown(tree: WorkTree, commit: string): Promise<boolean> {
    const args = ['cat-file', '-e', `${commit}^{commit}`];
    return (await git.maybe({ ...inTree(tree), args })) !== undefined;
  }

  /** Somebody else pushed: only with their commits here can it be told which of ours they do not have. */
  async function fetchBranch(
    tree: WorkTree,
    branch: string,
    network: GitNetwork & { port: GatewayPort },
  ): Promise<void> {
    await git.maybe({
      place: { cwd: tree.folder },
      args: [
        'fetch',
        '--quiet',
        '--no-tags',
        '--no-write-fetch-head',
        'origin',
        `+refs/heads/${branch}:refs/remotes/origin/${branch}`,
      ],
      network,
      stallMs,
      timeoutMs: FETCH_MS,
    });
  }

  async function requireOwnBranch(tree: WorkTree): Promise<Repository> {
    const { repository } = tree;
    if (!repository) throw new ApiError('Conflict', 'this task has no repository');
    const branch = await currentBranch(git, tree);
    if (branch === repository.workBranch) return repository;
    throw new ApiError(
      'Conflict',
      `the work tree is on ${branch === 'HEAD' ? 'no branch' : `branch "${branch}"`}, not on the branch of this task: ask the agent to go back with \`git switch ${repository.workBranch}\``,
    );
  }

  return {
    async state(tree: WorkTree): Promise<ExecutorRepository> {
      const { repository } = tree;
      if (!repository) throw new ApiError('NotFound', 'this task has no repository');
      const { baseBranch, workBranch } = repository;
      const remote = await remoteHead(repository, tree).then(
        (head) => ({ head, problem: undefined }),
        (cause: unknown) => ({ head: undefined, problem: problemOf(cause) }),
      );
      const head = await git.maybe({
        ...inTree(tree),
        args: ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'],
      });
      const base = head === undefined ? undefined : await mergeBase(git, tree);
      const count = async (from: string | undefined) =>
        head === undefined
          ? 0
          : Number(
              await git.text({
                ...inTree(tree),
                args: ['rev-list', '--count', head, ...(from ? [`^${from}`] : []), '--'],
              }),
            );
      const commits = await count(base);
      return {
        branch: (await currentBranch(git, tree)) ?? workBranch,
        baseBranch,
        ...(head === undefined ? {} : { head }),
        uncommitted: await countUncommitted(git, tree),
        commits,
        // A remote commit that could not be brought here was made by somebody else; then all of ours are ahead.
        ahead: remote.head === undefined ? commits : await count(remote.head).catch(() => commits),
        ...(remote.head === undefined ? {} : { remoteHead: remote.head }),
        ...(remote.problem === undefined ? {} : { remoteProblem: remote.problem }),
      };
    },

    commit: (
      tree: WorkTree,
      { message, author }: { message: string; author: { name: string; email: string } },
    ): Promise<CommitResult> =>
      lock(async () => {
        const { workBranch } = await requireOwnBranch(tree);
        const given = inTree(tree);
        const config = await git.withoutPrograms(tree.folder);
        await git.run({ ...given, config, args: ['add', '--all'] }).catch(asConflict);
        const staged = await git.run({
          ...given,
          config,
          args: ['diff', '--cached', '--quiet', '--no-ext-diff', '--no-textconv'],
          accept: [0, 1],
        });
        if (staged.code === 0)
          throw new ApiError('Conflict', 'there is nothing to commit: the work tree is as its last commit');
        await git
          .run({
            ...given,
            config,
            args: ['commit', '--quiet', '--no-verify', '--cleanup=strip', '--file=-'],
            input: message,
            env: {
              ...given.env,
              GIT_AUTHOR_NAME: author.name,
              GIT_AUTHOR_EMAIL: author.email,
              GIT_COMMITTER_NAME: author.name,
              GIT_COMMITTER_EMAIL: author.email,
            },
          })
          .catch(asConflict);
        return { commit: await git.text({ ...given, args: ['rev-parse', 'HEAD'] }), branch: workBranch };
      }),

    push: (tree: WorkTree): Promise<CommitResult> =>
      lock(async () => {
        const repository = await requireOwnBranch(tree);
        const { workBranch } = repository;
        const commit = await git.maybe({
          ...inTree(tree),
          args: ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'],
        });
        if (commit === undefined)
          throw new ApiError('Conflict', 'there is nothing to push: the branch has no commit');
        const address = addressOf(repository);
        await withPort(async (port) => {
          const network = { port, address, sshProgram };
          const common = { network, stallMs, timeoutMs: PUSH_MS };
          try {
            if (git.lfs && address.transport === 'http') {
              await git.run({ ...common, ...inTree(tree), args: ['lfs', 'push', address.url, workBranch] });
            }
            // From our own git folder: the work tree's configuration has no say in where it goes.
            const { place } = await openShadow(tree, homeFolder);
            await git.run({
              ...common,
              place,
              args: ['push', '--quiet', '--no-verify', address.url, `${commit}:refs/heads/${workBranch}`],
            });
          } catch (cause) {
            throw pushRefusal(cause, { address, gatewayUrl: port.url, workBranch });
          }
        });
        await git.maybe({
          ...inTree(tree),
          args: ['update-ref', `refs/remotes/origin/${workBranch}`, commit],
        });
        return { commit, branch: workBranch };
      }),
  };
}

async function countUncommitted(git: Git, tree: WorkTree): Promise<number> {
  const config = await git.withoutPrograms(tree.folder);
  const { stdout } = await git.run({
    ...inTree(tree),
    config,
    args: ['status', '--porcelain', '-z', '--untracked-files=all', '--no-renames'],
  });
  return stdout.reduce((count, byte) => (byte === 0 ? count + 1 : count), 0);
}

function addressOf(repository: Repository): RepositoryAddress {
  const address = parseRepositoryAddress(repository.url);
  if (!address)
    throw new ApiError('Conflict', 'the address of the repository cannot be reached from a sandbox');
  return address;
}

function problemOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function asConflict(cause: unknown): never {
  if (!(cause instanceof GitError)) throw cause;
  const lines = cause.stderr.trim().split('\n').slice(-5).join('\n');
  throw new ApiError('Conflict', `git could not commit: ${lines}`, { cause });
}
