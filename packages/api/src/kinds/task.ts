import { z } from 'zod';
import { defineKind } from '../define-kind.ts';
import { TaskPhase } from '../execution.ts';
import { InputValues } from '../input-form.ts';
import { CommonStatus, ObjectName } from '../meta.ts';
import { Usage } from '../usage.ts';
import { ObjectReference } from './reference.ts';

/** Choices of the person for the runs of a Task. */
export const TaskOptions = z.strictObject({
  webSearch: z.boolean().optional().describe('May search the web.'),
  reasoning: z.boolean().optional().describe('Ask the model to think before it answers.'),
  clarification: z.boolean().optional().describe('Ask back before starting.'),
  plan: z.boolean().optional().describe('Make a plan first and wait for it to be approved.'),
  inputs: InputValues.optional().describe(
    'Values for the input forms of Dify applications, by variable; kept for the messages that follow.',
  ),
});
export type TaskOptions = z.infer<typeof TaskOptions>;

/** Spec of a Task. */
export const TaskSpec = z.strictObject({
  title: z.string().max(500).default('').describe('Title; taken from the prompt when empty.'),
  prompt: z.string().max(1_000_000).default('').describe('The first message.'),
  teamRef: ObjectReference.describe('Who answers.'),
  workspaceRef: ObjectReference.optional().describe('Where code tasks work.'),
  type: z.enum(['chat', 'code']).default('chat').describe('A conversation or work on a repository.'),
  participants: z
    .array(ObjectName)
    .max(256)
    .optional()
    .describe('Users besides the owner; makes it a group chat.'),
  modelOverride: ObjectReference.optional().describe('Model used in place of that of the Bots.'),
  options: TaskOptions.optional().describe('Choices of the person.'),
});
export type TaskSpec = z.infer<typeof TaskSpec>;

/** Status of a Task; kept in real columns. */
export const TaskStatus = CommonStatus.extend({
  phase: TaskPhase.optional(),
  progress: z.number().int().min(0).max(100).optional(),
  result: z.string().optional().describe('The last answer, shortened.'),
  errorMessage: z.string().optional(),
  startedAt: z.string().optional(),
  finishedAt: z.string().optional(),
  updatedAt: z.string().optional(),
  usage: Usage.optional(),
  branch: z.string().optional(),
  pullRequest: z.string().optional(),
  executor: z.string().optional(),
});
export type TaskStatus = z.infer<typeof TaskStatus>;

/** A conversation with a Team, or work that it does. */
export const Task = defineKind({
  kind: 'Task',
  plural: 'tasks',
  shortNames: ['tk'],
  description: 'A conversation with a Team, or work that it does. A Task that is applied runs.',
  spec: TaskSpec,
  status: TaskStatus,
  selectableFields: ['spec.type', 'status.phase'],
  olderSpellings: { is_group_chat: null, batch: null },
  columns: [
    { name: 'Title', type: 'string', description: 'Title.', value: (object) => object.spec.title as string },
    {
      name: 'Team',
      type: 'string',
      description: 'Who answers.',
      value: (object) => (object.spec.teamRef as ObjectReference).name,
    },
    {
      name: 'Phase',
      type: 'string',
      description: 'What it is doing.',
      value: (object) => object.status?.phase as string | undefined,
    },
  ],
  references: (spec) => [
    { field: 'spec.teamRef', kind: 'Team', ...spec.teamRef },
    ...(spec.workspaceRef ? [{ field: 'spec.workspaceRef', kind: 'Workspace', ...spec.workspaceRef }] : []),
    ...(spec.modelOverride ? [{ field: 'spec.modelOverride', kind: 'Model', ...spec.modelOverride }] : []),
  ],
  normalise: ({ is_group_chat: _isGroupChat, batch: _batch, ...spec }) =>
    spec.workspaceRef === null ? { ...spec, workspaceRef: undefined } : spec,
});
