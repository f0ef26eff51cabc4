import { z } from 'zod';
import { ApprovalRule } from './kinds/ghost.ts';

const input = {
  id: z.string().min(1).max(100).describe('Made by the server; the same id twice is the same input.'),
  by: z.string().describe('Name of the person.'),
};

/** What a person says to a run while it works. Inputs arrive in order, at least once. */
export const RunInput = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('approval'),
    ...input,
    approvalId: z.string(),
    decision: z.enum(['allow', 'deny', 'expired']),
    reason: z.string().optional().describe('What the model is told after a refusal.'),
    updatedInput: z.unknown().optional().describe('Replaces the input of the tool call.'),
    remember: ApprovalRule.optional().describe('Decides such calls of this task from now on.'),
  }),
  z.object({
    type: z.literal('answer'),
    ...input,
    questionId: z.string(),
    answers: z.record(z.string(), z.unknown()).describe('By id of the question: a value, or several.'),
  }),
  z.object({
    type: z.literal('message'),
    ...input,
    messageId: z.string(),
    text: z.string(),
  }),
]);
export type RunInput = z.infer<typeof RunInput>;
