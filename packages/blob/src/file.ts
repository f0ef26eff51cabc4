import { createHash, randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from './blob.ts';
import { checkKey } from './blob-key.ts';
import { createDigest } from './digest.ts';

/** Where content is written before it gets its name. Not two hexadecimal digits, so no shard. */
const INCOMING = 'incoming';
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

/** A link is an error and a pipe does not block: only files of ours are read. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CREATE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Blobs in a folder, which is made when it is missing. Each is one file of mode 0600 in one of 256 sub-folders, so
 * none of them grows large. Several processes may share the folder. Links in it are never followed.
 */
export async function openFileBlobStore({ path }: { path: string }): Promise<BlobStore> {
  await mkdir(join(path, INCOMING), { recursive: true, mode: 0o700 });
  const root = await realpath(path);
  await removeAbandoned(join(root, INCOMING));

  async function openBlob(key: string): Promise<FileHandle | undefined> {
    const { folder, file } = placeOf(root, key);
    if (!(await isFolder(folder))) return undefined;
    const handle = await open(file, READ_FLAGS).catch(ignoreMissing);
    if (handle === undefined || (await handle.stat()).isFile()) return handle;
    await handle.close();
    throw new Error(`blob ${key} is not a regular file`);
  }

  return {
    async put(key, content) {
      const { folder, file } = placeOf(root, key);
      const temporary = join(root, INCOMING, randomUUID());
      const digest = createDigest(content);
      try {
        await writeDurably(temporary, digest.pieces());
        await makeFolder(folder, root);
        await rename(temporary, file);
        await sync(folder);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      return digest.info();
    },

    async get(key) {
      return (await openBlob(key))?.createReadStream();
    },

    async read(key) {
      const handle = await openBlob(key);
      try {
        return await handle?.readFile();
      } finally {
        await handle?.close();
      }
    },

    async delete(key) {
      const { folder, file } = placeOf(root, key);
      if (await isFolder(folder)) await rm(file, { force: true });
    },

    async close() {},
  };
}

/** One flat file name per key: `a` and `a/b` can both exist. `+` does not occur in keys. */
function placeOf(root: string, key: string): { folder: string; file: string } {
  const name = checkKey(key).replaceAll('/', '+');
  const folder = join(root, createHash('sha256').update(key).digest('hex').slice(0, 2));
  return { folder, file: join(folder, name) };
}

async function writeDurably(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(path, CREATE_FLAGS, 0o600);
  try {
    for await (const piece of pieces) await handle.writeFile(piece);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function makeFolder(folder: string, parent: string): Promise<void> {
  if (await isFolder(folder)) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await sync(parent);
}

/** A name is only as durable as the folder that it stands in. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found: Stats | undefined = await lstat(path).catch(ignoreMissing);
  if (found === undefined) return false;
  if (found.isDirectory()) return true;
  throw new Error(`${path} is not a folder`);
}

/** Removes what a crash left. Young files may be another process's work. */
async function removeAbandoned(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name);
    const found = await lstat(path).catch(ignoreMissing);
    if (found && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
  }
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
