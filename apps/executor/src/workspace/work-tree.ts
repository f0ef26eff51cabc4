import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/**
 * What is remembered about the work tree beside it, below HOME: it travels with the archive, so that a new executor knows
 * without a turn what it has.
 */
export const WorkTree = z.object({
  folder: z.string(),
  repository: z
    .object({
      url: z.string(),
      baseBranch: z.string(),
      workBranch: z.string(),
      objectFormat: z.enum(['sha1', 'sha256']),
    })
    .optional(),
});
export type WorkTree = z.infer<typeof WorkTree>;

/** Folder of ours below HOME. */
export function ownFolder(homeFolder: string): string {
  return path.join(homeFolder, '.wegent');
}

/** Where the state of the work tree is kept. */
export function createWorkTreeStore({
  homeFolder,
  workspaceFolder,
}: {
  homeFolder: string;
  workspaceFolder: string;
}) {
  const file = path.join(ownFolder(homeFolder), 'work-tree.json');
  // The folder's name is kept, not its path: sandboxes of other drivers have it elsewhere.
  const locate = (tree: WorkTree): WorkTree => ({
    ...tree,
    folder: path.join(workspaceFolder, path.basename(tree.folder)),
  });
  return {
    async load(): Promise<WorkTree | undefined> {
      try {
        return locate(WorkTree.parse(JSON.parse(await readFile(file, 'utf8'))));
      } catch {
        return undefined;
      }
    },
    async save(tree: WorkTree): Promise<void> {
      await writeJson(file, { ...tree, folder: path.basename(tree.folder) });
    },
  };
}

/** Writes a small file as a whole or not at all. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify(value));
  await rename(`${file}.new`, file);
}
