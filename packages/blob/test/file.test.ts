import { mkdir, readdir, readFile, rename, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type TemporaryFolder, temporaryFolder } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBlobStore } from '../src/index.ts';
import { blobContract } from './contract.ts';

const CONTENT = new TextEncoder().encode('content');

describe('file blob store', () => {
  let folder: TemporaryFolder;

  beforeAll(async () => {
    folder = await temporaryFolder();
  });

  afterAll(() => folder[Symbol.asyncDispose]());

  blobContract(() => openBlobStore({ url: `file:${folder.path}/blobs` }));
});

/** Path of the only blob in the folder. */
async function onlyBlob(root: string): Promise<string> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory() && !entry.parentPath.endsWith('incoming'));
  expect(files).toHaveLength(1);
  return join(files[0]?.parentPath ?? '', files[0]?.name ?? '');
}

describe('the folder', () => {
  test('holds files that only their owner can read, and nothing half-written', async () => {
    await using folder = await temporaryFolder();
    const store = await openBlobStore({ url: `file:${folder.path}` });
    await store.put('a/b', CONTENT);
    const path = await onlyBlob(folder.path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
    await expect(readdir(join(folder.path, 'incoming'))).resolves.toEqual([]);
  });

  test('can be named by any kind of file URL, and is still there after a restart', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'with space');
    await (await openBlobStore({ url: `file:${path}` })).put('key', CONTENT);
    for (const url of [pathToFileURL(path).href, `file:${relative(process.cwd(), path)}`]) {
      await expect((await openBlobStore({ url })).read('key')).resolves.toEqual(Buffer.from(CONTENT));
    }
    await expect(openBlobStore({ url: 'file:' })).rejects.toMatchObject({ reason: 'Invalid' });
  });

  test('loses what a crash left long ago, not what is being written', async () => {
    await using folder = await temporaryFolder();
    const incoming = join(folder.path, 'incoming');
    await mkdir(incoming);
    await writeFile(join(incoming, 'old'), 'x');
    await utimes(join(incoming, 'old'), new Date(0), new Date(0));
    await writeFile(join(incoming, 'young'), 'x');
    await openBlobStore({ url: `file:${folder.path}` });
    await expect(readdir(incoming)).resolves.toEqual(['young']);
  });

  test('a link in place of a blob is not followed: not read, not written through', async () => {
    await using folder = await temporaryFolder();
    const root = join(folder.path, 'blobs');
    const secret = join(folder.path, 'secret');
    await writeFile(secret, 'secret');
    const store = await openBlobStore({ url: `file:${root}` });
    await store.put('key', CONTENT);
    const path = await onlyBlob(root);
    await rename(path, join(folder.path, 'moved'));
    await symlink(secret, path);
    await expect(store.read('key')).rejects.toThrow(/ELOOP/);
    await expect(store.get('key')).rejects.toThrow(/ELOOP/);
    await store.put('key', CONTENT);
    await expect(store.read('key')).resolves.toEqual(Buffer.from(CONTENT));
    await expect(readFile(secret, 'utf8')).resolves.toBe('secret');
  });

  test('a link in place of a sub-folder is refused', async () => {
    await using folder = await temporaryFolder();
    const root = join(folder.path, 'blobs');
    const store = await openBlobStore({ url: `file:${root}` });
    await store.put('key', CONTENT);
    const shard = join(await onlyBlob(root), '..');
    await rename(shard, join(folder.path, 'elsewhere'));
    await symlink(join(folder.path, 'elsewhere'), shard);
    await expect(store.read('key')).rejects.toThrow(/not a folder/);
    await expect(store.put('key', CONTENT)).rejects.toThrow(/not a folder/);
    await expect(store.delete('key')).rejects.toThrow(/not a folder/);
    await expect(readdir(join(folder.path, 'elsewhere'))).resolves.toEqual(['key']);
    await expect(readdir(join(root, 'incoming'))).resolves.toEqual([]);
  });
});
