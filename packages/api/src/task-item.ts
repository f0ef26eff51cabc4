import { z } from 'zod';
import { TaskPhase } from './execution.ts';
import { WaitingRun } from './executors.ts';
import { TaskSpec, TaskStatus } from './kinds/task.ts';
import { ObjectMeta } from './meta.ts';

/**
 * A task in lists and events: the Task object, with what a list shows beside it.
 * `metadata.uid` is the id of the task on every transport.
 */
export const TaskItem = z.object({
  apiVersion: z.string(),
  kind: z.literal('Task'),
  metadata: ObjectMeta,
  spec: TaskSpec,
  status: TaskStatus.optional(),
  taskId: z.string(),
  title: z.string(),
  phase: TaskPhase,
  updatedAt: z.string(),
  unread: z.boolean().optional().describe('Something happened since this user last looked.'),
  team: z
    .object({ name: z.string(), namespace: z.string(), displayName: z.string(), icon: z.string().optional() })
    .optional(),
  owner: z.object({ userId: z.string(), name: z.string() }).optional(),
  waiting: WaitingRun.pick({ why: true, message: true, place: true })
    .optional()
    .describe('Why its run does not begin, where one task is shown.'),
});
export type TaskItem = z.infer<typeof TaskItem>;
