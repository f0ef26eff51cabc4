import type { ChangeList } from '@wegent/api';
import type { Git } from '../git/git.ts';
import { GitError } from '../git/git.ts';
import type { ShadowRepository } from './shadow-repository.ts';
import { splitNul } from './snapshots.ts';

/** A changed file with its name as git knows it: bytes. */
export interface Change {
  file: ChangeList['files'][number];
  path: Buffer;
  oldPath?: Buffer;
}

/** Two trees of a shadow repository. */
export interface DiffRequest {
  git: Git;
  shadow: ShadowRepository;
  from: string;
  to: string;
  renames?: boolean;
}

const TIMEOUT_MS = 60_000;
const ALWAYS = ['--no-ext-diff', '--no-textconv', '--no-color', '--ignore-submodules=none'];

/** The files that differ between two trees, in the order of their names. */
export async function listChanges({ git, shadow, from, to, renames = true }: DiffRequest): Promise<Change[]> {
  if (from === to) return [];
  const diff = (forms: string[]) =>
    git.run({
      place: shadow.place,
      timeoutMs: TIMEOUT_MS,
      args: [
        'diff-tree',
        '-r',
        '-z',
        ...ALWAYS,
        renames ? '--find-renames' : '--no-renames',
        ...forms,
        from,
        to,
      ],
    });
  try {
    return parseChanges((await diff(['--raw', '--numstat', '--abbrev=64'])).stdout);
  } catch (cause) {
    if (!(cause instanceof GitError)) throw cause;
    // Content that the clone left on the server cannot be counted without it; names can be listed.
    const bare = ['diff-tree', '-r', '-z', '--no-renames', '--raw', '--abbrev=64', from, to];
    return parseChanges((await git.run({ place: shadow.place, timeoutMs: TIMEOUT_MS, args: bare })).stdout);
  }
}

/** The patch of one change, cut off after `maxBytes`. */
export async function patchOf(
  { git, shadow, from, to }: DiffRequest,
  change: Change,
  maxBytes: number,
): Promise<{ patch: Buffer; truncated: boolean }> {
  const names = [change.oldPath, change.path].filter((name) => name !== undefined);
  const { stdout } = await git.run({
    place: shadow.place,
    timeoutMs: TIMEOUT_MS,
    maxOutput: 512 * 1024 * 1024,
    args: ['diff-tree', '-p', '-r', ...ALWAYS, '--find-renames', from, to, '--', ...names.map(asPathspec)],
    env: { GIT_LITERAL_PATHSPECS: '0' },
  });
  return { patch: stdout.subarray(0, maxBytes), truncated: stdout.length > maxBytes };
}

/** Reads `--raw --numstat -z`: first all raw entries, then all counts. */
function parseChanges(output: Buffer): Change[] {
  const fields = splitNul(output);
  const changes = new Map<string, Change>();
  for (let index = 0; index < fields.length; ) {
    const head = (fields[index++] ?? Buffer.alloc(0)).toString('latin1');
    if (head.startsWith(':')) {
      const letter = head.split(' ')[4]?.[0] ?? 'M';
      const first = fields[index++] ?? Buffer.alloc(0);
      const renamed = letter === 'R' || letter === 'C';
      const path = renamed ? (fields[index++] ?? first) : first;
      changes.set(keyOf(path), {
        path,
        ...(renamed ? { oldPath: first } : {}),
        file: {
          path: shownName(path),
          status: STATUS[letter] ?? 'modified',
          additions: 0,
          deletions: 0,
          ...(renamed ? { oldPath: shownName(first) } : {}),
        },
      });
      continue;
    }
    const [added = '', deleted = ''] = head.split('\t');
    const inline = fields[index - 1]?.subarray(added.length + deleted.length + 2) ?? Buffer.alloc(0);
    let path = inline;
    if (inline.length === 0) {
      index++;
      path = fields[index++] ?? inline;
    }
    const change = changes.get(keyOf(path));
    if (!change) continue;
    if (added === '-') change.file.binary = true;
    else Object.assign(change.file, { additions: Number(added), deletions: Number(deleted) });
  }
  return [...changes.values()];
}

const STATUS: Record<string, 'added' | 'modified' | 'deleted' | 'renamed'> = {
  A: 'added',
  C: 'added',
  D: 'deleted',
  R: 'renamed',
};

function keyOf(name: Buffer): string {
  return name.toString('latin1');
}

/** A name as JSON can carry it; bytes that are no UTF-8 become U+FFFD. */
export function shownName(name: Buffer): string {
  return name.toString('utf8');
}

/** A pathspec for a name. Arguments are UTF-8, so bytes that are none are matched by `?`. */
function asPathspec(name: Buffer): string {
  const text = shownName(name);
  if (Buffer.from(text).equals(name)) return `:(literal)${text}`;
  const pattern = [...name].map((byte) =>
    byte < 128 ? String.fromCharCode(byte).replace(/[*?[\\]/, '\\$&') : '?',
  );
  return `:(glob)${pattern.join('')}`;
}
