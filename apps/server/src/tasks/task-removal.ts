import type { Store } from '@wegent/store';
import type { Principal } from '../auth/principal.ts';
import type { ChatService } from '../chat/chat.service.ts';
import type { Publisher } from '../realtime/publisher.ts';

/** Stops what runs, deletes a task and tells everyone who saw it. The caller has checked the rights. */
export async function removeTask({
  store,
  chat,
  publisher,
  principal,
  taskId,
}: {
  store: Store;
  chat: Pick<ChatService, 'cancel'>;
  publisher: Publisher;
  principal: Principal;
  taskId: string;
}): Promise<void> {
  const members = await store.tasks.members(taskId);
  // Queued messages go first, so that the end of a run does not begin the next one.
  for (const queued of await store.messages.queued(taskId)) await store.messages.remove(queued.id);
  await chat.cancel(principal, { taskId });
  await store.transaction(async (tx) => {
    const task = await tx.tasks.lock(taskId);
    if (!task) return;
    await tx.resources.delete('Task', task.namespace, task.name);
    await tx.tasks.delete(taskId, Date.now());
  });
  for (const { userId } of members) {
    publisher.toUsers([userId], 'task:deleted', { taskId });
    publisher.leaveTask(userId, taskId);
  }
}
