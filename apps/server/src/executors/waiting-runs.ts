import type { ManagerState, WaitingRun } from '@wegent/api';
import type { ManagerRow } from '@wegent/store';
import { toTime } from '../http/time.ts';

/** A run that nobody has taken, as the store tells it; oldest first in lists. */
export interface PendingRun {
  id: string;
  taskId: string;
  taskTitle: string;
  namespace: string;
  createdAt: number;
}

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

/** The runs that wait, each with its place in the line of its namespace. Pure. */
export function describeWaiting(
  pending: readonly PendingRun[],
  managers: readonly ManagerRow[],
): WaitingRun[] {
  const reason = whyWaiting(managers);
  const places = new Map<string, number>();
  return pending.map((run) => {
    const place = (places.get(run.namespace) ?? 0) + 1;
    places.set(run.namespace, place);
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
