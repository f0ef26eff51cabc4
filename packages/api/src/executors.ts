import { z } from 'zod';

/** An engine that is installed on first use. */
export const EngineName = z.enum(['claude-code', 'agno']);
export type EngineName = z.infer<typeof EngineName>;

/** Is an engine there, and if not, is it coming? */
export const EngineState = z.object({
  name: EngineName,
  state: z.enum(['missing', 'installing', 'installed', 'failed']),
  version: z.string().optional(),
  progress: z.number().min(0).max(1).optional().describe('While it is being installed.'),
  error: z.string().optional().describe('Why the last installation failed, and what to do.'),
});
export type EngineState = z.infer<typeof EngineState>;

/** One sandbox as its manager tells it. */
export const SandboxState = z.object({
  sandboxId: z.string(),
  taskId: z.string().optional().describe('Absent while it waits in the warm pool.'),
  namespace: z.string().optional(),
  state: z.enum(['starting', 'warm', 'idle', 'busy', 'stopping']),
  executionIds: z.array(z.string()).describe('What runs in it.'),
  startedAt: z.string(),
  idleSince: z.string().optional(),
  expiresAt: z
    .string()
    .optional()
    .describe('When it is archived and removed, unless something happens in it.'),
  memoryBytes: z.number().int().optional(),
});
export type SandboxState = z.infer<typeof SandboxState>;

/** One manager with what it runs. */
export const ManagerState = z.object({
  managerId: z.string(),
  url: z.string().optional().describe('Where servers of other processes reach it.'),
  driver: z.string().describe('local, docker, unsafe-process, none …'),
  isolation: z.string().describe('What keeps sandboxes apart and how limits are kept, for people.'),
  isolated: z.boolean().describe('False where agents run unprotected.'),
  problem: z.string().optional().describe('Why no sandbox can be started here, and what to do.'),
  slots: z.object({ total: z.number().int(), used: z.number().int() }),
  draining: z.boolean(),
  engines: z.array(EngineState),
  sandboxes: z.array(SandboxState),
  taskIds: z
    .array(z.string())
    .describe('Tasks that have a folder here, also those whose sandbox does not live.'),
  defaults: z
    .object({ cpu: z.number(), memoryBytes: z.number(), pids: z.number(), diskBytes: z.number() })
    .describe('Limits of a sandbox whose Shell names none.'),
  seenAt: z.string(),
});
export type ManagerState = z.infer<typeof ManagerState>;

/** A run that waits, and why. */
export const WaitingRun = z.object({
  executionId: z.string(),
  taskId: z.string(),
  taskTitle: z.string(),
  namespace: z.string(),
  place: z.number().int().min(1).describe('Place in the line of its namespace, or of its Team.'),
  since: z.string(),
  why: z
    .enum(['team-limit', 'team-held', 'slots', 'no-manager', 'draining', 'sandbox-problem', 'starting'])
    .describe('Those of a Team are about its limits.turns.'),
  message: z.string(),
});
export type WaitingRun = z.infer<typeof WaitingRun>;

/** GET /api/v1/admin/executors. */
export const ExecutorOverview = z.object({
  managers: z.array(ManagerState),
  waiting: z.array(WaitingRun),
});
export type ExecutorOverview = z.infer<typeof ExecutorOverview>;

/** GET /api/v1/executors: what a person who starts a task has to know. */
export const ExecutorSummary = z.object({
  available: z.boolean().describe('A manager is there that can start sandboxes.'),
  problem: z.string().optional(),
  driver: z.string().optional(),
  isolation: z.string().optional(),
  isolated: z.boolean(),
  slots: z.object({ total: z.number().int(), used: z.number().int(), waiting: z.number().int() }),
  defaults: ManagerState.shape.defaults.optional(),
  engines: z.array(EngineState),
  localRepositories: z.boolean().describe('Repositories may be folders of the server.'),
});
export type ExecutorSummary = z.infer<typeof ExecutorSummary>;
