import { z } from 'zod';

/** What a Task is doing, as people see it. */
export const TaskPhase = z.enum([
  'Pending',
  'Running',
  'WaitingForInput',
  'Cancelling',
  'Completed',
  'Failed',
  'Cancelled',
]);
export type TaskPhase = z.infer<typeof TaskPhase>;

/** State of one run. The last four are final. */
export const ExecutionState = z.enum([
  'pending',
  'running',
  'waiting',
  'cancelling',
  'completed',
  'failed',
  'cancelled',
  'skipped',
]);
export type ExecutionState = z.infer<typeof ExecutionState>;

/** How a run ended. */
export const Outcome = z.enum(['completed', 'failed', 'cancelled', 'skipped']);
export type Outcome = z.infer<typeof Outcome>;

/** Why a run failed: a closed list. */
export const RunErrorReason = z.enum([
  'ModelAuth',
  'ModelRateLimit',
  'ModelOverloaded',
  'ModelUnavailable',
  'ModelBadRequest',
  'ContextTooLong',
  'BudgetExceeded',
  'EngineNotInstalled',
  'EngineCrashed',
  'SandboxFailed',
  'SandboxOutOfMemory',
  'GitAuth',
  'GitFailed',
  'ToolFailed',
  'Timeout',
  'LeaseLost',
  'Cancelled',
  'Internal',
]);
export type RunErrorReason = z.infer<typeof RunErrorReason>;

/** The failure of a run. `message` says what to do about it. */
export const RunError = z.object({
  reason: RunErrorReason,
  message: z.string(),
  retryable: z.boolean(),
  detail: z.string().optional().describe('For experts: the provider’s words, the tail of a log.'),
});
export type RunError = z.infer<typeof RunError>;

/** Is the run over? */
export function isFinal(state: ExecutionState): state is Outcome {
  return state === 'completed' || state === 'failed' || state === 'cancelled' || state === 'skipped';
}

/** May the state go from one to the other? Final states never change. */
export function canTransition(from: ExecutionState, to: ExecutionState): boolean {
  return TRANSITIONS[from].includes(to);
}

const TRANSITIONS: Record<ExecutionState, readonly ExecutionState[]> = {
  pending: ['running', 'cancelled', 'failed', 'skipped'],
  running: ['waiting', 'cancelling', 'pending', 'completed', 'failed', 'cancelled'],
  waiting: ['running', 'cancelling', 'pending', 'completed', 'failed', 'cancelled'],
  cancelling: ['cancelled', 'completed', 'failed'],
  completed: [],
  failed: [],
  cancelled: [],
  skipped: [],
};

/** The phase of a task whose newest turn has these runs; `undefined` when there is none. */
export function phaseOf(states: readonly ExecutionState[]): TaskPhase | undefined {
  if (states.length === 0) return undefined;
  if (states.includes('cancelling')) return 'Cancelling';
  if (states.includes('waiting')) return 'WaitingForInput';
  if (states.includes('running')) return 'Running';
  if (states.includes('pending')) return states.every((state) => state === 'pending') ? 'Pending' : 'Running';
  if (states.includes('failed')) return 'Failed';
  if (states.includes('cancelled')) return 'Cancelled';
  return 'Completed';
}
