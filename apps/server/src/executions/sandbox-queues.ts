import { openQueue, type Queue, sandboxQueueOf } from '@wegent/queue';
import type { ExecutionRow, Store } from '@wegent/store';
import type { ManagerRegistry } from '../executors/manager-registry.ts';
import { runsInSandbox } from './sandbox-shells.ts';

/** Finds the queue of a run. */
export type RunQueues = ReturnType<typeof createRunQueues>;

/**
 * Runs of chats go to one queue, runs that need a sandbox to another. Where managers are processes of their own, a run
 * of a task whose sandbox lives goes to the queue of the manager that has it, as long as that manager is there.
 */
export function createRunQueues({
  queues,
  managers,
  store,
  redisUrl,
  onError,
}: {
  queues: { host: Queue; sandbox: Queue };
  managers: Pick<ManagerRegistry, 'live'>;
  store: Store;
  /** Absent where there is one process, whose manager takes everything. */
  redisUrl: string | undefined;
  onError: (error: unknown) => void;
}) {
  const own = new Map<string, Promise<Queue>>();

  function queueOf(managerId: string): Promise<Queue> {
    const known = own.get(managerId);
    if (known) return known;
    const opened = openQueue({ url: redisUrl, name: sandboxQueueOf(managerId), onError });
    own.set(managerId, opened);
    opened.catch(() => own.delete(managerId));
    return opened;
  }

  async function managerOf(taskId: string): Promise<string | undefined> {
    if (redisUrl === undefined) return undefined;
    const executor = (await store.tasks.get(taskId))?.executor;
    const manager = (await managers.live()).find(({ id }) => id === executor);
    const hasSandbox = manager?.report.sandboxes.some((sandbox) => sandbox.taskId === taskId) ?? false;
    return manager && hasSandbox && !manager.report.draining ? manager.id : undefined;
  }

  return {
    async of({ shellType, taskId }: Pick<ExecutionRow, 'shellType' | 'taskId'>): Promise<Queue> {
      if (!runsInSandbox(shellType)) return queues.host;
      const managerId = await managerOf(taskId);
      return managerId === undefined ? queues.sandbox : queueOf(managerId);
    },

    /** The queue of one manager; there is none where one manager takes everything. */
    ofManager: async (managerId: string): Promise<Queue | undefined> =>
      redisUrl === undefined ? undefined : queueOf(managerId),

    /** Sends a run to the one manager that can do it. */
    async sendTo(managerId: string, { id, taskId }: Pick<ExecutionRow, 'id' | 'taskId'>): Promise<void> {
      const queue = redisUrl === undefined ? queues.sandbox : await queueOf(managerId);
      const task = await store.tasks.get(taskId);
      await queue.enqueue({ id, group: task?.namespace ?? taskId });
    },

    async close(): Promise<void> {
      const opened = await Promise.allSettled(own.values());
      await Promise.all(
        opened.map((queue) => (queue.status === 'fulfilled' ? queue.value.close() : undefined)),
      );
    },
  };
}
