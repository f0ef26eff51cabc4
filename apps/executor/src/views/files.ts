import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ApiError, type FolderListing } from '@wegent/api';

const MAX_ENTRIES = 5_000;
const MAX_BYTES = 256 * 1024 * 1024;

/** An open file of the work tree; whoever gets it closes it. */
export interface OpenFile {
  handle: FileHandle;
  /** Part of the file to read. */
  start: number;
  length: number;
}

/** Lists a folder of the work tree. */
export async function listFolder(root: string, relative: string): Promise<FolderListing> {
  const folder = await resolveInside(root, relative);
  const stat = await lstat(folder);
  if (!stat.isDirectory()) throw new ApiError('BadRequest', `path: ${JSON.stringify(relative)} is no folder`);
  const names = (await readdir(folder, { encoding: 'buffer' })).filter(
    (name) => relative !== '' || String(name) !== '.git',
  );
  const entries: FolderListing['entries'] = [];
  for (const name of names.slice(0, MAX_ENTRIES)) {
    const entry = await lstat(Buffer.concat([folder, Buffer.from(path.sep), name])).catch(() => undefined);
    if (!entry) continue;
    entries.push({
      name: name.toString('utf8'),
      type: entry.isFile()
        ? 'file'
        : entry.isDirectory()
          ? 'folder'
          : entry.isSymbolicLink()
            ? 'link'
            : 'other',
      size: entry.isFile() ? entry.size : 0,
      modifiedAt: entry.mtime.toISOString(),
    });
  }
  const rank = { folder: 0, file: 1, link: 1, other: 1 };
  entries.sort((left, right) => rank[left.type] - rank[right.type] || (left.name < right.name ? -1 : 1));
  return { path: relative, entries, ...(names.length > MAX_ENTRIES ? { truncated: true } : {}) };
}

/** Opens a regular file of the work tree for reading, from `offset`, at most `limit` bytes. */
export async function openFile(
  root: string,
  relative: string,
  { offset = 0, limit }: { offset?: number; limit?: number | undefined } = {},
): Promise<OpenFile> {
  const file = await resolveInside(root, relative);
  // A pipe would be waited for, and a device could do anything: neither is opened for real.
  const before = await lstat(file);
  if (!before.isFile())
    throw new ApiError('BadRequest', `path: ${JSON.stringify(relative)} is no regular file`);
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    fileError(relative),
  );
  try {
    const stat = await handle.stat();
    if (!stat.isFile())
      throw new ApiError('BadRequest', `path: ${JSON.stringify(relative)} is no regular file`);
    await checkOpened(handle, root, relative);
    const start = Math.min(offset, stat.size);
    const length = Math.min(stat.size - start, limit ?? Number.POSITIVE_INFINITY);
    if (length > MAX_BYTES) {
      throw new ApiError(
        'RequestEntityTooLarge',
        `${JSON.stringify(relative)} has ${stat.size} bytes; at most ${MAX_BYTES} are sent at once: ask for parts with offset and limit`,
      );
    }
    return { handle, start, length };
  } catch (cause) {
    await handle.close();
    throw cause;
  }
}

/**
 * The real path of something in the work tree. Links are followed as long as they stay inside; whatever leads out is
 * refused, and looks like something that is not there.
 */
async function resolveInside(root: string, relative: string): Promise<Buffer> {
  const parts = relative.split('/');
  const bad = path.isAbsolute(relative) || relative.includes('\0') || parts.includes('..');
  if (bad)
    throw new ApiError(
      'BadRequest',
      `path: must be relative to the work tree, without "..", not ${JSON.stringify(relative)}`,
    );
  const realRoot = await realpath(root).catch(fileError(''));
  const place = await withRealNames(realRoot, parts);
  const real = await realpath(place, { encoding: 'buffer' }).catch(fileError(relative));
  if (!isInside(real, realRoot, { itself: true })) throw outside(relative);
  return real;
}

function isInside(place: Buffer, root: string, { itself = false } = {}): boolean {
  const folder = Buffer.from(`${root}${path.sep}`);
  return place.subarray(0, folder.length).equals(folder) || (itself && place.equals(Buffer.from(root)));
}

/** Names that are no UTF-8 were shown with U+FFFD; they are found again by what they look like. */
async function withRealNames(root: string, parts: readonly string[]): Promise<Buffer> {
  let place: Buffer = Buffer.from(root);
  for (const part of parts) {
    if (part === '' || part === '.') continue;
    let name = Buffer.from(part);
    if (part.includes('\uFFFD')) {
      const names = await readdir(place, { encoding: 'buffer' }).catch(() => []);
      name = names.find((candidate) => candidate.toString('utf8') === part) ?? name;
    }
    place = Buffer.concat([place, Buffer.from(path.sep), name]);
  }
  return place;
}

/** The agent may have replaced a folder by a link after it was looked at: what counts is what is open. */
async function checkOpened(handle: FileHandle, root: string, relative: string): Promise<void> {
  const opened = await readlink(`/proc/self/fd/${handle.fd}`, { encoding: 'buffer' }).catch(() => undefined);
  if (opened === undefined) return;
  if (!isInside(opened, await realpath(root))) throw outside(relative);
}

function outside(relative: string): ApiError {
  return new ApiError('NotFound', `${JSON.stringify(relative)} does not exist in the work tree`);
}

function fileError(relative: string): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    if (cause.code === 'EACCES')
      throw new ApiError('Forbidden', `${JSON.stringify(relative)} may not be read`, { cause });
    if (
      cause.code === 'ELOOP' ||
      cause.code === 'ENAMETOOLONG' ||
      cause.code === 'ENOTDIR' ||
      cause.code === 'ENOENT'
    ) {
      throw new ApiError('NotFound', `${JSON.stringify(relative)} does not exist in the work tree`, {
        cause,
      });
    }
    throw cause;
  };
}
