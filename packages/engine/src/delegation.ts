import { ApiError } from '@wegent/api';
import type { Turn } from './engine.ts';

/** Gives a member work and resolves with its answer; rejects with what the leader is told in its place. */
export type Delegate = (request: { member: string; instruction: string }) => Promise<string>;

/**
 * Why delegated work came to no answer here: the run of the leader changed hands or was stopped. It is no answer for the
 * leader, who asks again once another attempt has the run.
 */
export class DelegationInterrupted extends Error {
  constructor(cause: unknown) {
    super('The run of the leader goes on elsewhere.', { cause });
    this.name = 'DelegationInterrupted';
  }
}

/** The tool that a leader gets, the same in every engine. */
export const DELEGATE_TOOL = {
  name: 'delegate',
  description:
    'Gives work to a member of your team and returns the answer. Calls that are made at once run at the same time. The member sees only the instruction.',
} as const;

/** JSON schema of the tool's input. */
export function delegateSchema(members: readonly { name: string }[]) {
  return {
    type: 'object',
    properties: {
      member: { type: 'string', enum: members.map(({ name }) => name), description: 'Name of the member.' },
      instruction: {
        type: 'string',
        description: 'What to do, with everything that the member needs to know.',
      },
    },
    required: ['member', 'instruction'],
    additionalProperties: false,
  } as const;
}

/** What a leader's turn needs to give work away. */
type LeadingTurn = Pick<Turn, 'spec' | 'emit' | 'signal' | 'giveWork' | 'workOf' | 'pause'>;

/**
 * What a leader delegates with; `undefined` where the run leads nobody. No more members work at once than the Team
 * allows, and the same work given twice is refused: a model that repeats itself would do so for ever.
 * `place` holds the turn: another attempt may take it over while members work.
 */
export function createDelegate(place: { turn: LeadingTurn }): Delegate | undefined {
  const { team } = place.turn.spec;
  if (!team || !place.turn.giveWork || !place.turn.workOf) return undefined;
  const given = new Set<string>();
  const slots = createSlots(team.parallel);

  async function work(member: string, instruction: string): Promise<string> {
    place.turn.signal.throwIfAborted();
    const begun = await place.turn.giveWork?.({ member, instruction });
    if (!begun) throw new Error('This run leads nobody.');
    if ('refused' in begun) throw new Error(begun.refused);
    const { executionId, bot } = begun;
    place.turn.emit({ type: 'child-start', executionId, bot, instruction });
    for (;;) {
      place.turn.signal.throwIfAborted();
      const ended = await place.turn.workOf?.(executionId);
      if (ended?.outcome === undefined) continue;
      const { outcome, text, error } = ended;
      place.turn.emit({ type: 'child-end', executionId, outcome });
      if (outcome === 'completed') return text === '' ? '(no words)' : text;
      throw new Error(notDone(member, outcome, error));
    }
  }

  return async ({ member, instruction }) => {
    const known = team.members.find(({ name }) => name.toLowerCase() === member.trim().toLowerCase());
    if (!known)
      throw new Error(
        `There is no member "${member.slice(0, 100)}". The members are: ${team.members.map(({ name }) => name).join(', ')}.`,
      );
    if (instruction.trim() === '') throw new Error('The instruction is empty. Say what the member is to do.');
    const key = `${known.name}\n${instruction.trim()}`;
    if (given.has(key))
      throw new Error(
        `You have given ${known.name} exactly this work before. Use that answer, or ask for something else.`,
      );
    given.add(key);
    const resume = place.turn.pause();
    try {
      return await slots.run(() => work(known.name, instruction.trim()));
    } catch (cause) {
      if (!isInterrupted(place.turn, cause)) throw cause;
      given.delete(key);
      throw new DelegationInterrupted(cause);
    } finally {
      resume();
    }
  };
}

// A server that knows a newer attempt says Conflict before this one has heard that it is lost.
function isInterrupted({ signal }: Pick<Turn, 'signal'>, cause: unknown): boolean {
  return signal.aborted || (cause instanceof ApiError && cause.reason === 'Conflict');
}

function notDone(member: string, outcome: string, error: string | undefined): string {
  return outcome === 'cancelled'
    ? `A person stopped ${member}. Go on without that answer.`
    : `${member} could not do it: ${error ?? 'no reason given'}`;
}

function createSlots(total: number) {
  const waiting: (() => void)[] = [];
  let free = total;
  return {
    async run<Result>(task: () => Promise<Result>): Promise<Result> {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await task();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else free += 1;
      }
    },
  };
}
