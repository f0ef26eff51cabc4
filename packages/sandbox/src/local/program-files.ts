import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, open, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GENERATED_FILES } from './host-system.ts';
import { seccompFilter } from './seccomp-filter.ts';
import type { Architecture } from './syscalls.ts';

/** Files that all sandboxes are started with. */
export interface ProgramFiles {
  /** Node that can be run but not read. */
  node: string;
  /** Opens the files that are passed by descriptor: the filter first, then those for `/etc` by their names. */
  open(): Promise<{ files: number[]; etcNames: string[]; close(): Promise<void> }>;
}

/** Makes the files in a folder of ours, once for each version of Node. */
export async function makeProgramFiles(folder: string, nodePath: string): Promise<ProgramFiles> {
  await mkdir(path.join(folder, 'etc'), { recursive: true, mode: 0o700 });
  const filter = path.join(folder, 'seccomp');
  await writeAtOnce(filter, seccompFilter(requireArchitecture()));
  const etcNames = Object.keys(GENERATED_FILES);
  for (const [name, text] of Object.entries(GENERATED_FILES)) {
    await writeAtOnce(path.join(folder, 'etc', name), text);
  }
  return {
    node: await copyNode(folder, nodePath),
    async open() {
      const places = [filter, ...etcNames.map((name) => path.join(folder, 'etc', name))];
      const handles = await Promise.all(places.map((place) => open(place, 'r')));
      return {
        files: handles.map(({ fd }) => fd),
        etcNames,
        async close() {
          await Promise.all(handles.map((handle) => handle.close()));
        },
      };
    },
  };
}

/**
 * The kernel protects the memory of a program that its user may not read: an agent cannot look into the executor, or
 * change it, though both are the same user.
 */
async function copyNode(folder: string, nodePath: string): Promise<string> {
  const { size, mtimeMs } = await stat(nodePath);
  const copy = path.join(folder, `node-${size}-${Math.round(mtimeMs)}`);
  const known = await lstat(copy).catch(() => undefined);
  if (known?.size === size) return copy;
  const draft = draftOf(copy);
  await copyFile(nodePath, draft, constants.COPYFILE_FICLONE);
  await chmod(draft, 0o111);
  await rename(draft, copy);
  return copy;
}

/** Others of this installation may be reading it. */
async function writeAtOnce(file: string, content: string | Buffer): Promise<void> {
  const draft = draftOf(file);
  await writeFile(draft, content, { mode: 0o600 });
  await rename(draft, file);
}

function draftOf(file: string): string {
  return `${file}.${randomBytes(6).toString('hex')}.new`;
}

function requireArchitecture(): Architecture {
  if (process.arch === 'x64' || process.arch === 'arm64') return process.arch;
  throw new Error(`sandboxes need x64 or arm64, and this is ${process.arch}`);
}
