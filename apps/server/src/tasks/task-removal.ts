import type { BlobStore } from '@wegent/blob';
import type { Store } from '@wegent/store';
import type { Logger } from 'pino';
import type { Principal } from '../auth/principal.ts';
import type { ChatService } from '../chat/chat.service.ts';
import type { ManagerRegistry } from '../executors/manager-registry.ts';
import type { Publisher } from '../realtime/publisher.ts';

/** Where the work of a task is kept while it has no sandbox. */
function archiveKey(taskId: string): string {
  return `workspaces/${taskId}.tar.zst`;
}

/** Removes tasks. */
export type TaskRemoval = ReturnType<typeof createTaskRemoval>;

/** Stops what runs, deletes a task with its sandbox and archive, and tells everyone who saw it. */
export function createTaskRemoval({
  store,
  chat,
  publisher,
  blobs,
  managers,
  logger,
}: {
  store: Store;
  chat: Pick<ChatService, 'cancel'>;
  publisher: Publisher;
  blobs: Pick<BlobStore, 'delete'>;
  managers: Pick<ManagerRegistry, 'askForReports'>;
  logger: Logger;
}) {
  return {
    /** The caller has checked the rights. */
    async remove(principal: Principal, taskId: string): Promise<void> {
      const members = await store.tasks.members(taskId);
      // Queued messages go first, so that the end of a run does not begin the next one.
      for (const queued of await store.messages.queued(taskId)) await store.messages.remove(queued.id);
      await chat.cancel(principal, { taskId });
      const worked = await store.transaction(async (tx) => {
        const task = await tx.tasks.lock(taskId);
        if (!task) return false;
        await tx.resources.delete('Task', task.namespace, task.name);
        await tx.tasks.delete(taskId, Date.now());
        return task.executor !== null || task.branch !== null;
      });
      for (const { userId } of members) {
        publisher.toUsers([userId], 'task:deleted', { taskId });
        publisher.leaveTask(userId, taskId);
      }
      if (!worked) return;
      // A manager that has its sandbox hears with its report that the task is gone; it deletes what it archives later.
      await managers.askForReports();
      await blobs.delete(archiveKey(taskId)).catch((error: unknown) => {
        logger.warn({ err: error, taskId }, 'the archive of a deleted task could not be removed');
      });
    },
  };
}
