import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Git, GitPlace, GitRequest } from '../git/git.ts';
import { ownFolder, type WorkTree } from '../workspace/work-tree.ts';

/** Our own git folder over a work tree. */
export interface ShadowRepository {
  place: Extract<GitPlace, { gitFolder: string }>;
  /** Settings for commands that look at ignored files or attributes. */
  config: [string, string][];
  emptyTree: string;
}

const EMPTY_TREE = {
  sha1: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  sha256: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
};

/** Folders that are no work of anybody, where no `.gitignore` says so. */
const IGNORED = [
  'node_modules/',
  '.venv/',
  'venv/',
  '__pycache__/',
  '.cache/',
  '.tox/',
  '.gradle/',
  '.DS_Store',
];

/**
 * The hidden repository below HOME: it borrows the objects of the work tree's own, and has its own index, refs and
 * configuration. So nothing of ours is in the work tree, and nothing that an agent wrote into its `.git/config` counts
 * when we look at files, compare and push.
 */
export async function openShadow(tree: WorkTree, homeFolder: string): Promise<ShadowRepository> {
  const gitFolder = path.join(ownFolder(homeFolder), 'snapshots.git');
  const format = tree.repository?.objectFormat ?? 'sha1';
  const info = path.join(gitFolder, 'objects', 'info');
  await mkdir(info, { recursive: true });
  await mkdir(path.join(gitFolder, 'refs'), { recursive: true });
  await mkdir(path.join(gitFolder, 'info'), { recursive: true });
  await rm(path.join(gitFolder, 'commondir'), { force: true });
  await writeChanged(path.join(gitFolder, 'HEAD'), 'ref: refs/heads/none\n');
  await writeChanged(path.join(gitFolder, 'config'), configText(format, tree.repository?.url));
  await writeChanged(
    path.join(gitFolder, 'info', 'exclude'),
    tree.repository ? '' : `${IGNORED.join('\n')}\n`,
  );
  const own = path.join(tree.folder, '.git');
  await writeChanged(path.join(info, 'alternates'), `${path.join(own, 'objects')}\n`);
  return {
    place: {
      gitFolder,
      workTree: tree.folder,
      indexFile: path.join(gitFolder, `index-${path.basename(tree.folder)}`),
    },
    config: [['core.excludesFile', path.join(own, 'info', 'exclude')]],
    emptyTree: EMPTY_TREE[format],
  };
}

/**
 * Takes over the index of a work tree that we have just made: it knows the state of every file, so that the first
 * snapshot does not have to read them all.
 */
export async function seedIndex(shadow: ShadowRepository): Promise<void> {
  const { indexFile, workTree } = shadow.place;
  if (indexFile === undefined) return;
  const index = await readFile(path.join(workTree, '.git', 'index')).catch(() => undefined);
  if (index) await writeFile(indexFile, index);
}

/** Removes a lock that a killed git left behind; callers are one at a time. */
export async function removeStaleLock(shadow: ShadowRepository): Promise<void> {
  await rm(`${shadow.place.indexFile}.lock`, { force: true });
}

/** The commit that the work tree stands on; undefined before the first one, or without a repository. */
export async function headOf(git: Git, tree: WorkTree, signal?: AbortSignal): Promise<string | undefined> {
  const hasOwn = await access(path.join(tree.folder, '.git')).then(
    () => true,
    () => false,
  );
  if (!hasOwn) return undefined;
  return git.maybe({ ...inTree(tree, signal), args: ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'] });
}

/** A command in the work tree's own repository that only reads. */
export function inTree(tree: WorkTree, signal?: AbortSignal): Pick<GitRequest, 'place' | 'signal' | 'env'> {
  const env = {
    // Without it git would look for a repository in the folders above.
    GIT_CEILING_DIRECTORIES: path.dirname(tree.folder),
    // The repository's own `core.worktree` must not make a commit of other files than people were shown.
    GIT_WORK_TREE: tree.folder,
  };
  return { place: { cwd: tree.folder }, signal, env };
}

/** Leaves a file alone that is right: another git may be reading it. */
async function writeChanged(file: string, text: string): Promise<void> {
  const present = await readFile(file, 'utf8').catch(() => undefined);
  if (present !== text) await writeFile(file, text);
}

function configText(format: 'sha1' | 'sha256', url: string | undefined): string {
  const version = format === 'sha256' || url !== undefined ? 1 : 0;
  const extensions = [
    ...(format === 'sha256' ? ['objectFormat = sha256'] : []),
    // Blobs that the clone left on the server are missing here as well.
    ...(url === undefined ? [] : ['partialClone = origin']),
  ];
  return [
    '[core]',
    `repositoryFormatVersion = ${version}`,
    'bare = false',
    'logAllRefUpdates = false',
    ...(extensions.length > 0 ? ['[extensions]', ...extensions] : []),
    ...(url === undefined ? [] : ['[remote "origin"]', `url = ${configValue(url)}`, 'promisor = true']),
    '',
  ].join('\n');
}

function configValue(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
