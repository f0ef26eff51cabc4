import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SandboxSpec } from '../sandbox.ts';
import type { ProcessRef } from './process-table.ts';

/**
 * What is remembered of a sandbox so that another process of this host finds it: written before anything of it exists,
 * and removed after the last of it.
 */
export interface SandboxRecord {
  id: string;
  labels: SandboxSpec['labels'];
  folder: string;
  /** Numbers of processes mean nothing after the machine was started again. */
  bootId: string;
  /** Host user of its own. */
  uid?: number;
  diskBytes: number;
  /** Control groups. */
  groups: string[];
  /** The process that we started. */
  outer?: ProcessRef;
  /** The first process of its own name space, where it has one: nothing in it outlives that. */
  first?: ProcessRef;
  /** Its executor was reached. */
  ready: boolean;
}

/** The records of one installation. */
export type SandboxRecords = ReturnType<typeof createSandboxRecords>;

const ENDING = '.sandbox.json';

/** One file for each sandbox in a folder that only this user may enter. */
export function createSandboxRecords(folder: string) {
  const fileOf = (id: string) => path.join(folder, `${id}${ENDING}`);

  return {
    /** Replaces the record at once: a reader finds the old or the new one. */
    async save(record: SandboxRecord): Promise<void> {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const draft = `${fileOf(record.id)}.new`;
      await writeFile(draft, JSON.stringify(record), { mode: 0o600 });
      await rename(draft, fileOf(record.id));
    },

    load: (id: string): Promise<SandboxRecord | undefined> => read(fileOf(id)),

    async loadAll(): Promise<SandboxRecord[]> {
      const names = await readdir(folder).catch(() => []);
      const records = await Promise.all(
        names.filter((name) => name.endsWith(ENDING)).map((name) => read(path.join(folder, name))),
      );
      return records.filter((record) => record !== undefined);
    },

    remove: (id: string): Promise<void> => rm(fileOf(id), { force: true }),
  };
}

/** Only this module writes such files; one that is cut off was never followed by a sandbox. */
async function read(file: string): Promise<SandboxRecord | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as SandboxRecord;
  } catch {
    await rm(file, { force: true });
    return undefined;
  }
}

/** Another one since the machine was started last; the same everywhere where the system has none. */
export async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
}
