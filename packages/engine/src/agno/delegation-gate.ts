import type { SpecNativeTeam } from '@wegent/api';
import { z } from 'zod';
import type { CrewAgent } from './crew.ts';

const Work = z.object({ member_id: z.string(), task: z.string() });
const TOOL = /^delegate_task_to_members?$/;

/** Lets a leader give work away, within the limits of its Team. */
export interface DelegationGate {
  /** Checks a call of Agno's tool; throws what the leader is told. */
  pass(input: unknown): void;
  /** What the member that now begins was told. */
  instructionOf(agent: CrewAgent): string;
}

/** Is it the tool with which leaders of Agno's Teams give work away? */
export function isDelegation(tool: string | null | undefined): boolean {
  return TOOL.test(tool ?? '');
}

/** Opens the gate of a turn. The same work given twice is refused: a model that repeats itself would do so for ever. */
export function createDelegationGate(
  { mode, rounds, limits }: SpecNativeTeam,
  given: { members: readonly CrewAgent[]; question: string; spent: () => number },
): DelegationGate {
  const { members, question, spent } = given;
  const seen = new Set<string>();
  const waiting = new Map<string, string[]>();
  let calls = 0;

  const checkLimits = () => {
    const most = mode === 'collaborate' ? rounds : mode === 'route' ? 1 : limits.delegations;
    if (calls >= most)
      throw new Error(
        `You have given work away ${calls === 1 ? 'once' : `${calls} times`} in this turn, which is the limit. Write the answer with what you have.`,
      );
    const { costUsd } = limits;
    if (costUsd !== undefined && spent() >= costUsd)
      throw new Error(
        `This turn has cost $${spent().toFixed(4)}, and the Team may spend $${costUsd} on one. Write the answer with what you have.`,
      );
  };
  return {
    pass: (input) => {
      checkLimits();
      if (mode !== 'collaborate') {
        const work = Work.safeParse(input);
        if (!work.success) throw new Error('Wanted are member_id and task.');
        const { member_id: id } = work.data;
        const task = work.data.task.trim();
        const member = members.find((each) => each.id === id);
        if (!member)
          throw new Error(
            `There is no member "${id.slice(0, 100)}". The members are: ${members.map((each) => each.id).join(', ')}.`,
          );
        if (task === '' && mode === 'coordinate')
          throw new Error('The task is empty. Say what the member is to do.');
        const key = `${id}\n${task}`;
        if (seen.has(key))
          throw new Error(
            `You have given ${member.name} exactly this work before. Use that answer, or ask for something else.`,
          );
        seen.add(key);
        if (mode === 'coordinate') waiting.set(id, [...(waiting.get(id) ?? []), task]);
      }
      calls += 1;
    },
    instructionOf: ({ id }) => {
      const [next, ...rest] = waiting.get(id) ?? [];
      waiting.set(id, rest);
      return next ?? question;
    },
  };
}
