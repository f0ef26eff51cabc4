import { constants } from 'node:fs';
import { access, lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Git } from '../git/git.ts';
import { createLock } from '../lock.ts';
import type { WorkTree } from '../workspace/work-tree.ts';
import {
  headOf,
  openShadow,
  removeStaleLock,
  type ShadowRepository,
  seedIndex,
} from './shadow-repository.ts';

/** What a work tree held at a time. */
export interface Snapshot {
  tree: string;
  head: string | undefined;
  /** Files that are not in it, because they are too large or cannot be read. */
  left: number;
}

/** Hidden snapshots of work trees. */
export type Snapshots = ReturnType<typeof createSnapshots>;

const LIMITS = { files: 50_000, fileBytes: 64 * 1024 * 1024, timeoutMs: 120_000 };

/**
 * Takes snapshots: trees with everything that differs from the last commit, untracked files too, ignored ones not. One at
 * a time, since they share an index.
 */
export function createSnapshots({
  git,
  homeFolder,
  limits = LIMITS,
}: {
  git: Git;
  homeFolder: string;
  limits?: typeof LIMITS;
}) {
  const lock = createLock();

  async function take(tree: WorkTree, shadow: ShadowRepository, signal?: AbortSignal): Promise<Snapshot> {
    const { place, config } = shadow;
    const run = { place, config, signal, timeoutMs: limits.timeoutMs };
    await removeStaleLock(shadow);
    const head = await headOf(git, tree, signal);
    if (head !== undefined) await git.run({ ...run, args: ['read-tree', '--reset', head] });
    const listed = await git.run({
      ...run,
      args: ['ls-files', '-z', '--modified', '--deleted', '--others', '--exclude-standard', '--deduplicate'],
    });
    const { paths, behindLinks, left } = await sortOut(splitNul(listed.stdout), tree.folder, limits);
    const update = (names: Buffer[], ...options: string[]) =>
      git.run({
        ...run,
        args: ['update-index', ...options, '-z', '--stdin'],
        input: Buffer.concat(names.flatMap((name) => [name, NUL])),
      });
    if (behindLinks.length > 0) await update(behindLinks, '--force-remove');
    if (paths.length > 0) await update(paths, '--add', '--remove', '--replace');
    return { tree: await git.text({ ...run, args: ['write-tree', '--missing-ok'] }), head, left };
  }

  const refOf = (turnId: string, when: 'before' | 'after') => `refs/turns/${turnId}/${when}`;
  const keep = (shadow: ShadowRepository, ref: string, tree: string) =>
    git.run({ place: shadow.place, args: ['update-ref', ref, tree] });
  const find = async (tree: WorkTree, ref: string) => {
    const { place } = await openShadow(tree, homeFolder);
    return git.maybe({ place, args: ['rev-parse', '--verify', '--quiet', `${ref}^{tree}`] });
  };

  return {
    /** Readies the first snapshot of a work tree that was made just now. */
    seed: (tree: WorkTree) => lock(async () => seedIndex(await openShadow(tree, homeFolder))),

    /** The work tree as it is now. */
    now: (tree: WorkTree, signal?: AbortSignal): Promise<Snapshot & { shadow: ShadowRepository }> =>
      lock(async () => {
        const shadow = await openShadow(tree, homeFolder);
        return { ...(await take(tree, shadow, signal)), shadow };
      }, signal),

    /** Remembers a snapshot as the beginning of a turn; that of an earlier attempt stays. */
    async keepBefore(tree: WorkTree, turnId: string, snapshot: Snapshot): Promise<string> {
      const known = await find(tree, refOf(turnId, 'before'));
      if (known !== undefined) return known;
      await keep(await openShadow(tree, homeFolder), refOf(turnId, 'before'), snapshot.tree);
      return snapshot.tree;
    },

    /** Remembers a snapshot as the end of a turn. */
    async keepAfter(tree: WorkTree, turnId: string, snapshot: Snapshot): Promise<void> {
      await keep(await openShadow(tree, homeFolder), refOf(turnId, 'after'), snapshot.tree);
    },

    /** The trees of a turn; `after` is undefined while it runs. Undefined for turns without snapshots. */
    async ofTurn(
      tree: WorkTree,
      turnId: string,
    ): Promise<{ before: string; after: string | undefined } | undefined> {
      const before = await find(tree, refOf(turnId, 'before'));
      if (before === undefined) return undefined;
      return { before, after: await find(tree, refOf(turnId, 'after')) };
    },
  };
}

const NUL = Buffer.from([0]);

/** Splits output of `-z`; names are bytes, not always text. */
export function splitNul(buffer: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = buffer.indexOf(0); at >= 0; at = buffer.indexOf(0, from)) {
    parts.push(buffer.subarray(from, at));
    from = at + 1;
  }
  return parts;
}

interface Sorted {
  paths: Buffer[];
  /** Files of a folder that is a link now: for git they are gone, whatever the link leads to. */
  behindLinks: Buffer[];
  left: number;
}

async function sortOut(names: Buffer[], folder: string, limits: typeof LIMITS): Promise<Sorted> {
  if (names.length > limits.files) {
    throw new Error(`${names.length} files differ from the last commit, more than ${limits.files}`);
  }
  const root = Buffer.from(`${folder}${path.sep}`);
  const links = new Map<string, boolean>();
  const sorted: Sorted = { paths: [], behindLinks: [], left: 0 };
  for (const name of names) {
    if (await isBehindLink(root, name, links)) sorted.behindLinks.push(name);
    // Repositories in the work tree that are none of its own end with a slash.
    else if (name.at(-1) !== SLASH && (await isReadable(Buffer.concat([root, name]), limits.fileBytes))) {
      sorted.paths.push(name);
    } else sorted.left++;
  }
  return sorted;
}

async function isBehindLink(root: Buffer, name: Buffer, known: Map<string, boolean>): Promise<boolean> {
  for (let at = name.indexOf(SLASH); at >= 0 && at < name.length - 1; at = name.indexOf(SLASH, at + 1)) {
    const parent = name.subarray(0, at);
    const key = parent.toString('latin1');
    let isLink = known.get(key);
    if (isLink === undefined) {
      isLink = await lstat(Buffer.concat([root, parent])).then(
        (stat) => stat.isSymbolicLink(),
        () => false,
      );
      known.set(key, isLink);
    }
    if (isLink) return true;
  }
  return false;
}

const SLASH = '/'.charCodeAt(0);

async function isReadable(file: Buffer, maxBytes: number): Promise<boolean> {
  try {
    const stat = await lstat(file);
    if (!stat.isFile()) return true;
    if (stat.size > maxBytes) return false;
    await access(file, constants.R_OK);
    return true;
  } catch (cause) {
    // A file that is gone is a deletion, and belongs into the snapshot.
    return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
  }
}
