import { type ExecutionSpec, isFinal, type SpecMessage } from '@wegent/api';
import type { ExecutionRow, MessageRow, Store } from '@wegent/store';
import { RunOptions } from '../chat/turn-options.ts';

/** Earlier runs of a Bot in its task that are looked at. */
const MAX_RUNS = 1_000;

/**
 * The conversation that a service keeps for this Bot, where this run may go on with it: that of the newest run of
 * the branch, if nothing was said in it that does not belong to this branch. Such services have no forks, so an
 * edited or repeated message begins a new one, and so does another attempt of a run that had already asked.
 */
export async function findSession(
  store: Store,
  execution: ExecutionRow,
  { path, history }: { path: readonly MessageRow[]; history: readonly SpecMessage[] },
): Promise<ExecutionSpec['session']> {
  if (execution.shellType !== 'Dify') return undefined;
  const runs = await store.executions.ofBot(execution.taskId, execution.bot, MAX_RUNS);
  return chooseSession({ execution, runs, path: path.map(({ id }) => id), history });
}

/** Decides it. Pure; `runs` are those of the Bot in the task, newest first, `path` is the branch, oldest first. */
export function chooseSession(given: {
  execution: Pick<ExecutionRow, 'id' | 'messageId'>;
  runs: readonly Pick<ExecutionRow, 'id' | 'messageId' | 'state' | 'options'>[];
  path: readonly string[];
  history: readonly Pick<SpecMessage, 'id' | 'author'>[];
}): ExecutionSpec['session'] {
  const { execution, path } = given;
  // Runs of the same answer are steps of one turn of a Team, so they belong to the branch.
  const place = (messageId: string) =>
    messageId === execution.messageId ? path.length : path.indexOf(messageId);
  const told = given.runs.flatMap((run) => {
    const { session, step } = RunOptions.parse(run.options);
    // What a leader asked for stands for itself: such a conversation knows nothing of the branch.
    return session === undefined || step?.kind === 'delegate'
      ? []
      : [{ ...run, session, at: place(run.messageId) }];
  });
  const belongs = (run: (typeof told)[number]) =>
    run.at >= 0 && run.id !== execution.id && isFinal(run.state);
  const branch = told.filter(belongs);
  const newest = branch.reduce<(typeof told)[number] | undefined>(
    (best, run) => (best === undefined || run.at > best.at ? run : best),
    undefined,
  );
  if (!newest) return undefined;
  // A branch may be longer than what was loaded of it; ids of messages grow with time.
  const isBefore = (run: (typeof told)[number]) => run.messageId < (path[0] ?? '');
  const isOurs = told.every((run) => run.session !== newest.session || belongs(run) || isBefore(run));
  if (!isOurs) return undefined;
  // Of an answer that another member wrote, the conversation holds what this one said on the way.
  const knows = (at: number, author: string | undefined) =>
    at >= 0 && (at < newest.at || (at === newest.at && author === undefined));
  const after = given.history.findLast(({ id, author }) => id !== undefined && knows(place(id), author));
  return { id: newest.session, ...(after?.id === undefined ? {} : { after: after.id }) };
}
