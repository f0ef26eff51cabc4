import { ApiError, type RevertResult } from '@wegent/api';
import { type Git, GitError } from '../git/git.ts';
import type { WorkTree } from '../workspace/work-tree.ts';
import { type Change, listChanges } from './diff.ts';
import type { ShadowRepository } from './shadow-repository.ts';
import type { Snapshots } from './snapshots.ts';

/**
 * Takes back what a turn changed. Later changes stay; where they touch the same lines nothing at all is changed, and the
 * refusal names the files.
 */
export async function revertTurn({
  git,
  snapshots,
  tree,
  turnId,
}: {
  git: Git;
  snapshots: Snapshots;
  tree: WorkTree;
  turnId: string;
}): Promise<RevertResult['files']> {
  const turn = await snapshots.ofTurn(tree, turnId);
  if (turn?.after === undefined)
    throw new ApiError('NotFound', `there is no finished turn ${turnId} with a snapshot`);
  const { shadow, tree: now } = await snapshots.now(tree);
  const changes = await listChanges({ git, shadow, from: turn.before, to: turn.after, renames: false });
  if (changes.length === 0) return [];
  const apply = (patch: Buffer, ...options: string[]) =>
    git.run({
      place: shadow.place,
      args: ['apply', '-R', '--whitespace=nowarn', ...options, '-'],
      input: patch,
      timeoutMs: 60_000,
    });
  const patch = await binaryPatch({ git, shadow, from: turn.before, to: turn.after });
  try {
    // All of it, or nothing: git checks every hunk before it writes the first file.
    await apply(patch);
  } catch (cause) {
    if (!(cause instanceof GitError)) throw cause;
    const later = await listChanges({ git, shadow, from: turn.after, to: now, renames: false });
    throw new ApiError('Conflict', conflictMessage(conflicting(changes, later)), { cause });
  }
  const { tree: reverted } = await snapshots.now(tree);
  const undone = await listChanges({ git, shadow, from: now, to: reverted });
  return undone.map(({ file: { path, status, additions, deletions } }) => ({
    path,
    status,
    additions,
    deletions,
  }));
}

async function binaryPatch({
  git,
  shadow,
  from,
  to,
}: {
  git: Git;
  shadow: ShadowRepository;
  from: string;
  to: string;
}): Promise<Buffer> {
  const { stdout } = await git.run({
    place: shadow.place,
    args: [
      'diff-tree',
      '-p',
      '-r',
      '--binary',
      '--full-index',
      '--no-renames',
      '--no-ext-diff',
      '--no-textconv',
      from,
      to,
    ],
    maxOutput: 512 * 1024 * 1024,
    timeoutMs: 60_000,
  });
  return stdout;
}

function conflicting(changes: readonly Change[], later: readonly Change[]): string[] {
  const touched = new Set(later.map(({ file }) => file.path));
  const both = changes.map(({ file }) => file.path).filter((path) => touched.has(path));
  return both.length > 0 ? both : changes.map(({ file }) => file.path);
}

function conflictMessage(paths: readonly string[]): string {
  const shown = paths
    .slice(0, 20)
    .map((path) => JSON.stringify(path))
    .join(', ');
  const more = paths.length > 20 ? ` and ${paths.length - 20} more` : '';
  return `Nothing was reverted: later changes touch the same lines of ${shown}${more}. Revert the later turns first, or ask the agent to take these changes back.`;
}
