import { execFile } from 'node:child_process';
import {
  access,
  chmod,
  constants,
  lstat,
  mkdir,
  readdir,
  rename,
  rm,
  statfs,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual, promisify } from 'node:util';
import type { EngineName, EngineState } from '@wegent/api';
import { CATALOG, type CatalogEntry } from './catalog.ts';
import { engineState, installedMark, isLocked, lockOf, MARK, partialOf, progressOf } from './engine-state.ts';
import { folderBytes } from './folder-bytes.ts';
import { npmInstall } from './npm-install.ts';
import { type Python, pythonInstall, pythonToInstallFor } from './python-install.ts';

/** What to install, and where. */
export interface InstallOptions {
  name: EngineName;
  /** The folder of engines; each has one of its own in it. */
  folder: string;
  /** From 0 to 1. */
  onProgress?: (progress: number) => void;
  signal?: AbortSignal;
  /** The npm to use; the one on PATH by default. */
  npm?: string;
  /** Programs to install Python packages with, the first that is there; by default uv, then the machine's Pythons. */
  python?: { uv?: string; programs?: readonly string[] };
  /** Version of Python that the engine shall run on, such as `3.11`; that of this machine by default. */
  pythonVersion?: string;
}

const TICK_MS = 500;

/**
 * Installs an engine with npm or pip: beside its place first, then moved there as a whole, so that it is there completely or
 * not at all. When another process installs it already, waits for that one. Rejects with an error that says what to do.
 */
export async function installEngine(options: InstallOptions): Promise<EngineState> {
  const { name, folder, onProgress, signal = new AbortController().signal } = options;
  const entry = CATALOG[name];
  const python = entry.kind === 'python' ? await pythonToInstallFor(options) : undefined;
  const wanted = { version: entry.version, ...(python ? { python: python.version } : {}) };
  await mkdir(folder, { recursive: true });
  const lock = lockOf(folder, name);
  for (;;) {
    signal.throwIfAborted();
    if (isDeepStrictEqual(await installedMark(join(folder, name)), wanted)) break;
    if (await takeLock(lock)) {
      try {
        await install({ entry, wanted, python, options: { ...options, signal } });
      } finally {
        await rm(lock, { force: true });
      }
      continue;
    }
    const { progress } = await engineState({ name, folder });
    if (progress !== undefined) onProgress?.(progress);
    await delay(TICK_MS, undefined, { signal });
  }
  onProgress?.(1);
  return engineState({ name, folder });
}

async function install(given: {
  entry: CatalogEntry;
  wanted: { version: string; python?: string };
  python: Python | undefined;
  options: InstallOptions & { signal: AbortSignal };
}): Promise<void> {
  const { entry, wanted, python } = given;
  const { name, folder, onProgress, signal } = given.options;
  const partial = partialOf(folder, name);
  await rm(partial, { recursive: true, force: true });
  await requireSpace(folder, entry.bytes);
  await mkdir(partial, { mode: 0o755 });
  const ticking = new AbortController();
  const ticks = tick({ lock: lockOf(folder, name), partial, entry, onProgress, signal: ticking.signal });
  try {
    if (entry.kind === 'npm') await installPackage(entry, partial, given.options);
    if (python) await pythonInstall({ folder: partial, python, signal });
    await openToAll(partial);
    signal.throwIfAborted();
    await writeFile(join(partial, MARK), JSON.stringify({ name, ...wanted }), { mode: 0o644 });
    await replace(partial, join(folder, name));
  } catch (cause) {
    await rm(partial, { recursive: true, force: true, maxRetries: 5 });
    throw cause;
  } finally {
    ticking.abort();
    await ticks;
  }
}

async function installPackage(
  entry: Extract<CatalogEntry, { kind: 'npm' }>,
  folder: string,
  { name, npm = 'npm', signal }: InstallOptions & { signal: AbortSignal },
): Promise<void> {
  const dependencies = { [entry.package]: entry.version };
  const manifest = { name: `engine-${name}`, private: true, dependencies };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await npmInstall(folder, npm, signal);
  await checkProgram(folder, entry);
}

/** Keeps the lock alive and tells how far it is. */
async function tick(given: {
  lock: string;
  partial: string;
  entry: CatalogEntry;
  onProgress: InstallOptions['onProgress'];
  signal: AbortSignal;
}): Promise<void> {
  const { lock, partial, entry, onProgress, signal } = given;
  let reached = 0;
  while (!signal.aborted) {
    const now = new Date();
    await utimes(lock, now, now).catch(() => undefined);
    reached = Math.max(reached, progressOf(await folderBytes(partial), entry.bytes));
    if (!signal.aborted) onProgress?.(reached);
    await delay(TICK_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function takeLock(lock: string): Promise<boolean> {
  if ((await lstat(lock).catch(() => undefined)) && !(await isLocked(lock))) await rm(lock, { force: true });
  return writeFile(lock, String(process.pid), { flag: 'wx' }).then(
    () => true,
    (cause: unknown) => {
      if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
      throw cause;
    },
  );
}

async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < bytes * 1.1)
    throw new Error(
      `There is not enough space at ${folder}: ${megabytes(bytes * 1.1)} are needed and ${megabytes(free)} are free. Make room and try again.`,
    );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000)} MB`;
}

/** The program must be there, for this platform, and run. */
async function checkProgram(
  root: string,
  { program }: Extract<CatalogEntry, { kind: 'npm' }>,
): Promise<void> {
  const { folder, prefix, file } = program;
  const names = await readdir(join(root, folder)).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    const path = join(root, folder, name, file);
    const there = await access(path, constants.F_OK).then(
      () => true,
      () => false,
    );
    if (!there) continue;
    await chmod(path, 0o755);
    try {
      await promisify(execFile)(path, ['--version'], { timeout: 60_000, env: { HOME: root } });
      return;
    } catch (cause) {
      const words = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`It was installed but does not run on this machine: ${words}`, { cause });
    }
  }
  throw new Error(
    `There is no build of it for this machine (${process.platform} ${process.arch}). It runs on Linux and macOS, x64 and arm64.`,
  );
}

/** Sandboxes read it as another user. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    if (entry.isFile()) await chmod(path, (await lstat(path)).mode & 0o111 ? 0o755 : 0o644);
  }
}

/** Processes that run from the old folder keep its files. */
async function replace(partial: string, place: string): Promise<void> {
  const old = `${place}.old`;
  await rm(old, { recursive: true, force: true });
  await rename(place, old).catch(() => undefined);
  await rename(partial, place);
  await rm(old, { recursive: true, force: true });
}
