import { z } from 'zod';

const Todos = z.object({
  todos: z.array(
    z.object({
      content: z.string(),
      status: z.enum(['pending', 'in_progress', 'completed']),
      activeForm: z.string().optional(),
    }),
  ),
});

/** A step of the agent's own list. */
export type Todo = z.infer<typeof Todos>['todos'][number];

/** The list that an agent keeps of what is to do; undefined for other tools. */
export function readTodos(tool: string, input: unknown): Todo[] | undefined {
  if (tool !== 'TodoWrite') return undefined;
  return Todos.safeParse(input).data?.todos;
}
