import { ApiError, type ChangeList } from '@wegent/api';
import type { Git } from '../git/git.ts';
import { type DiffRequest, listChanges, patchOf } from '../snapshots/diff.ts';
import { inTree, openShadow } from '../snapshots/shadow-repository.ts';
import type { Snapshots } from '../snapshots/snapshots.ts';
import type { WorkTree } from '../workspace/work-tree.ts';

const MAX_FILES = 3_000;
const MAX_PATCH_BYTES = 1024 * 1024;

/** What differs: from the base branch, or by one turn. */
export function createChanges({
  git,
  snapshots,
  homeFolder,
}: {
  git: Git;
  snapshots: Snapshots;
  homeFolder: string;
}) {
  async function compare(
    tree: WorkTree,
    turnId: string | undefined,
  ): Promise<DiffRequest & { base?: string }> {
    if (turnId === undefined) {
      const { shadow, tree: now, head } = await snapshots.now(tree);
      const base = head === undefined ? undefined : await mergeBase(git, tree);
      return {
        git,
        shadow,
        from: base ?? shadow.emptyTree,
        to: now,
        ...(base === undefined ? {} : { base }),
      };
    }
    const turn = await snapshots.ofTurn(tree, turnId);
    if (!turn) throw new ApiError('NotFound', `there is no snapshot of turn ${turnId} here`);
    const to = turn.after ?? (await snapshots.now(tree)).tree;
    return { git, shadow: await openShadow(tree, homeFolder), from: turn.before, to };
  }

  return {
    async list(tree: WorkTree, turnId: string | undefined): Promise<ChangeList> {
      const diff = await compare(tree, turnId);
      const changes = await listChanges(diff);
      const branch = await currentBranch(git, tree);
      return {
        files: changes.slice(0, MAX_FILES).map(({ file }) => file),
        ...(branch === undefined ? {} : { branch }),
        ...(diff.base === undefined ? {} : { base: diff.base }),
        ...(changes.length > MAX_FILES ? { truncated: true } : {}),
      };
    },

    /** The patch of one file as text; what is binary is named as such by git. */
    async patch(tree: WorkTree, path: string, turnId: string | undefined): Promise<Buffer> {
      const diff = await compare(tree, turnId);
      const change = (await listChanges(diff)).find(({ file }) => file.path === path);
      if (!change) throw new ApiError('NotFound', `${JSON.stringify(path)} is not changed`);
      const { patch, truncated } = await patchOf(diff, change, MAX_PATCH_BYTES);
      if (!truncated) return patch;
      const end = patch.lastIndexOf(10) + 1;
      return Buffer.concat([
        patch.subarray(0, end),
        Buffer.from('\\ The rest of this patch is too long to be shown.\n'),
      ]);
    },
  };
}

/** Where the work left the base branch; undefined where there is none, as in an empty repository. */
export async function mergeBase(git: Git, tree: WorkTree): Promise<string | undefined> {
  if (!tree.repository) return undefined;
  const remote = `refs/remotes/origin/${tree.repository.baseBranch}`;
  return git.maybe({ ...inTree(tree), args: ['merge-base', remote, 'HEAD'] });
}

/** Branch of the work tree; undefined without a repository, `HEAD` when it stands on no branch. */
export async function currentBranch(git: Git, tree: WorkTree): Promise<string | undefined> {
  if (!tree.repository) return undefined;
  return (
    (await git.maybe({ ...inTree(tree), args: ['symbolic-ref', '--quiet', '--short', 'HEAD'] })) ?? 'HEAD'
  );
}
