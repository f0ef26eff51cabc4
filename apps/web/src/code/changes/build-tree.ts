import type { ChangeList } from '@wegent/api';

/** A file that changed. */
export type ChangedFile = ChangeList['files'][number];

/** A row of the tree: a folder, whose name may span several levels, or a file. */
export type TreeRow =
  | { type: 'folder'; path: string; name: string; depth: number }
  | { type: 'file'; path: string; name: string; depth: number; file: ChangedFile };

interface Folder {
  folders: Map<string, Folder>;
  files: { name: string; file: ChangedFile }[];
}

/** The changed files as rows of a tree: folders first, folders with nothing but one folder in them joined. */
export function buildTree(files: readonly ChangedFile[]): TreeRow[] {
  const root: Folder = { folders: new Map(), files: [] };
  for (const file of files) {
    const parts = file.path.split('/');
    const name = parts.pop() ?? file.path;
    let folder = root;
    for (const part of parts) {
      const next: Folder = folder.folders.get(part) ?? { folders: new Map(), files: [] };
      folder.folders.set(part, next);
      folder = next;
    }
    folder.files.push({ name, file });
  }
  return rowsOf(root, '', 0);
}

/** The files in the order of the tree. */
export function inTreeOrder(files: readonly ChangedFile[]): ChangedFile[] {
  return buildTree(files).flatMap((row) => (row.type === 'file' ? [row.file] : []));
}

/** Does a file's path hold all the words? */
export function matchesFilter(path: string, filter: string): boolean {
  const lower = path.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

function rowsOf(folder: Folder, prefix: string, depth: number): TreeRow[] {
  const folders = [...folder.folders]
    .toSorted(([left], [right]) => compare(left, right))
    .flatMap(([name, inner]) => {
      const joined = joinLonely(name, inner);
      const path = `${prefix}${joined.name}`;
      return [
        { type: 'folder' as const, path, name: joined.name, depth },
        ...rowsOf(joined.folder, `${path}/`, depth + 1),
      ];
    });
  const files = folder.files
    .toSorted((left, right) => compare(left.name, right.name))
    .map(({ name, file }) => ({ type: 'file' as const, path: file.path, name, depth, file }));
  return [...folders, ...files];
}

function joinLonely(name: string, folder: Folder): { name: string; folder: Folder } {
  const [only, ...others] = folder.folders;
  if (!only || others.length > 0 || folder.files.length > 0) return { name, folder };
  return joinLonely(`${name}/${only[0]}`, only[1]);
}

// By code points: the same on every machine.
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
