import type { ExecutionSpec } from '@wegent/api';
import type { InputDesk } from '../input-desk.ts';
import { decideCall, type ToolIdentity } from '../tool-rules.ts';

/** Lets a call pass, with the input it shall have, or rejects with what the model is told about it. */
export type ApproveCall = (call: ToolIdentity & { title: string; input: unknown }) => Promise<unknown>;

/** Holds the calls of a turn to the rules of the Ghost, and asks a person where they say so. */
export function createApproval(rules: ExecutionSpec['approvals'], desk: InputDesk): ApproveCall {
  const remembered: ExecutionSpec['approvals'] = [];
  return async (call) => {
    const decision = decideCall([...remembered, ...rules], call);
    if (decision === 'deny')
      throw new Error(`A rule of this agent forbids this call of ${call.name}. It was not made.`);
    if (decision !== 'ask') return call.input;
    const { name, title, input } = call;
    const answer = await desk.askApproval({
      ...{ tool: name, title, input },
      reason: 'A rule of this agent asks for approval.',
    });
    if (answer.decision === 'deny') throw new Error(answer.message);
    if (answer.remember) remembered.unshift(answer.remember);
    return answer.updatedInput ?? input;
  };
}
