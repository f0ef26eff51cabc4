import { ObjectReference, RunStep, TaskOptions } from '@wegent/api';
import { z } from 'zod';

/** What is kept beside a user message: the choices it was sent with, and the runs it began. */
export const MessageOptions = z.object({
  team: ObjectReference.optional(),
  modelOverride: ObjectReference.optional(),
  options: TaskOptions.optional(),
  /** The message that it asked to follow, while it waits. */
  follows: z.string().nullable().optional(),
  executionIds: z.array(z.string()).optional(),
});
export type MessageOptions = z.infer<typeof MessageOptions>;

/** What is kept beside a run: what it was planned with. */
export const RunOptions = z.object({
  memberPrompt: z.string().optional(),
  modelOverride: ObjectReference.optional(),
  /** Name of the Model, for usage. */
  model: z.string().optional(),
  options: TaskOptions.optional(),
  /** What it is for in the turn of a Team. */
  step: RunStep.optional(),
  /** What the leader asked a member to do. */
  instruction: z.string().optional(),
  /** Conversation that a service keeps, from the newest `session` event. */
  session: z.string().optional(),
});
export type RunOptions = z.infer<typeof RunOptions>;
