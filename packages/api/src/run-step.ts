import { z } from 'zod';
import type { ExecutionState } from './execution.ts';
import { isFinal } from './execution.ts';

/**
 * What a run is for in the turn of a Team. `stage`: one member of a pipeline · `gate`: waits for a person before the
 * next stage; the platform's own, no engine runs it · `route`: the leader chooses who answers · `member`: one voice of
 * a round · `answer`: what the person reads · `delegate`: work that the leader gave away.
 */
export const RunStep = z.object({
  key: z.string().max(200).describe('Unique in the answer; the same step never runs twice.'),
  kind: z.enum(['stage', 'gate', 'route', 'member', 'answer', 'delegate']),
  member: z.string().describe('Name of the member within the Team.'),
  round: z.number().int().min(1).optional().describe('Of `member` steps.'),
  last: z.boolean().describe('When it is over, so is the answer.'),
});
export type RunStep = z.infer<typeof RunStep>;

/** A run, as far as the state of its answer depends on it. */
export interface StepState {
  state: ExecutionState;
  step?: RunStep | undefined;
  parentExecutionId?: string | null | undefined;
}

/**
 * The states that say how an answer stands. While runs work, or more are to come, these are the runs at work; afterwards
 * it is the outcome of the last step: that one member of a round failed does not make the answer fail. Pure.
 */
export function decisiveStates(runs: readonly StepState[]): ExecutionState[] {
  // Work that a leader gave away may begin before the leader says that it did.
  const planned = runs.filter(
    ({ parentExecutionId, step }) => parentExecutionId == null && step?.kind !== 'delegate',
  );
  if (planned.every(({ step }) => step === undefined)) return planned.map(({ state }) => state);
  // A member that works for the leader may be the one that waits for a person.
  const active = runs.filter(({ state }) => !isFinal(state));
  const begun = planned.some(({ state }) => state !== 'pending');
  if (active.length > 0) return [...active.map(({ state }) => state), ...(begun ? MORE : [])];
  const last = planned.find(({ step }) => step?.last);
  if (!last) return MORE;
  if (last.state !== 'skipped') return [last.state];
  return planned.filter(({ step }) => step?.kind !== 'member').map(({ state }) => state);
}

/** Beside the states of runs it means: the turn goes on. */
const MORE: ExecutionState[] = ['running'];
