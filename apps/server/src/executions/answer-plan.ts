import { CollaborationModel, ObjectReference, ShellType, TaskOptions, type TurnOutline } from '@wegent/api';
import { z } from 'zod';

/** A member of a Team as a turn found it. */
export const PlannedMember = z.object({
  name: z.string(),
  /** What a leader reads about it. */
  description: z.string(),
  bot: z.object({ name: z.string(), namespace: z.string() }),
  shellType: ShellType,
  maxAttempts: z.number().int(),
  prompt: z.string().optional(),
  /** Name of the Model, for usage. */
  model: z.string().optional(),
  requireConfirmation: z.boolean(),
});
export type PlannedMember = z.infer<typeof PlannedMember>;

/**
 * The Team of an answer, kept beside it from the first step to the last: who changes the Team meanwhile changes the
 * next turn. Solo answers have none.
 */
export const AnswerPlan = z.object({
  mode: CollaborationModel.exclude(['solo']),
  members: z.array(PlannedMember).min(2),
  /** Index of the leader. */
  leader: z.number().int(),
  /** Indexes of those who work for it, in order. */
  others: z.array(z.number().int()).min(1),
  rounds: z.number().int(),
  limits: z.object({
    parallel: z.number().int(),
    delegations: z.number().int(),
    costUsd: z.number().optional(),
  }),
  /** The engine runs the Team itself: the leader's run is the whole turn. */
  native: z.literal(true).optional(),
  modelOverride: ObjectReference.optional(),
  options: TaskOptions.optional(),
});
export type AnswerPlan = z.infer<typeof AnswerPlan>;

/** What is kept beside an answer. */
export const AnswerOptions = z.object({
  plan: AnswerPlan.optional(),
  /** Somebody stopped the turn: no further step begins. */
  stopped: z.boolean().optional(),
});
export type AnswerOptions = z.infer<typeof AnswerOptions>;

/** The plan as people see it. */
export function outlineOf(plan: AnswerPlan): TurnOutline {
  return {
    mode: plan.mode,
    members: plan.members.map(({ name, bot, shellType, requireConfirmation }, index) => ({
      name,
      bot,
      shellType,
      leader: plan.mode !== 'pipeline' && index === plan.leader,
      ...(requireConfirmation && plan.mode === 'pipeline' ? { requireConfirmation } : {}),
    })),
    ...(plan.mode === 'collaborate' ? { rounds: plan.rounds } : {}),
  };
}
