import { TeamSpec } from '@wegent/api';
import type { ExecutionRow, Store, WaitingTurn } from '@wegent/store';
import type { Logger } from 'pino';
import type { Controller } from '../controllers/controller-loop.ts';
import { AnswerOptions } from './answer-plan.ts';
import type { EventWriter } from './event-writer.ts';

/** Turns that one transaction lets in at most. */
const BATCH = 100;

/** Lets turns of Teams in, see `createTurnAdmission`. */
export type TurnAdmission = ReturnType<typeof createTurnAdmission>;

/**
 * A Team may say how many of its turns run at once (`limits.turns`). Its turns are written as waiting, and are let in
 * here, oldest first: after they were written, when another one has ended, when the Team has changed, and with every
 * sweep. Who counts holds the lock of the Team, so several servers never let in too many. The turns of a Team that
 * is gone end.
 */
export function createTurnAdmission({
  store,
  writer,
  enqueueAgain,
  logger,
  now = Date.now,
}: {
  store: Store;
  writer: Pick<EventWriter, 'finish'>;
  /** Puts runs into the queues of managers. */
  enqueueAgain: (executions: readonly ExecutionRow[]) => Promise<void>;
  logger: Logger;
  now?: () => number;
}) {
  async function admit(teamUid: string): Promise<void> {
    for (let goesOn = true; goesOn; ) {
      const begun = await store.transaction((tx) => letIn(tx, teamUid, now()));
      goesOn = begun.mayGoOn;
      for (const turn of begun.orphans) await endOrphan(turn);
      // They are stored as pending: when this fails the sweep queues them.
      await enqueueAgain(begun.executions).catch((error: unknown) =>
        logger.warn({ err: error, teamUid }, 'turns that were let in could not be queued'),
      );
    }
  }

  async function endOrphan({ messageId }: WaitingTurn): Promise<void> {
    const runs = await store.transaction((tx) => stop(tx, messageId));
    for (const { id, state } of runs) {
      if (state !== 'pending') continue;
      await writer.finish(id, {
        type: 'finish',
        outcome: 'failed',
        error: {
          reason: 'Cancelled',
          message: 'The Team was deleted while this turn waited for its place. Ask another Team.',
          retryable: false,
        },
      });
    }
  }

  /** Lets in what may begin now; never throws, for the sweep does the same. */
  async function check(teamUid: string): Promise<void> {
    await admit(teamUid).catch((error: unknown) =>
      logger.error({ err: error, teamUid }, 'the waiting turns of a team could not be let in'),
    );
  }

  async function checkAll(): Promise<void> {
    for (const teamUid of await store.turnLines.teams()) await check(teamUid);
  }

  /** Raised, lifted or deleted: what waits for a Team may go on. */
  const controller: Controller = {
    async changed(changes) {
      const teams = changes.filter(({ kind, type }) => kind === 'Team' && type !== 'ADDED');
      if (teams.length === 0) return;
      const waiting = new Set(await store.turnLines.teams());
      for (const uid of new Set(teams.map((team) => team.uid))) if (waiting.has(uid)) await admit(uid);
    },
    resync: checkAll,
  };

  return { check, checkAll, controller };
}

interface LetIn {
  executions: ExecutionRow[];
  /** Turns of a Team that is not there any more. */
  orphans: WaitingTurn[];
  /** There may be more that can begin. */
  mayGoOn: boolean;
}

async function letIn(tx: Store, teamUid: string, now: number): Promise<LetIn> {
  const team = await tx.resources.lock(teamUid);
  const waiting = await tx.turnLines.waiting(teamUid, BATCH);
  if (waiting.length === 0) return { executions: [], orphans: [], mayGoOn: false };
  if (!team) return { executions: [], orphans: waiting, mayGoOn: waiting.length === BATCH };
  const limit = TeamSpec.parse(team.spec).limits?.turns;
  const free = limit === undefined ? BATCH : Math.max(0, limit - (await tx.turnLines.running(teamUid)));
  const chosen = waiting.slice(0, free);
  const ids = chosen.map(({ messageId }) => messageId);
  // Who settles a turn holds the lock of its task: it is over, or sees that it is in.
  for (const { taskId } of chosen) await tx.tasks.lock(taskId);
  const admitted = await tx.turnLines.admit(ids, now);
  if (free < waiting.length) await tx.turnLines.awaitEnds(teamUid);
  const executions = (await tx.executions.ofMessages(ids)).filter(({ state }) => state === 'pending');
  // Some may have been cancelled meanwhile: then others can begin in their place.
  const mayGoOn = admitted < ids.length || (waiting.length === BATCH && free >= BATCH);
  return { executions, orphans: [], mayGoOn };
}

/** Notes that nothing of a turn shall begin any more, and answers its runs. */
async function stop(tx: Store, messageId: string): Promise<ExecutionRow[]> {
  const found = await tx.messages.get(messageId);
  if (!found || !(await tx.tasks.lock(found.taskId))) return [];
  const message = (await tx.messages.get(messageId)) ?? found;
  if (AnswerOptions.parse(message.options).plan !== undefined && message.finishedAt === null)
    await tx.messages.update(messageId, { options: { ...message.options, stopped: true } });
  return tx.executions.ofMessage(messageId);
}
