import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { createKeyedLock } from './keyed-lock.ts';

/** What is remembered about a sandbox beside its folder, so that another process of this host finds it again. */
export const SandboxRecord = z.object({
  sandboxId: z.string(),
  /** Secret of its executor. */
  token: z.string(),
  /** Absent while it waits in the warm pool. */
  task: z
    .object({ taskId: z.string(), namespace: z.string(), taskType: z.enum(['chat', 'code']) })
    .optional(),
  /** Whose folder it is: the manager that used it last. Managers that follow each other on a host may have other ids. */
  managerId: z.string().optional(),
  /** Image and limits that it was made with: another Shell needs another sandbox. */
  made: z.string(),
  createdAt: z.number(),
  usedAt: z.number(),
  /** Its content is in the archive since; the folder goes later. */
  archivedAt: z.number().optional(),
});
export type SandboxRecord = z.infer<typeof SandboxRecord>;

/** The folders of a manager's sandboxes and their records. */
export type SandboxFolders = ReturnType<typeof createSandboxFolders>;

const RECORD = 'record.json';

/** One folder for each sandbox below `root`, which only this user may enter. */
export function createSandboxFolders(root: string) {
  const folderOf = (sandboxId: string) => path.join(root, sandboxId);
  const lock = createKeyedLock();

  // One after the other: the newest is the one that stays.
  function save(record: SandboxRecord): Promise<void> {
    return lock(record.sandboxId, async () => {
      const file = path.join(folderOf(record.sandboxId), RECORD);
      await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
      await rename(`${file}.new`, file);
    });
  }

  return {
    folderOf,
    gatewaySocket: (sandboxId: string) => path.join(folderOf(sandboxId), 'run', 'gateway.sock'),

    async prepare(): Promise<void> {
      await mkdir(root, { recursive: true, mode: 0o711 });
    },

    /** A new folder with its record. */
    async create(given: Pick<SandboxRecord, 'made' | 'task' | 'managerId'>): Promise<SandboxRecord> {
      const now = Date.now();
      const record: SandboxRecord = {
        sandboxId: randomBytes(6).toString('hex'),
        token: randomBytes(24).toString('base64url'),
        ...given,
        createdAt: now,
        usedAt: now,
      };
      await mkdir(path.join(folderOf(record.sandboxId), 'run'), { recursive: true });
      await save(record);
      return record;
    },

    save,

    /** All records; a folder without a readable one is what a crash left and is removed. */
    async load(): Promise<SandboxRecord[]> {
      const records: SandboxRecord[] = [];
      for (const entry of await readdir(root, { withFileTypes: true })) {
        if (!entry.isDirectory() || !/^[0-9a-f]{12}$/.test(entry.name)) continue;
        const record = await readRecord(path.join(root, entry.name, RECORD));
        if (record) records.push(record);
        else await rm(folderOf(entry.name), { recursive: true, force: true });
      }
      return records;
    },

    remove: (sandboxId: string) => rm(folderOf(sandboxId), { recursive: true, force: true }),
  };
}

async function readRecord(file: string): Promise<SandboxRecord | undefined> {
  try {
    return SandboxRecord.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}
