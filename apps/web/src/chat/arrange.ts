import type { Block } from '@wegent/api';
import { groupTools } from '../tools/group-tools.ts';

/** A block that stands in the flow of an answer; phases are told in the activity line, changed files at its end. */
export type ShownBlock = Exclude<Block, { type: 'phase' | 'files' }>;

/** An answer, or the part of one run of it, in the order in which it is shown. */
export interface Arrangement {
  /** Steps and remarks before the answer itself; folded into one line. */
  folded: readonly ShownBlock[];
  /** Number of steps among `folded`. */
  steps: number;
  /** What stands open: notices, what waits for a person, the newest text and everything after it. */
  open: readonly ShownBlock[];
}

/**
 * Arranges the blocks that the given runs wrote. Once text follows at least two steps, all that was before it folds;
 * a notice and what waits for a person's answer never do. A growing answer only ever folds more.
 */
export function arrange(blocks: readonly Block[], isShown: (executionId: string) => boolean): Arrangement {
  const { hidden } = groupTools(blocks);
  const shown = blocks.filter(
    (block): block is ShownBlock => isShown(block.executionId) && !hidden.has(block) && isVisible(block),
  );
  const end = startOfLastText(shown);
  const before = shown.slice(0, end);
  const steps = before.filter(isStep).length;
  if (steps < 2) return { folded: [], steps: 0, open: shown };
  return {
    folded: before.filter((block) => !staysOpen(block)),
    steps,
    open: [...before.filter(staysOpen), ...shown.slice(end)],
  };
}

/** Runs that other runs of the answer started; they are shown inside the block that tells of their start. */
export function childRuns(blocks: readonly Block[]): ReadonlySet<string> {
  return new Set(blocks.filter(({ type }) => type === 'child').map(({ blockId }) => blockId));
}

/** What is known of the time that steps took, in milliseconds; undefined when nothing is. */
export function timeOf(blocks: readonly Block[]): number | undefined {
  const times = blocks.flatMap((block) =>
    (block.type === 'reasoning' || block.type === 'tool') && block.durationMs !== undefined
      ? [block.durationMs]
      : [],
  );
  return times.length === 0 ? undefined : times.reduce((sum, time) => sum + time, 0);
}

/** What an answer that is being written is doing, as far as its blocks tell. */
export type Activity =
  | { kind: 'starting' | 'thinking' | 'writing' }
  | { kind: 'phase'; text: string }
  | { kind: 'tool'; tool: string; title: string };

/** The newest thing that a running answer does. */
export function activityOf(blocks: readonly Block[]): Activity {
  const last = blocks.at(-1);
  if (!last) return { kind: 'starting' };
  if (last.type === 'phase') return { kind: 'phase', text: last.text };
  const tool = blocks.findLast((block) => block.type === 'tool' && !block.done);
  if (tool?.type === 'tool') return { kind: 'tool', tool: tool.tool, title: tool.title };
  if (last.type === 'text' && !last.done && last.text !== '') return { kind: 'writing' };
  return { kind: 'thinking' };
}

function isVisible(block: Block): boolean {
  if (block.type === 'phase' || block.type === 'files') return false;
  return (block.type !== 'text' && block.type !== 'log') || block.text.trim() !== '';
}

function isStep({ type }: ShownBlock): boolean {
  return type !== 'text' && type !== 'warning';
}

function staysOpen(block: ShownBlock): boolean {
  return (
    block.type === 'warning' ||
    (block.type === 'approval' && block.decision === undefined) ||
    (block.type === 'question' && block.answers === undefined)
  );
}

// Texts that follow each other without a step between them are one answer.
function startOfLastText(blocks: readonly ShownBlock[]): number {
  let index = blocks.findLastIndex(({ type }) => type === 'text');
  while (index > 0 && blocks[index - 1]?.type === 'text') index -= 1;
  return Math.max(index, 0);
}
