/**
 * @wegent/client — typed access to a Wegent server: HTTP, Socket.IO, watch.
 *
 * For the web, the command line and the manager; it runs in browsers and in Node. It may import @wegent/api and
 * socket.io-client, and nothing of Node. The heart is the task view: what a client knows about a task, as pure
 * functions from what the server says; the task session is the thin shell that does the talking.
 */
export * from './api-client.ts';
export * from './approvals.ts';
export * from './attachments.ts';
export * from './auth.ts';
export * from './chat-socket.ts';
export { newClientMessageId, sendNewTask } from './deliver.ts';
export * from './executors.ts';
export {
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  type Query,
  type RequestOptions,
} from './http.ts';
export * from './models.ts';
export * from './resources.ts';
export * from './skills.ts';
export * from './task-list.ts';
export * from './task-session.ts';
export type { Delivery, TaskMessage, TaskView } from './task-state.ts';
export type { TaskSessionState } from './task-sync.ts';
export {
  addEarlierMessages,
  applyResume,
  applyServerEvent,
  earlierThan,
  isBusy,
  missingAfter,
  openTask,
  rejoinTask,
} from './task-view.ts';
export * from './tasks.ts';
export * from './users.ts';
export * from './watch.ts';
export * from './workspaces.ts';
