import type { RunInput } from '@wegent/api';
import type { Store } from '@wegent/store';
import type { Logger } from 'pino';
import { RunOptions } from '../chat/turn-options.ts';
import type { EventWriter } from './event-writer.ts';

const RECOVER_LIMIT = 500;

/**
 * A gate is a run of the platform's own, which waits for a person to let the next stage begin. What the person decides
 * is stored as an input of it, like that of any run; here it is heard, and the gate ends.
 */
export function createGates({
  store,
  writer,
  logger,
}: {
  store: Store;
  writer: EventWriter;
  logger: Logger;
}) {
  /** Looks whether a gate has been decided on. Other runs are left alone. */
  async function hear(executionId: string): Promise<void> {
    const run = await store.executions.get(executionId);
    if (run?.state !== 'waiting' || RunOptions.parse(run.options).step?.kind !== 'gate') return;
    const inputs = await store.runInputs.undelivered(executionId);
    const decided = inputs.find((input): input is Approval => input.type === 'approval');
    if (!decided) return;
    const { approvalId, decision, by, reason } = decided;
    await writer.finish(
      executionId,
      { type: 'finish', outcome: decision === 'allow' ? 'completed' : 'skipped' },
      [{ type: 'approval-decided', approvalId, decision, by, ...(reason === undefined ? {} : { reason }) }],
    );
  }

  return {
    hear,

    /** Hears what a server that died did not. */
    async recover(): Promise<void> {
      for (const { id } of await store.executions.heldByNobody(RECOVER_LIMIT)) {
        await hear(id).catch((error: unknown) => {
          logger.error(
            { err: error, executionId: id },
            'a decision between two stages could not be followed',
          );
        });
      }
    },
  };
}

type Approval = Extract<RunInput, { type: 'approval' }>;
