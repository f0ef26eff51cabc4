import type { Store, TaskRow } from '@wegent/store';
import { writeStatus } from '../executions/task-phase.ts';
import type { Publisher } from '../realtime/publisher.ts';
import { toTaskItem } from '../tasks/task-item.ts';

/** The shortest limit that a host has for titles. */
const TITLE_CHARACTERS = 250;
const BODY_CHARACTERS = 20_000;
/** Messages that are looked through for an answer. */
const LAST_MESSAGES = 20;

/** What a task says of its pull request, see `createPullRequestNotes`. */
export type PullRequestNotes = ReturnType<typeof createPullRequestNotes>;

/** What a pull request says of its task, and the other way round. */
export function createPullRequestNotes({ store, publisher }: { store: Store; publisher: Publisher }) {
  return {
    titleOf: (task: TaskRow): string => task.title.trim().slice(0, TITLE_CHARACTERS) || task.name,

    /** The last answer: what the agent says of its work. */
    async bodyOf(task: TaskRow): Promise<string> {
      if (task.activeLeafId === null) return '';
      const path = await store.messages.path(task.id, task.activeLeafId, { limit: LAST_MESSAGES });
      const answer = path.findLast(({ role, text }) => role === 'assistant' && text.trim() !== '');
      return answer?.text.trim().slice(0, BODY_CHARACTERS) ?? '';
    },

    /** Keeps the address of the pull request with the task, and tells everybody who sees it. */
    async remember(task: TaskRow, url: string): Promise<void> {
      if (task.pullRequest === url) return;
      await store.transaction(async (tx) => {
        await tx.tasks.update(task.id, { pullRequest: url });
        const now = await tx.tasks.get(task.id);
        if (now) await writeStatus(tx, now);
      });
      for (const { userId } of await store.tasks.members(task.id)) {
        const row = await store.tasks.getItem(task.id, userId);
        if (row) publisher.toUsers([userId], 'task:updated', { task: toTaskItem(row) });
      }
    },
  };
}
