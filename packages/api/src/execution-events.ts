import { z } from 'zod';
import { Outcome, RunError } from './execution.ts';
import { ObjectReference } from './kinds/reference.ts';
import { ShellType } from './kinds/shell.ts';
import { RunStep } from './run-step.ts';
import { Usage } from './usage.ts';

/** A file that a run changed. `path` is relative to the work tree. */
export const ChangedFile = z.object({
  path: z.string(),
  status: z.enum(['added', 'modified', 'deleted', 'renamed']),
  additions: z.number().int(),
  deletions: z.number().int(),
});

/** One question of an agent to the person. */
export const Question = z.object({
  id: z.string(),
  text: z.string(),
  options: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
  multiple: z.boolean().optional(),
});

const blockId = z.string().min(1).max(200);

const child = z
  .string()
  .max(200)
  .optional()
  .describe(
    'The member that this belongs to, by the id of its `child-start`, where members work inside this run.',
  );

/**
 * What happens in a run, in order. Deltas only: no event repeats text of an earlier one.
 * `reduceEvents` folds them into the blocks of a message.
 */
export const ExecutionEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run-start'),
    executionId: z.string(),
    attempt: z.number().int().min(1),
    bot: ObjectReference,
    shellType: ShellType,
    model: z.string().optional().describe('Name of the Model.'),
    step: RunStep.optional().describe(
      'What it is in the turn of a Team; the server says so, whatever the manager sends.',
    ),
  }),
  z.object({ type: z.literal('text-start'), blockId, child }),
  z.object({ type: z.literal('text-delta'), blockId, text: z.string() }),
  z.object({ type: z.literal('text-end'), blockId }),
  z.object({ type: z.literal('reasoning-start'), blockId, child }),
  z.object({ type: z.literal('reasoning-delta'), blockId, text: z.string() }),
  z.object({ type: z.literal('reasoning-end'), blockId, durationMs: z.number().min(0).optional() }),
  z.object({
    type: z.literal('tool-call'),
    blockId,
    child,
    tool: z.string(),
    title: z.string(),
    input: z.unknown(),
  }),
  z.object({
    type: z.literal('tool-output'),
    blockId,
    output: z.unknown(),
    isError: z.boolean(),
    durationMs: z.number().min(0),
  }),
  z.object({
    type: z.literal('approval-request'),
    approvalId: z.string(),
    child,
    tool: z.string(),
    title: z.string(),
    input: z.unknown(),
    reason: z.string(),
  }),
  z.object({
    type: z.literal('approval-decided'),
    approvalId: z.string(),
    decision: z.enum(['allow', 'deny', 'expired']),
    by: z.string().optional(),
    reason: z.string().optional(),
  }),
  z.object({ type: z.literal('question'), questionId: z.string(), questions: z.array(Question) }),
  z.object({
    type: z.literal('question-answered'),
    questionId: z.string(),
    answers: z.record(z.string(), z.unknown()),
  }),
  z.object({
    type: z.literal('child-start'),
    executionId: z.string(),
    bot: ObjectReference,
    instruction: z.string(),
    member: z
      .string()
      .optional()
      .describe(
        'Its name in the Team, where the engine runs the Team itself: then it works inside this run and is no run of its own.',
      ),
    model: z.string().optional().describe('Name of its Model, of members inside the run.'),
  }),
  z.object({
    type: z.literal('child-end'),
    executionId: z.string(),
    outcome: Outcome,
    error: RunError.optional().describe('Of members inside the run; others tell it themselves.'),
  }),
  z.object({
    type: z.literal('files-changed'),
    files: z.array(ChangedFile),
    branch: z.string().optional(),
    commits: z.array(z.string()).optional(),
  }),
  z.object({ type: z.literal('log'), stream: z.enum(['stdout', 'stderr', 'system']), text: z.string() }),
  z.object({ type: z.literal('phase'), text: z.string() }),
  z.object({ type: z.literal('warning'), code: z.string(), message: z.string() }),
  z.object({
    type: z.literal('usage'),
    ...Usage.shape,
    member: z
      .string()
      .optional()
      .describe('Whose it is, where members work inside this run; else the run’s own.'),
  }),
  z.object({
    type: z.literal('session'),
    id: z
      .string()
      .min(1)
      .max(200)
      .describe('Conversation of a service that later runs of the Bot go on with.'),
  }),
  z.object({ type: z.literal('block-reset'), blockId }),
  z.object({ type: z.literal('finish'), outcome: Outcome, error: RunError.optional() }),
]);
export type ExecutionEvent = z.infer<typeof ExecutionEvent>;

/** An event with its place: `seq` counts per task, over all of its runs, from 1, without a gap. */
export const SequencedEvent = z.object({
  seq: z.number().int().min(1),
  messageId: z.string(),
  executionId: z.string(),
  event: ExecutionEvent,
});
export type SequencedEvent = z.infer<typeof SequencedEvent>;
