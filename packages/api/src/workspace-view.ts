import { z } from 'zod';
import { ChangedFile } from './execution-events.ts';

/** GET /api/v1/tasks/{taskId}/changes: what differs from the base branch, or what one turn changed. */
export const ChangeList = z.object({
  files: z.array(ChangedFile.extend({ oldPath: z.string().optional(), binary: z.boolean().optional() })),
  branch: z.string().optional(),
  base: z.string().optional().describe('Commit that the list compares with.'),
  truncated: z.boolean().optional().describe('There are more files than are listed.'),
});
export type ChangeList = z.infer<typeof ChangeList>;

/** One entry of a folder of the work tree. */
export const FileEntry = z.object({
  name: z.string(),
  type: z.enum(['file', 'folder', 'link', 'other']),
  size: z.number().int(),
  modifiedAt: z.string(),
});
/** GET /api/v1/tasks/{taskId}/files?path=: a folder of the work tree. */
export const FolderListing = z.object({
  path: z.string(),
  entries: z.array(FileEntry),
  truncated: z.boolean().optional(),
});
export type FolderListing = z.infer<typeof FolderListing>;

/** POST /api/v1/tasks/{taskId}/commit. */
export const CommitRequest = z.strictObject({ message: z.string().min(1).max(10_000) });
/** Answer to a commit or a push. */
export const CommitResult = z.object({ commit: z.string(), branch: z.string() });
export type CommitResult = z.infer<typeof CommitResult>;

/** POST /api/v1/tasks/{taskId}/turns/{executionId}/revert: what was put back. */
export const RevertResult = z.object({ files: z.array(ChangedFile) });
export type RevertResult = z.infer<typeof RevertResult>;

/** POST /api/v1/tasks/{taskId}/terminals. */
export const TerminalRequest = z.strictObject({
  cols: z.number().int().min(1).max(1000),
  rows: z.number().int().min(1).max(1000),
});
/** A terminal that was opened. */
export const Terminal = z.object({ terminalId: z.string() });
export type Terminal = z.infer<typeof Terminal>;

/** GET /api/v1/tasks/{taskId}/logs: what set-up, git, network and engine wrote, oldest first. */
export const LogPage = z.object({
  lines: z.array(
    z.object({
      seq: z.number().int(),
      executionId: z.string(),
      stream: z.enum(['stdout', 'stderr', 'system']),
      text: z.string(),
      at: z.string(),
    }),
  ),
});
export type LogPage = z.infer<typeof LogPage>;
