import type { LogPage } from '@wegent/api';
import type { Store } from '@wegent/store';
import type { Principal } from '../auth/principal.ts';
import { toTime } from '../http/time.ts';
import type { TaskService } from '../tasks/task.service.ts';

/** Logs of tasks. */
export type LogService = ReturnType<typeof createLogService>;

/** What set-up, git, network and engines wrote, as their runs sent it. */
export function createLogService({ store, tasks }: { store: Store; tasks: TaskService }) {
  /** Lines whose events are not kept any more stand in the messages. */
  async function kept(taskId: string, seq: number): Promise<LogPage['lines']> {
    const messages = await store.messages.withLogs(taskId);
    return messages.flatMap(({ blocks, createdAt }) =>
      blocks.flatMap((block) =>
        block.type === 'log'
          ? [
              {
                seq,
                executionId: block.executionId,
                stream: block.stream,
                text: block.text,
                at: toTime(createdAt),
              },
            ]
          : [],
      ),
    );
  }

  return {
    /** Lines after a number, oldest first. The number of the last line asks for the next page. */
    async page(
      principal: Principal,
      taskId: string,
      { after, limit }: { after: number; limit: number },
    ): Promise<LogPage> {
      const task = await tasks.require(principal, taskId);
      const stored = await store.events.logs(taskId, { after, upTo: task.lastSeq, limit });
      const lines = stored.flatMap(({ seq, executionId, event, at }) =>
        event.type === 'log'
          ? [{ seq, executionId, stream: event.stream, text: event.text, at: toTime(at) }]
          : [],
      );
      if (after >= task.compactedSeq) return { lines };
      const live = new Set(lines.map(({ executionId }) => executionId));
      const old = (await kept(taskId, task.compactedSeq)).filter(({ executionId }) => !live.has(executionId));
      return { lines: [...old, ...lines] };
    },
  };
}
