import type {
  ChangeList,
  CommitResult,
  FolderListing,
  LogPage,
  RevertResult,
  Terminal,
  TerminalRequest,
} from '@wegent/api';
import type { HttpClient } from './http.ts';

/** The work tree of a task, and terminals in its sandbox. */
export type WorkspacesApi = ReturnType<typeof createWorkspacesApi>;

/** Creates the calls about the work of coding tasks. Paths are relative to the work tree. */
export function createWorkspacesApi(http: HttpClient) {
  return {
    /** Files that differ from the base branch, or that one run changed. */
    changes: (taskId: string, query: { turn?: string } = {}, signal?: AbortSignal) =>
      http.request<ChangeList>('GET', `${taskPath(taskId)}/changes`, { query, signal }),
    /** The patch of one file. */
    patch: async (taskId: string, path: string, query: { turn?: string } = {}, signal?: AbortSignal) =>
      (await http.send('GET', `${taskPath(taskId)}/changes/${filePath(path)}`, { query, signal })).text(),
    /** A folder; the work tree itself without a path. */
    folder: (taskId: string, path = '', signal?: AbortSignal) =>
      http.request<FolderListing>('GET', `${taskPath(taskId)}/files`, { query: { path }, signal }),
    /** The bytes of a file. */
    file: async (taskId: string, path: string, signal?: AbortSignal): Promise<Blob> =>
      (await http.send('GET', `${taskPath(taskId)}/files/${filePath(path)}`, { signal })).blob(),
    /** Log lines after the number of the last that the caller has. */
    logs: (taskId: string, query: { after?: number; limit?: number } = {}, signal?: AbortSignal) =>
      http.request<LogPage>('GET', `${taskPath(taskId)}/logs`, { query, signal }),
    /** Commits all changes in the name of the caller. */
    commit: (taskId: string, message: string) =>
      http.request<CommitResult>('POST', `${taskPath(taskId)}/commit`, { body: { message } }),
    /** Pushes the branch of the task. */
    push: (taskId: string) => http.request<CommitResult>('POST', `${taskPath(taskId)}/push`, { body: {} }),
    /** Takes back what one run changed; `Conflict` when later changes touch the same lines. */
    revert: (taskId: string, executionId: string) =>
      http.request<RevertResult>(
        'POST',
        `${taskPath(taskId)}/turns/${encodeURIComponent(executionId)}/revert`,
        { body: {} },
      ),
    /** Opens a shell. */
    openTerminal: (taskId: string, size: TerminalSize) =>
      http.request<Terminal>('POST', `${taskPath(taskId)}/terminals`, { body: size }),
    /** What a terminal shows, until it ends or the signal stops it. */
    terminalOutput: async (terminal: TerminalPlace, signal: AbortSignal) =>
      (await http.send('GET', `${terminalPath(terminal)}/output`, { signal })).body,
    /** Types into a terminal. */
    terminalInput: (terminal: TerminalPlace, text: string) =>
      http.request<void>('POST', `${terminalPath(terminal)}/input`, {
        body: text,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
      }),
    resizeTerminal: (terminal: TerminalPlace, size: TerminalSize) =>
      http.request<void>('POST', `${terminalPath(terminal)}/resize`, { body: size }),
    closeTerminal: (terminal: TerminalPlace) => http.request<void>('DELETE', terminalPath(terminal)),
  };
}

/** Columns and rows. */
export type TerminalSize = ReturnType<typeof TerminalRequest.parse>;

/** Where a terminal is. */
export interface TerminalPlace {
  taskId: string;
  terminalId: string;
}

function taskPath(taskId: string): string {
  return `/api/v1/tasks/${encodeURIComponent(taskId)}`;
}

function terminalPath({ taskId, terminalId }: TerminalPlace): string {
  return `${taskPath(taskId)}/terminals/${encodeURIComponent(terminalId)}`;
}

// Each name is encoded, the slashes between them are not.
function filePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
