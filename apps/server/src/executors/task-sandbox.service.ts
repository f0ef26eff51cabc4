import type { ExecutorAccess, ExecutorRequest, ExecutorResponse, SandboxContext } from '@wegent/api';
import type { Store } from '@wegent/store';
import type { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import type { RunLoader } from '../executions/run-loader.ts';
import type { TaskService } from '../tasks/task.service.ts';
import { checkAnswer, readAnswer } from './sandbox-answer.ts';

/** Sandboxes of tasks, see `createTaskSandboxes`. */
export type TaskSandboxes = ReturnType<typeof createTaskSandboxes>;

/** What people do in the sandbox of a task, besides its runs. Rights are those of the conversation. */
export function createTaskSandboxes({
  store,
  tasks,
  loader,
  executors,
}: {
  store: Store;
  tasks: TaskService;
  loader: Pick<RunLoader, 'loadSandbox'>;
  executors: ExecutorAccess;
}) {
  /** What the sandbox of a task is made for. It holds secrets, and asks for no rights. */
  async function taskSandbox(taskId: string): Promise<SandboxContext> {
    const task = await store.tasks.get(taskId);
    if (!task) throw tasks.notFound(taskId);
    return loader.loadSandbox(task);
  }

  /** Asks the executor of a task in the name of somebody who takes part in it; throws what it refuses. */
  async function call(
    principal: Principal,
    taskId: string,
    request: ExecutorRequest,
  ): Promise<ExecutorResponse> {
    const task = await tasks.require(principal, taskId);
    const context = await loader.loadSandbox(task);
    return checkAnswer(await executors.call(context, request));
  }

  return {
    taskSandbox,
    call,

    /** The same for an answer of a known shape. */
    async ask<Schema extends z.ZodType>(
      principal: Principal,
      taskId: string,
      { json, ...request }: Omit<ExecutorRequest, 'body' | 'contentType'> & { json?: unknown },
      schema: Schema,
    ): Promise<z.infer<Schema>> {
      const body =
        json === undefined
          ? {}
          : { body: Buffer.from(JSON.stringify(json)), contentType: 'application/json' };
      return readAnswer(await call(principal, taskId, { ...request, ...body }), schema);
    },
  };
}
