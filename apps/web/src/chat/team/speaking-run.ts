import { isFinalMessage, type RunFold, speakerOf } from '@wegent/api';
import type { TaskMessage } from '@wegent/client';

/**
 * The run whose words are the answer: that of the last step as soon as it has begun, and when all is over the newest
 * that said something. What comes before stands with its member. Pure.
 */
export function speakingRun({
  runs = [],
  blocks,
  status,
}: Pick<TaskMessage, 'runs' | 'blocks' | 'status'>): RunFold | undefined {
  const last = runs.find(({ step, state }) => step?.last && state !== 'skipped' && state !== 'pending');
  return isFinalMessage(status) ? (speakerOf({ blocks, runs }) ?? last) : last;
}
