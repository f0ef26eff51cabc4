import { z } from 'zod';
import { ExecutionState, Outcome, RunError } from './execution.ts';
import { ChangedFile, Question } from './execution-events.ts';
import { InputValues } from './input-form.ts';
import { ObjectReference } from './kinds/reference.ts';
import { ShellType } from './kinds/shell.ts';
import { CollaborationModel } from './kinds/team.ts';
import { RunStep } from './run-step.ts';
import { Usage } from './usage.ts';

const block = { blockId: z.string(), executionId: z.string() };

/** A piece of an answer, in the order in which it began. `executionId` says which run wrote it. */
export const Block = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), ...block, text: z.string(), done: z.boolean() }),
  z.object({
    type: z.literal('reasoning'),
    ...block,
    text: z.string(),
    done: z.boolean(),
    durationMs: z.number().optional(),
  }),
  z.object({
    type: z.literal('tool'),
    ...block,
    tool: z.string(),
    title: z.string(),
    input: z.unknown(),
    output: z.unknown().optional(),
    isError: z.boolean().optional(),
    durationMs: z.number().optional(),
    done: z.boolean(),
  }),
  z.object({
    type: z.literal('approval'),
    ...block,
    tool: z.string(),
    title: z.string(),
    input: z.unknown(),
    reason: z.string(),
    decision: z.enum(['allow', 'deny', 'expired']).optional(),
    by: z.string().optional(),
  }),
  z.object({
    type: z.literal('question'),
    ...block,
    questions: z.array(Question),
    answers: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({
    type: z.literal('child'),
    ...block,
    bot: ObjectReference,
    instruction: z.string(),
    outcome: Outcome.optional(),
    member: z
      .string()
      .optional()
      .describe('Of one who works inside the run; what it used and why it failed stand here as well.'),
    model: z.string().optional(),
    usage: Usage.optional(),
    error: RunError.optional(),
  }),
  z.object({
    type: z.literal('files'),
    ...block,
    files: z.array(ChangedFile),
    branch: z.string().optional(),
    commits: z.array(z.string()).optional(),
  }),
  z.object({
    type: z.literal('log'),
    ...block,
    stream: z.enum(['stdout', 'stderr', 'system']),
    text: z.string(),
  }),
  z.object({ type: z.literal('phase'), ...block, text: z.string() }),
  z.object({ type: z.literal('warning'), ...block, code: z.string(), message: z.string() }),
]);
export type Block = z.infer<typeof Block>;

/** A file that was sent with a message. */
export const AttachmentInfo = z.object({
  id: z.string(),
  name: z.string(),
  mediaType: z.string(),
  size: z.number().int().min(0),
});
export type AttachmentInfo = z.infer<typeof AttachmentInfo>;

/** State of a message. `pending` user messages wait for the run before them. */
export const MessageStatus = z.enum([
  'pending',
  'running',
  'waiting',
  'completed',
  'failed',
  'cancelled',
  'skipped',
]);
export type MessageStatus = z.infer<typeof MessageStatus>;

/** Who wrote a message. */
export const Sender = z.union([
  z.object({ userId: z.string(), name: z.string() }),
  z.object({ bot: ObjectReference }),
]);
export type Sender = z.infer<typeof Sender>;

/** A run as its events tell it. */
export const RunFold = z.object({
  executionId: z.string(),
  parentExecutionId: z
    .string()
    .optional()
    .describe('The run that started this one; absent for the runs that the turn was planned with.'),
  state: ExecutionState,
  attempt: z.number().int(),
  error: RunError.optional(),
  inside: z
    .literal(true)
    .optional()
    .describe('A member that works within the run above it: it cannot be stopped alone.'),
  step: RunStep.optional().describe('In the turn of a Team, as are the fields that follow.'),
  bot: ObjectReference.optional(),
  shellType: ShellType.optional(),
  model: z.string().optional(),
  usage: Usage.optional(),
  startedAt: z
    .string()
    .optional()
    .describe('Of messages that the server sends; clients stamp what they see begin.'),
  finishedAt: z.string().optional(),
});
export type RunFold = z.infer<typeof RunFold>;

/** How the Team of an answer works: what it was when the turn began. */
export const TurnOutline = z.object({
  mode: CollaborationModel,
  members: z.array(
    z.object({
      name: z.string(),
      bot: ObjectReference,
      shellType: ShellType,
      leader: z.boolean(),
      requireConfirmation: z.boolean().optional(),
    }),
  ),
  rounds: z.number().int().optional(),
});
export type TurnOutline = z.infer<typeof TurnOutline>;

/**
 * A message of a task. Messages form a tree: an edit or a regeneration is a sibling, nothing is overwritten.
 * `blocks` is the fold of the events; `text` is what was said, without tools and reasoning.
 */
export const Message = z.object({
  id: z.string(),
  taskId: z.string(),
  parentId: z.string().nullable(),
  role: z.enum(['user', 'assistant']),
  sender: Sender,
  text: z.string(),
  blocks: z.array(Block),
  status: MessageStatus,
  error: RunError.optional(),
  attachments: z.array(AttachmentInfo),
  executionIds: z.array(z.string()),
  runs: z
    .array(RunFold)
    .optional()
    .describe(
      'The runs while the answer is not final: what a client needs to fold on. Of a Team, afterwards too.',
    ),
  turn: TurnOutline.optional().describe('Of an answer by a Team of several members.'),
  shellType: ShellType.optional(),
  model: z.string().optional().describe('Name of the Model that answered.'),
  usage: Usage.optional(),
  createdAt: z.string(),
  finishedAt: z.string().optional(),
  clientMessageId: z.string().optional().describe('The id that the sending client gave it.'),
  inputs: InputValues.optional().describe('Of a person: what the forms of applications were filled in with.'),
  siblings: z
    .object({ index: z.number().int().min(1), count: z.number().int().min(1), ids: z.array(z.string()) })
    .describe('Place among the versions of this message, from 1; `ids` in the order they were made.'),
});
export type Message = z.infer<typeof Message>;
