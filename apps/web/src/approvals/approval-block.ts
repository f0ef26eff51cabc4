import type { Block } from '@wegent/api';

/** A question of an agent whether it may act. */
export type ApprovalBlock = Extract<Block, { type: 'approval' }>;

/** The card of an approval or question in the page, to go to. */
export function decisionElementId(id: string): string {
  return `decision-${id}`;
}
