import type { Block, Message } from '@wegent/api';

/** Has an agent begun to work? Only then is there a work tree: what is said before is about its making. */
export function hasBegun(messages: readonly Pick<Message, 'role' | 'blocks'>[]): boolean {
  return messages.some(
    ({ role, blocks }) => role === 'assistant' && blocks.some(({ type }) => !SET_UP.includes(type)),
  );
}

const SET_UP: readonly Block['type'][] = ['phase', 'log', 'warning'];

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
