import { z } from 'zod';
import { ExecutionEvent } from './execution-events.ts';
import { ExecutionSpec } from './execution-spec.ts';

/** POST /internal/v1/executions/{id}/claim. */
export const ClaimRequest = z.object({ managerId: z.string().min(1).max(200) });

/**
 * A lease on a run. `attempt` is the fencing token: whatever carries an older one is refused.
 * Events of this attempt are numbered from `nextSeq`; blocks of the attempt before are in `openBlocks` and must be reset.
 */
export const Claim = z.object({
  attempt: z.number().int().min(1),
  leaseUntil: z.number().describe('Milliseconds since 1970.'),
  nextSeq: z.number().int().min(1),
  openBlocks: z.array(z.string()),
  spec: ExecutionSpec,
});
export type Claim = z.infer<typeof Claim>;

/** POST /internal/v1/executions/{id}/heartbeat. */
export const HeartbeatRequest = z.object({ attempt: z.number().int().min(1) });

/** What the server wants from a running execution. */
export const Command = z.discriminatedUnion('type', [
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('input'), input: z.record(z.string(), z.unknown()) }),
]);
export type Command = z.infer<typeof Command>;

/** Answer to a heartbeat. */
export const Heartbeat = z.object({ leaseUntil: z.number(), commands: z.array(Command) });
export type Heartbeat = z.infer<typeof Heartbeat>;

/** POST /internal/v1/executions/{id}/events. Numbered per execution, from 1, over all attempts. */
export const EventBatch = z.object({
  attempt: z.number().int().min(1),
  firstSeq: z.number().int().min(1),
  events: z.array(ExecutionEvent).min(1).max(10_000),
});
export type EventBatch = z.infer<typeof EventBatch>;

/** Answer to a batch: everything up to `ackedSeq` is stored. */
export const EventAck = z.object({ ackedSeq: z.number().int() });
export type EventAck = z.infer<typeof EventAck>;

/**
 * The manager's view of the server. In one process it is the server itself, elsewhere HTTP.
 * Failures are ApiErrors: Conflict = no lease (any more), NotFound = no such run.
 */
export interface ManagerLink {
  /** Takes the run, or throws Conflict when somebody holds it or it is over. */
  claim(executionId: string, request: z.infer<typeof ClaimRequest>): Promise<Claim>;
  /** Extends the lease and fetches orders; Conflict when the lease is lost. */
  heartbeat(executionId: string, request: z.infer<typeof HeartbeatRequest>): Promise<Heartbeat>;
  /** Stores events; a replayed batch is a no-op; Conflict when the attempt is old. */
  events(executionId: string, batch: EventBatch): Promise<EventAck>;
}

/** Bus topic on which the server tells managers to look at a run at once (`{executionId}`). */
export const COMMAND_TOPIC = 'executions.command';
