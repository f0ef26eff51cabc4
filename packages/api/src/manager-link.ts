import { z } from 'zod';
import { Outcome } from './execution.ts';
import { ExecutionEvent } from './execution-events.ts';
import { ExecutionSpec } from './execution-spec.ts';
import { EngineState, ManagerState } from './executors.ts';
import { ObjectReference } from './kinds/reference.ts';
import { RunInput } from './run-input.ts';

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
  cursor: z
    .string()
    .optional()
    .describe(
      'What the attempt before sent with its last batch: where to read on in a sandbox that still lives.',
    ),
  irreversible: z
    .boolean()
    .describe(
      'The attempt before has done what must not be done twice; without its sandbox the run is lost.',
    ),
  waiting: z.boolean().optional().describe('The attempt before waits for a person.'),
  spec: ExecutionSpec,
});
export type Claim = z.infer<typeof Claim>;

/** POST /internal/v1/executions/{id}/heartbeat. */
export const HeartbeatRequest = z.object({
  attempt: z.number().int().min(1),
  received: z.array(z.string()).optional().describe('Ids of inputs that the run has got.'),
});

/** What the server wants from a running execution. */
export const Command = z.discriminatedUnion('type', [
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('input'), input: RunInput }),
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
  cursor: z.string().max(200).optional().describe('Kept with the events; see Claim.'),
});
export type EventBatch = z.infer<typeof EventBatch>;

/** Answer to a batch: everything up to `ackedSeq` is stored. */
export const EventAck = z.object({ ackedSeq: z.number().int() });
export type EventAck = z.infer<typeof EventAck>;

/** POST /internal/v1/executions/{id}/delegate: a leader gives work to a member. The same work twice is one run. */
export const DelegateRequest = z.object({
  attempt: z.number().int().min(1),
  member: z.string().max(200),
  instruction: z.string().max(1_000_000),
});

/** Answer: the run that does it, or what the leader is told in its place. */
export const Delegated = z.union([
  z.object({ executionId: z.string(), bot: ObjectReference }),
  z.object({ refused: z.string() }),
]);
export type Delegated = z.infer<typeof Delegated>;

/** POST /internal/v1/executions/{id}/delegated: waits a while for the end of such a run. */
export const DelegatedRequest = z.object({
  attempt: z.number().int().min(1),
  executionId: z.string().max(100),
});

/** Answer: what it said, once it is over. */
export const DelegatedResult = z.object({
  outcome: Outcome.optional().describe('Absent while it works; ask again.'),
  text: z.string(),
  error: z.string().optional(),
});
export type DelegatedResult = z.infer<typeof DelegatedResult>;

/** POST /internal/v1/managers/{id}: what a manager is and does, every few seconds. */
export const ManagerReport = ManagerState.omit({ managerId: true, seenAt: true });
export type ManagerReport = z.infer<typeof ManagerReport>;

/** Answer to a report: what the server wants from this manager. */
export const ManagerOrders = z.object({
  goneTaskIds: z.array(z.string()).describe('Tasks of the report that were deleted.'),
  installEngines: z.array(EngineState.shape.name),
});
export type ManagerOrders = z.infer<typeof ManagerOrders>;

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
  /** Gives work of a leader to a member of its Team; Conflict when the lease is lost. */
  delegate(executionId: string, request: z.infer<typeof DelegateRequest>): Promise<Delegated>;
  /** Waits some seconds for the end of that work. */
  delegated(executionId: string, request: z.infer<typeof DelegatedRequest>): Promise<DelegatedResult>;
  /** Tells what this manager is and does; a manager that was silent for a while counts as gone. */
  report(managerId: string, report: ManagerReport): Promise<ManagerOrders>;
}

/** Bus topic on which the server tells managers to look at a run at once (`{executionId}`). */
export const COMMAND_TOPIC = 'executions.command';

/** Bus topic on which the server tells managers to report at once, for orders that cannot wait. */
export const REPORT_TOPIC = 'managers.report';
