import type { TurnOutline } from '@wegent/api';
import { isAtWork, type TurnRun } from './turn-runs.ts';

/** A member in the drawing of a Team. */
export interface DrawnMember {
  name: string;
  /** Below the name, such as its runtime. */
  about?: string;
  leader: boolean;
  /** The run waits for a person behind it. */
  gate: boolean;
  /** How its newest run is doing; absent where none is known. */
  state?: TurnRun['state'];
}

const RUNTIMES = { Chat: 'Chat', ClaudeCode: 'Claude Code', Agno: 'Agno', Dify: 'Dify' } as const;

/** The members of a turn for the drawing, each with the state of what it does or did last; a gate waits with whom it comes after. Pure. */
export function drawnMembers(turn: TurnOutline, runs: readonly TurnRun[]): DrawnMember[] {
  return turn.members.map(({ name, shellType, leader, requireConfirmation = false }) => {
    const own = runs.filter(
      (run) => run.member === name && (run.role.kind !== 'gate' || run.state === 'waiting'),
    );
    const newest = own.findLast(isAtWork) ?? own.findLast(({ state }) => state !== 'expected') ?? own.at(-1);
    return {
      name,
      about: RUNTIMES[shellType],
      leader,
      gate: requireConfirmation,
      ...(newest ? { state: newest.state } : {}),
    };
  });
}
