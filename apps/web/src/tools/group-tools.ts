import type { Block } from '@wegent/api';
import type { ToolBlock } from './tool-block.ts';
import { readToolTitle } from './tool-title.ts';

/** Tool calls that are not shown in their own place. */
export interface ToolGroups {
  /** What helpers did, by the block that started the helper. */
  children: ReadonlyMap<string, readonly ToolBlock[]>;
  /** Blocks that are shown elsewhere, or not at all. */
  hidden: ReadonlySet<Block>;
}

/** Puts the calls of helpers under the call that started them, and keeps only the newest state of the to-do list. */
export function groupTools(blocks: readonly Block[]): ToolGroups {
  const children = new Map<string, ToolBlock[]>();
  const hidden = new Set<Block>();
  const helpers = new Map<string, string>();
  const lists = new Map<string, ToolBlock>();
  for (const block of blocks) {
    if (block.type !== 'tool') continue;
    const { agent, action, what } = readToolTitle(block.tool, block.title);
    const starter = agent === undefined ? undefined : helpers.get(key(block, agent));
    if (starter !== undefined) {
      children.get(starter)?.push(block);
      hidden.add(block);
    } else if (action === 'todo') {
      const before = lists.get(block.executionId);
      if (before) hidden.add(before);
      lists.set(block.executionId, block);
    }
    if (action === 'agent') {
      helpers.set(key(block, what), block.blockId);
      children.set(block.blockId, []);
    }
  }
  return { children, hidden };
}

function key({ executionId }: Block, agent: string): string {
  return `${executionId}/${agent}`;
}
