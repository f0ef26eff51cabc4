import type { Message } from '@wegent/api';
import { type ChatSocket, createTaskSession, type TaskView } from '@wegent/client';
import { CommandError } from './failure.ts';
import { isOver } from './output/answer-printer.ts';

/** A task that is followed; close it, or the process does not end. */
export interface Conversation {
  session: ReturnType<typeof createTaskSession>;
  /** Calls back with the state now and after every change, until `until` answers something; answers that. */
  follow<Result>(until: (view: TaskView) => Result | undefined): Promise<Result>;
  close(): void;
}

/** Opens a task over a live connection. */
export function openConversation({ socket, taskId }: { socket: ChatSocket; taskId: string }): Conversation {
  const listeners = new Set<() => void>();
  const session = createTaskSession({
    socket,
    taskId,
    // Only screens show what is not sent yet.
    me: { userId: '', name: '' },
    onChange: () => {
      for (const listener of listeners) listener();
    },
  });
  const stopSocket = socket.onState(() => {
    for (const listener of listeners) listener();
  });

  return {
    session,

    follow<Result>(until: (view: TaskView) => Result | undefined): Promise<Result> {
      return new Promise((resolve, reject) => {
        const look = () => {
          try {
            const found = read();
            if (found === undefined) return;
            listeners.delete(look);
            resolve(found);
          } catch (error) {
            listeners.delete(look);
            reject(error);
          }
        };
        const read = () => {
          const state = session.state();
          if (state.status === 'refused') throw state.error;
          const connection = socket.state();
          if (connection.status === 'refused')
            throw new CommandError(
              `the server refuses the connection: ${connection.reason}; run \`wegent login\``,
            );
          if (state.status !== 'open') return undefined;
          if (state.view.deleted) throw new CommandError('the task was deleted');
          return until(state.view);
        };
        listeners.add(look);
        look();
      });
    },

    close() {
      stopSocket();
      session.close();
    },
  };
}

/** The answer to a message, once it has begun. */
export function answerTo(view: TaskView, messageId: string): Message | undefined {
  return view.messages.find(({ parentId, role }) => role === 'assistant' && parentId === messageId);
}

/** The approvals and questions of an answer that wait for a person. */
export function openDecisions({ blocks, ...message }: Message) {
  if (isOver(message)) return [];
  return blocks.filter(
    (block) =>
      (block.type === 'approval' && block.decision === undefined) ||
      (block.type === 'question' && block.answers === undefined),
  );
}
