import { type ManagerState, type ResourceObject, TeamSpec, type WaitingRun } from '@wegent/api';
import type { ManagerRow, Store } from '@wegent/store';
import { toTime } from '../http/time.ts';

/** A run that nobody has taken, as the store tells it; oldest first in lists. */
type PendingRun = Awaited<ReturnType<Store['executions']['waiting']>>[number];

/** Why no run begins at the moment; the same for all that wait. Pure. */
export function whyWaiting(managers: readonly ManagerRow[]): Pick<WaitingRun, 'why' | 'message'> {
  if (managers.length === 0)
    return {
      why: 'no-manager',
      message: 'No manager is there that could run it. It begins as soon as one is started.',
    };
  const able = managers.filter(({ report }) => report.problem === undefined);
  const [first] = managers;
  if (able.length === 0)
    return { why: 'sandbox-problem', message: first?.report.problem ?? 'No sandbox can be started.' };
  const working = able.filter(({ report }) => !report.draining);
  if (working.length === 0)
    return {
      why: 'draining',
      message:
        'All managers finish what they have begun and take nothing new. It begins when one is started.',
    };
  const slots = slotsOf(working);
  if (slots.used >= slots.total)
    return {
      why: 'slots',
      message: `All ${slots.total} places are taken. It begins when one is free; MAX_CONCURRENT_TASKS says how many there are.`,
    };
  return { why: 'starting', message: 'It is about to begin.' };
}

/** Why a turn waits for its Team. Pure. */
export function whyHeld(team: ResourceObject | undefined): Pick<WaitingRun, 'why' | 'message'> {
  const turns = team && TeamSpec.parse(team.spec).limits?.turns;
  // Between a change of the Team and what follows from it.
  if (team === undefined || turns === undefined) return { why: 'starting', message: 'It is about to begin.' };
  const { name } = team.metadata;
  if (turns === 0)
    return {
      why: 'team-held',
      message: `Team "${name}" is held. It begins when the Team may run turns again; limits.turns says how many.`,
    };
  return {
    why: 'team-limit',
    message: `Team "${name}" runs ${turns === 1 ? 'one turn' : `${turns} turns`} at once. It begins when one ends; limits.turns says how many there are.`,
  };
}

/** The runs that wait, each with its place in the line of its namespace, or of its Team. Pure. */
export function describeWaiting(
  pending: readonly PendingRun[],
  { managers, teams }: { managers: readonly ManagerRow[]; teams: ReadonlyMap<string, ResourceObject> },
): WaitingRun[] {
  const general = whyWaiting(managers);
  const places = new Map<string, number>();
  return pending.map((run) => {
    const line = run.heldBy === null ? `namespace ${run.namespace}` : `team ${run.heldBy}`;
    const reason = run.heldBy === null ? general : whyHeld(teams.get(run.heldBy));
    const place = (places.get(line) ?? 0) + 1;
    places.set(line, place);
    return {
      executionId: run.id,
      taskId: run.taskId,
      taskTitle: run.taskTitle,
      namespace: run.namespace,
      place,
      since: toTime(run.createdAt),
      ...reason,
    };
  });
}

/** Places of all of them together. */
export function slotsOf(managers: readonly ManagerRow[]): ManagerState['slots'] {
  return managers.reduce(
    (sum, { report: { slots } }) => ({ total: sum.total + slots.total, used: sum.used + slots.used }),
    { total: 0, used: 0 },
  );
}
