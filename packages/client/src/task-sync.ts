import { ApiError, type TaskJoinAck } from '@wegent/api';
import type { ChatSocket } from './chat-socket.ts';
import { isTransient } from './deliver.ts';
import type { TaskView } from './task-state.ts';
import { applyResume, applyServerEvent, missingAfter, openTask, rejoinTask } from './task-view.ts';
import { backoff } from './wait.ts';

/** How far a task is known. `refused`: it does not exist, is deleted, or is not for this user. */
export type TaskSessionState =
  | { status: 'opening' }
  | { status: 'open'; view: TaskView }
  | { status: 'refused'; error: ApiError };

/** A step from one view to the next. */
export type Transition = (view: TaskView) => TaskView;

/** Keeps a view in step with the server. */
export interface TaskSync {
  state(): TaskSessionState;
  /** Makes a step at once; for what only this client knows. */
  apply(transition: Transition): void;
  /** Makes a step in its order among the events of the server. */
  applyInOrder(transition: Transition): void;
  /** Takes over the answer to a request that tells the whole truth, as `task:select` does. */
  exchange(request: () => Promise<TaskJoinAck>): Promise<void>;
  close(): void;
}

/** What a sync needs. */
export interface TaskSyncOptions {
  socket: ChatSocket;
  taskId: string;
  /** Milliseconds that a gap may stay open before its events are asked for. */
  gapDelayMs: number;
  /** The time now, RFC 3339. */
  now: () => string;
  onChange: () => void;
}

/**
 * Joins the task now, after each reconnect and when it has lost the way, applies its events, and asks for those
 * that do not come.
 * While an answer of the server is on its way, events are held back: they are newer than what it says.
 */
export function createTaskSync({ socket, taskId, gapDelayMs, now, onChange }: TaskSyncOptions): TaskSync {
  let state: TaskSessionState = { status: 'opening' };
  let closed = false;
  let asking = false;
  let held: Transition[] = [];
  let queue: Promise<unknown> = Promise.resolve();
  let timer: { after: number | 'join'; handle: ReturnType<typeof setTimeout> } | undefined;
  let failures = 0;

  function setView(view: TaskView): void {
    if (closed || (state.status === 'open' && state.view === view)) return;
    state = { status: 'open', view };
    onChange();
  }

  function apply(transition: Transition): void {
    if (state.status === 'open') setView(transition(state.view));
    else if (state.status === 'opening') held.push(transition);
  }

  function applyInOrder(transition: Transition): void {
    if (asking) held.push(transition);
    else {
      apply(transition);
      watchGap();
    }
  }

  /** Runs one request at a time; `take` makes a step with its answer, then come the events that were held back. */
  function ask<Answer>(request: () => Promise<Answer>, take: (answer: Answer) => void): Promise<void> {
    const turn = queue.then(async () => {
      if (closed) return;
      asking = true;
      try {
        take(await request());
        failures = 0;
      } finally {
        asking = false;
        if (state.status === 'open') {
          const steps = held;
          held = [];
          setView(steps.reduce((view, step) => step(view), state.view));
        }
        watchGap();
      }
    });
    queue = turn.catch(() => undefined);
    return turn;
  }

  async function join(): Promise<void> {
    await ask(
      () => socket.request('task:join', { taskId }),
      (ack) => setView(state.status === 'open' ? rejoinTask(state.view, ack) : openTask(ack)),
    ).catch((error: unknown) => failed(error, 'join'));
  }

  async function resume(): Promise<void> {
    const after = state.status === 'open' ? missingAfter(state.view) : undefined;
    if (after === undefined) return;
    await ask(
      () => socket.request('chat:resume', { taskId, afterSeq: after }),
      (ack) => apply((view) => applyResume(view, ack, now())),
    ).catch((error: unknown) => failed(error, after));
  }

  function failed(error: unknown, after: number | 'join'): void {
    const problem =
      error instanceof ApiError
        ? error
        : new ApiError('InternalError', 'the task cannot be read', { cause: error });
    if (!isTransient(problem)) {
      state = { status: 'refused', error: problem };
      onChange();
    } else if (socket.state().status === 'online') {
      startTimer(after, backoff(failures));
      failures += 1;
    }
    // Without a connection the next one begins with a join.
  }

  function watchGap(): void {
    if (timer?.after === 'join') return;
    if (state.status === 'open' && state.view.astray) {
      startTimer('join', gapDelayMs);
      return;
    }
    const after = state.status === 'open' ? missingAfter(state.view) : undefined;
    if (timer?.after === after) return;
    stopTimer();
    if (after !== undefined && !closed) startTimer(after, gapDelayMs);
  }

  function startTimer(after: number | 'join', delayMs: number): void {
    stopTimer();
    if (closed) return;
    const handle = setTimeout(() => {
      timer = undefined;
      void (after === 'join' ? join() : resume());
    }, delayMs);
    timer = { after, handle };
  }

  function stopTimer(): void {
    clearTimeout(timer?.handle);
    timer = undefined;
  }

  const stops = [
    socket.onSignal((signal) => applyInOrder((view) => applyServerEvent(view, signal, now()))),
    socket.onState(({ status }) => {
      stopTimer();
      if (status === 'online') void join();
    }),
  ];
  if (socket.state().status === 'online') void join();

  return {
    state: () => state,
    apply,
    applyInOrder,
    exchange: (request) => ask(request, (ack) => apply((view) => rejoinTask(view, ack))),
    close() {
      closed = true;
      stopTimer();
      for (const stop of stops) stop();
    },
  };
}
