import { z } from 'zod';
import { defineKind } from '../define-kind.ts';
import { CommonStatus, ObjectName } from '../meta.ts';
import { ObjectReference } from './reference.ts';

/** How the members of a Team work together. */
export const CollaborationModel = z.enum(['solo', 'pipeline', 'route', 'coordinate', 'collaborate']);
export type CollaborationModel = z.infer<typeof CollaborationModel>;

/** Characters that the prompt of a member may have. */
const MAX_MEMBER_PROMPT = 100_000;

/** A member of a Team. */
export const TeamMember = z.strictObject({
  name: ObjectName.optional().describe("Name within the Team; the Bot's when absent."),
  botRef: ObjectReference.describe('The Bot.'),
  prompt: z
    .string()
    .max(
      MAX_MEMBER_PROMPT,
      `the prompt of a member has at most ${MAX_MEMBER_PROMPT.toLocaleString('en')} characters; put longer knowledge into a Skill or a file`,
    )
    .optional()
    .describe("Added to the Bot's system prompt."),
  description: z
    .string()
    .max(2000)
    .optional()
    .describe('What the leader reads about the member; the beginning of its prompts when absent.'),
  role: z.enum(['leader', 'member']).optional().describe('At most one leader.'),
  requireConfirmation: z
    .boolean()
    .optional()
    .describe('A pipeline waits for a person before the next member.'),
});
export type TeamMember = z.infer<typeof TeamMember>;

/** Spec of a Team. */
export const TeamSpec = z
  .strictObject({
    members: z
      .array(TeamMember)
      .min(1, 'a Team needs at least one member')
      .max(64)
      .describe('Who takes part, in order.'),
    collaborationModel: CollaborationModel.default('solo').describe('How they work together.'),
    rounds: z.number().int().min(1).max(10).optional().describe('Rounds of collaborate; 2 by default.'),
    limits: z
      .strictObject({
        parallel: z
          .number()
          .int()
          .min(1)
          .max(64)
          .optional()
          .describe('Members at work at once; 4 by default where a leader delegates, else 8.'),
        delegations: z
          .number()
          .int()
          .min(1)
          .max(200)
          .optional()
          .describe('Times that the leader may delegate in one turn; 16 by default.'),
        turns: z
          .number()
          .int()
          .min(0)
          .max(1000)
          .optional()
          .describe(
            'Turns of this Team that run at once, over all Tasks; further ones wait. 0 holds the Team: new turns wait, those that run end. A turn runs until it is over, also while it waits for a person. Without it only the limits of the platform count.',
          ),
        costUsd: z
          .number()
          .positive()
          .max(1_000_000)
          .optional()
          .describe(
            'A turn that has cost so much begins no further step. Models without a price cost nothing.',
          ),
      })
      .optional()
      .describe('Bounds of one turn, and of how many run at once.'),
    bind_mode: z
      .array(z.enum(['chat', 'code']))
      .max(2)
      .optional()
      .describe('Pages that offer the Team; both when absent.'),
    description: z.string().max(2000).optional().describe('One sentence for the picker.'),
    icon: z.string().max(64).optional().describe('Emoji or icon name.'),
    quickPrompts: z.array(z.string().max(2000)).max(12).optional().describe('First messages to click on.'),
    expose: z.record(z.string(), z.unknown()).optional().describe('API surfaces that offer the Team.'),
  })
  .superRefine((spec, context) => {
    const leaders = spec.members.filter((member) => member.role === 'leader').length;
    if (leaders > 1) {
      context.addIssue({
        code: 'custom',
        path: ['members'],
        message: `a Team has at most one leader, ${leaders} were given`,
      });
    }
    const firstOf = new Map<string, number>();
    for (const [index, member] of spec.members.entries()) {
      const name = memberName(member);
      const first = firstOf.get(name.toLowerCase());
      firstOf.set(name.toLowerCase(), first ?? index);
      if (first === undefined) continue;
      context.addIssue({
        code: 'custom',
        path: ['members', index, 'name'],
        message: `members[${first}] is called "${name}" already; give each member a name of its own`,
      });
    }
  });
export type TeamSpec = z.infer<typeof TeamSpec>;

/** The name of a member within its Team. */
export function memberName(member: Pick<TeamMember, 'name' | 'botRef'>): string {
  return member.name ?? member.botRef.name;
}

/** Agents that answer together; what people pick and talk to. */
export const Team = defineKind({
  kind: 'Team',
  plural: 'teams',
  shortNames: ['tm'],
  description: 'One or more Bots that answer together. This is what people pick and talk to.',
  spec: TeamSpec,
  status: CommonStatus,
  selectableFields: ['spec.collaborationModel'],
  scale: { replicas: 'spec.limits.turns' },
  olderSpellings: { workflow: 'collaborationModel', recommended_mode: 'bind_mode' },
  columns: [
    {
      name: 'Mode',
      type: 'string',
      description: 'How they work together.',
      value: (object) => object.spec.collaborationModel as string,
    },
    {
      name: 'Members',
      type: 'integer',
      description: 'Number of members.',
      value: (object) => (object.spec.members as unknown[]).length,
    },
    {
      name: 'Description',
      type: 'string',
      description: 'What it is for.',
      priority: 1,
      value: (object) => object.spec.description as string | undefined,
    },
  ],
  references: (spec) =>
    spec.members.map((member, index) => ({
      field: `spec.members[${index}].botRef`,
      kind: 'Bot',
      ...member.botRef,
    })),
  // workflow.mode, an object as collaborationModel, and recommended_mode are older spellings.
  normalise: ({ workflow, recommended_mode: recommendedMode, ...spec }) => {
    const older = spec.collaborationModel ?? workflow;
    const mode =
      typeof older === 'object' && older !== null
        ? ((older as { name?: unknown; mode?: unknown }).name ?? (older as { mode?: unknown }).mode)
        : older;
    const bindMode =
      spec.bind_mode ??
      (recommendedMode === 'chat' || recommendedMode === 'code' ? [recommendedMode] : undefined);
    return {
      ...spec,
      ...(mode === undefined ? {} : { collaborationModel: mode }),
      ...(bindMode === undefined || bindMode === null ? { bind_mode: undefined } : { bind_mode: bindMode }),
      ...(Array.isArray(spec.members) ? { members: spec.members.map(normaliseMember) } : {}),
    };
  },
});

function normaliseMember(member: unknown): unknown {
  if (typeof member !== 'object' || member === null) return member;
  const { role, ...rest } = member as Record<string, unknown>;
  return role === '' || role === null || role === undefined ? rest : { ...rest, role };
}
