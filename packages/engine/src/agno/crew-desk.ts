import type { ExecutionEvent } from '@wegent/api';
import { type ApproveCall, createApproval } from '../chat/approve-call.ts';
import { openInputDesk } from '../input-desk.ts';
import type { SandboxTurn } from '../sandbox-turn.ts';
import type { AgnoEvent, BridgeMessage, BridgeProblem } from './bridge-messages.ts';
import type { CrewAgent } from './crew.ts';
import { createDelegationGate, isDelegation } from './delegation-gate.ts';
import { createMemberRuns } from './member-runs.ts';
import type { OfferedTool } from './offered-tools.ts';
import { createTurnWriter } from './turn-writer.ts';

/** Tools by agent, then by the name that its model calls them. */
export type Offered = Map<string, ReadonlyMap<string, OfferedTool>>;

type Said<Kind extends BridgeMessage['t']> = Extract<BridgeMessage, { t: Kind }>;

/** Where everything arrives that the bridge says of those who work in a run, and becomes the events of the run. */
export interface CrewDesk {
  /** To be filled before the run begins. */
  readonly offered: Offered;
  /** Why the run failed, or will: the first that went wrong for the one that leads. */
  readonly problem: BridgeProblem | undefined;
  /** Tells what happened; false when it happened to nobody of this run. */
  write(event: AgnoEvent): boolean;
  begin(member: Said<'member'>): void;
  noteProblem(problem: Said<'model-error'>): void;
  /** The input that a call shall have; rejects with what the model is told. */
  inputOf(call: Said<'ask'>): Promise<unknown>;
  /** Ends what is still open. */
  end(): void;
}

/** Opens the desk of a run. */
export function createCrewDesk({
  turn,
  crew,
  runId,
}: {
  turn: SandboxTurn;
  crew: readonly [CrewAgent, ...CrewAgent[]];
  runId: string;
}): CrewDesk {
  const { spec, signal } = turn;
  const { attempt } = spec;
  const [lead, ...others] = crew;
  let problem: BridgeProblem | undefined;
  let spent = 0;
  const emit = (event: ExecutionEvent) => {
    if (event.type === 'usage') spent += event.costUsd ?? 0;
    turn.emit(event);
  };
  const offered: Offered = new Map();
  const titleOf = ({ id }: CrewAgent, name: string) => offered.get(id)?.get(name)?.title ?? titleOfOwn(name);
  const numbers = { t: 0, r: 0, c: 0 };
  const writer = createTurnWriter({
    ...{ attempt, model: lead.model, numbers, emit },
    titleOf: (name) => titleOf(lead, name),
  });
  const members = createMemberRuns({ attempt, numbers, titleOf, emit });
  const gate =
    spec.nativeTeam &&
    createDelegationGate(spec.nativeTeam, {
      members: others,
      question: spec.input.text,
      spent: () => spent,
    });
  const desk = openInputDesk(turn);
  const approvals = new Map<string, ApproveCall>(
    crew.map((agent) => {
      const ask: typeof desk.askApproval = (call) => {
        const child = members.childOf(agent.id);
        return desk.askApproval({ ...call, ...(child === undefined ? {} : { child }) });
      };
      return [agent.id, createApproval(agent.approvals, { ...desk, askApproval: ask })];
    }),
  );

  return {
    offered,
    get problem() {
      return problem;
    },
    write: (event) => {
      if (event.run !== runId) return members.write(event);
      if (event.event === 'RunError')
        problem ??= { names: [event.errorType ?? ''], message: event.content ?? '' };
      // The first terminal event counts; what was said before an error came from the same answer.
      if (!gate || !isDelegation(event.tool?.name)) writer.write(event);
      else if (event.tool?.isError && event.event === 'ToolCallCompleted') {
        // Work that is given away is seen at its member; only what was refused is a step.
        writer.write({ ...event, event: 'ToolCallStarted' });
        writer.write(event);
      }
      return true;
    },
    begin: (message) => {
      const agent = others.find(({ id }) => id === message.agent);
      if (agent) members.begin(message.child, agent, gate?.instructionOf(agent) ?? '');
    },
    noteProblem: (message) => {
      if (message.agent === lead.id) problem = message;
      else members.noteProblem(message.agent, message);
    },
    inputOf: async ({ agent, tool, input }) => {
      const identity = offered.get(agent)?.get(tool);
      if (gate && agent === lead.id && !identity && isDelegation(tool)) {
        gate.pass(input);
        return input;
      }
      const approve = approvals.get(agent);
      if (!identity || !approve) throw new Error(`There is no tool ${tool}.`);
      return identity.isOwn ? input : approve({ ...identity, input });
    },
    end: () => {
      members.end(signal.aborted ? 'cancelled' : 'failed');
      writer.end();
    },
  };
}

function titleOfOwn(tool: string): string {
  return isDelegation(tool) ? 'Delegate' : tool;
}
