import { type Block, isFinalMessage } from '@wegent/api';
import type { TaskMessage } from '@wegent/client';

/** Something in a conversation that waits for the person. */
export type PendingBlock = Extract<Block, { type: 'approval' | 'question' }>;

/** What waits for the person, oldest first. */
export function pendingBlocks(messages: readonly TaskMessage[]): readonly PendingBlock[] {
  return messages
    .filter(({ role, status }) => role === 'assistant' && !isFinalMessage(status))
    .flatMap(({ blocks }) => blocks)
    .filter(
      (block): block is PendingBlock =>
        (block.type === 'approval' && block.decision === undefined) ||
        (block.type === 'question' && block.answers === undefined),
    );
}
