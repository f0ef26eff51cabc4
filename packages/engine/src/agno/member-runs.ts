import type { ExecutionEvent, Outcome, RunError } from '@wegent/api';
import type { AgnoEvent, BridgeProblem } from './bridge-messages.ts';
import type { CrewAgent } from './crew.ts';
import { failureOfModel } from './failures.ts';
import { type BlockNumbers, createTurnWriter, type TurnWriter } from './turn-writer.ts';

/** Tells of the members that work inside a run. */
export interface MemberRuns {
  begin(child: string, agent: CrewAgent, instruction: string): void;
  /** Tells what a member does; false when no member does that. */
  write(event: AgnoEvent): boolean;
  /** Why the newest call of its model failed. */
  noteProblem(agentId: string, problem: BridgeProblem): void;
  /** Of the member that works under that id now, if one does. */
  childOf(agentId: string): string | undefined;
  /** Ends those that still work: nothing more will come. */
  end(outcome: Outcome): void;
}

interface Working {
  agent: CrewAgent;
  writer: TurnWriter;
}

const OUTCOMES: Record<string, Outcome> = {
  RunCompleted: 'completed',
  RunCancelled: 'cancelled',
  RunError: 'failed',
};

/** Makes the book of a turn's members; numbers of blocks are those of the whole execution. */
export function createMemberRuns(given: {
  attempt: number;
  numbers: BlockNumbers;
  titleOf: (agent: CrewAgent, tool: string) => string;
  emit: (event: ExecutionEvent) => void;
}): MemberRuns {
  const { attempt, numbers, titleOf, emit } = given;
  const working = new Map<string, Working>();
  const problems = new Map<string, BridgeProblem>();

  const end = (child: string, { writer }: Working, outcome: Outcome, error?: RunError) => {
    working.delete(child);
    writer.end();
    emit({ type: 'child-end', executionId: child, outcome, ...(error ? { error } : {}) });
  };
  return {
    begin: (child, agent, instruction) => {
      const { name, bot, model } = agent;
      emit({ type: 'child-start', executionId: child, bot, instruction, member: name, model: model.name });
      const writer = createTurnWriter({
        ...{ attempt, numbers, model, emit, member: { name, child } },
        titleOf: (tool) => titleOf(agent, tool),
      });
      working.set(child, { agent, writer });
    },
    write: (event) => {
      const found = working.get(event.run);
      if (!found) return false;
      found.writer.write(event);
      const outcome = OUTCOMES[event.event];
      if (outcome === undefined) return true;
      const problem = problems.get(found.agent.id) ?? { names: [], message: event.content ?? '' };
      problems.delete(found.agent.id);
      const error = outcome === 'failed' ? failureOfModel(problem, found.agent.model).error : undefined;
      end(event.run, found, outcome, error);
      return true;
    },
    noteProblem: (agentId, problem) => void problems.set(agentId, problem),
    childOf: (agentId) => [...working].findLast(([, { agent }]) => agent.id === agentId)?.[0],
    end: (outcome) => {
      for (const [child, found] of [...working]) end(child, found, outcome);
    },
  };
}
