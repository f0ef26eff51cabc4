import type { ChatCancelAck, ChatSend, ChatSendAck, Message, TaskItem, TaskPhase } from '@wegent/api';
import type { HttpClient } from './http.ts';

/** Conversations and coding tasks over HTTP. */
export type TasksApi = ReturnType<typeof createTasksApi>;

/** A page of the caller's tasks, newest activity first. */
export interface TaskPage {
  kind: 'TaskList';
  metadata: { continue?: string };
  items: TaskItem[];
}

/** A page of the active path, oldest message first. */
export interface MessagePage {
  items: Message[];
  metadata: { continue?: string };
}

/** Which tasks a list holds. */
export interface TaskQuery {
  limit?: number;
  /** `metadata.continue` of the page before. */
  continue?: string;
  search?: string;
  type?: 'chat' | 'code';
  phase?: TaskPhase;
  signal?: AbortSignal;
}

/** Creates the calls under /api/v1/tasks. */
export function createTasksApi(http: HttpClient) {
  return {
    /** One page of the caller's tasks. */
    list: ({ signal, ...query }: TaskQuery = {}) =>
      http.request<TaskPage>('GET', '/api/v1/tasks', { query, signal }),
    /** One task; `NotFound` also for somebody else's. */
    get: (taskId: string) => http.request<TaskItem>('GET', taskPath(taskId)),
    /** Messages before a cursor; the newest without one. */
    messages: (taskId: string, query: { before?: string; limit?: number } = {}) =>
      http.request<MessagePage>('GET', `${taskPath(taskId)}/messages`, { query }),
    /** Starts a task, as `chat:send` does. */
    create: (task: Omit<ChatSend, 'taskId' | 'clientMessageId'> & { clientMessageId?: string }) =>
      http.request<ChatSendAck>('POST', '/api/v1/tasks', { body: task }),
    /** Stops what runs; answers when it has stopped. */
    cancel: (taskId: string, body: { messageId?: string; executionId?: string } = {}) =>
      http.request<ChatCancelAck>('POST', `${taskPath(taskId)}/cancel`, { body }),
    /** Runs the newest answer again. */
    retry: (taskId: string) => http.request<ChatSendAck>('POST', `${taskPath(taskId)}/retry`, { body: {} }),
    /** Gives a task another title. */
    rename: (taskId: string, title: string) =>
      http.request<TaskItem>('PATCH', taskPath(taskId), { body: { title } }),
    /** Deletes a task and stops what runs in it. */
    remove: (taskId: string) => http.request<unknown>('DELETE', taskPath(taskId)),
  };
}

function taskPath(taskId: string): string {
  return `/api/v1/tasks/${encodeURIComponent(taskId)}`;
}
