import type { Block } from '@wegent/api';

type FilesBlock = Extract<Block, { type: 'files' }>;

/** What one run changed. */
export interface TurnFilesOfRun {
  executionId: string;
  files: FilesBlock['files'];
}

/** What the runs of an answer changed: each run tells its newest state, those without changes are left out. */
export function turnFiles(blocks: readonly Block[]): TurnFilesOfRun[] {
  const newest = new Map<string, FilesBlock['files']>();
  for (const block of blocks) if (block.type === 'files') newest.set(block.executionId, block.files);
  return [...newest]
    .filter(([, files]) => files.length > 0)
    .map(([executionId, files]) => ({ executionId, files }));
}
