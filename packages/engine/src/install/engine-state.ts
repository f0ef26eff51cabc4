import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineName, EngineState } from '@wegent/api';
import { z } from 'zod';
import { CATALOG } from './catalog.ts';
import { folderBytes } from './folder-bytes.ts';

/** Written last: a folder with it is complete. */
export const MARK = 'engine.json';
/** An installer that has not touched its lock for so long is dead. */
export const LOCK_MS = 15_000;

const Mark = z.object({
  version: z.string(),
  python: z.string().optional().describe('Version of Python that it was made for.'),
});

/** Is the engine in that folder, or on its way there, by whatever process? */
export async function engineState({
  name,
  folder,
}: {
  name: EngineName;
  folder: string;
}): Promise<EngineState> {
  const mark = await installedMark(join(folder, name));
  if (mark) return { name, state: 'installed', version: mark.version };
  if (!(await isLocked(lockOf(folder, name)))) return { name, state: 'missing' };
  const bytes = await folderBytes(partialOf(folder, name));
  return { name, state: 'installing', progress: progressOf(bytes, CATALOG[name].bytes) };
}

/** What a complete folder says of itself. */
export async function installedMark(folder: string): Promise<z.infer<typeof Mark> | undefined> {
  try {
    return Mark.parse(JSON.parse(await readFile(join(folder, MARK), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Works an installer there now? */
export async function isLocked(lock: string): Promise<boolean> {
  const about = await stat(lock).catch(() => undefined);
  return about !== undefined && Date.now() - about.mtimeMs < LOCK_MS;
}

/** The file that an installer touches while it works. */
export function lockOf(folder: string, name: EngineName): string {
  return join(folder, `${name}.lock`);
}

/** Where an engine lies until it is complete. */
export function partialOf(folder: string, name: EngineName): string {
  return join(folder, `${name}.partial`);
}

/** Checking and moving are the last part of the way. */
export function progressOf(bytes: number, expected: number): number {
  return Math.min(0.97, Math.round((bytes / expected) * 1000) / 1000);
}
