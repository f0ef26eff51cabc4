import {
  type ChatSocket,
  createTaskSession,
  type ServerSignal,
  type TaskSession,
  type TaskView,
} from '@wegent/client';
import type { Person } from './person.ts';

/** A client that looks at one task, as a tab of a browser does. */
export interface Viewer extends Disposable {
  readonly name: string;
  readonly socket: ChatSocket;
  readonly session: TaskSession;
  view(): TaskView | undefined;
  /** Resolves with the view as soon as it fulfils the condition. */
  until(
    condition: (view: TaskView) => boolean,
    options: { what: string; timeoutMs?: number },
  ): Promise<TaskView>;
  /** What was wrong with the numbers that came, on each connection by itself; empty when nothing was. */
  readonly numberFaults: string[];
}

/** Opens a task; `url` names another way to the server, such as a proxy. */
export function openViewer({
  person,
  taskId,
  url,
  name = 'viewer',
}: {
  person: Person;
  taskId: string;
  url?: string;
  name?: string;
}): Viewer {
  const socket = person.connect(url === undefined ? {} : { url });
  const numberFaults = watchNumbers(socket, name, taskId);
  const listeners = new Set<() => void>();
  const session = createTaskSession({
    socket,
    taskId,
    me: { userId: person.user.id, name: person.user.username },
    loadMessages: async (before) => (await person.api.tasks.messages(taskId, { before })).items,
    onChange: () => {
      for (const listener of listeners) listener();
    },
  });
  const view = () => {
    const state = session.state();
    if (state.status === 'refused') throw state.error;
    return state.status === 'open' ? state.view : undefined;
  };
  return {
    name,
    socket,
    session,
    view,
    numberFaults,
    until(condition, { what, timeoutMs = 30_000 }) {
      return new Promise((resolve, reject) => {
        const look = () => {
          try {
            const now = view();
            if (now && condition(now)) settle(() => resolve(now));
          } catch (error) {
            settle(() => reject(error));
          }
        };
        const timer = setTimeout(
          () =>
            settle(() =>
              reject(new Error(`${name} waited ${timeoutMs} ms for ${what}; ${describe(view())}`)),
            ),
          timeoutMs,
        );
        const settle = (finish: () => void) => {
          clearTimeout(timer);
          listeners.delete(look);
          finish();
        };
        listeners.add(look);
        look();
      });
    },
    [Symbol.dispose]() {
      session.close();
      socket.close();
    },
  };
}

// On one connection the numbers of a task rise, and none comes twice.
function watchNumbers(socket: ChatSocket, name: string, taskId: string): string[] {
  const faults: string[] = [];
  let last = 0;
  socket.onState(({ status }) => {
    if (status === 'online') last = 0;
  });
  socket.onSignal((signal) => {
    if (!isNumbered(signal) || signal.payload.taskId !== taskId) return;
    const count = signal.name === 'chat:chunk' ? signal.payload.events.length : 1;
    const first = signal.payload.seq - count + 1;
    if (first <= last) faults.push(`${name}: ${signal.name} brings ${first} after ${last}`);
    last = signal.payload.seq;
  });
  return faults;
}

function isNumbered(signal: ServerSignal): signal is Extract<ServerSignal, { payload: { seq: number } }> {
  return 'seq' in signal.payload;
}

function describe(view: TaskView | undefined): string {
  if (!view) return 'the task is not open';
  const last = view.messages.at(-1);
  return `it has ${view.messages.length} messages and has seen ${view.lastSeq} of ${view.seen}, ${view.outgoing.length} unsent, phase ${view.task.phase}, last message ${last?.role} ${last?.status}`;
}
