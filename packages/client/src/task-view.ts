import {
  type ChatResumeAck,
  foldOfMessage,
  isFinalMessage,
  type Message,
  type SequencedEvent,
  type TaskJoinAck,
} from '@wegent/api';
import type { ServerSignal } from './chat-socket.ts';
import { foldEvents, numberedEvents } from './task-fold.ts';
import { adoptPage, placeMessage, removeMessage } from './task-path.ts';
import { applyTaskSignal } from './task-signals.ts';
import { change, type Draft, type TaskView } from './task-state.ts';

/** Begins with the answer to `task:join`. */
export function openTask(ack: TaskJoinAck): TaskView {
  const empty: TaskView = {
    task: ack.task,
    messages: [],
    queued: [],
    deleted: false,
    lastSeq: 0,
    astray: false,
    seen: 0,
    early: new Map(),
    entries: new Map(),
    path: [],
    waiting: [],
    outgoing: [],
  };
  return rejoinTask(empty, ack);
}

/** Takes over the answer to a later `task:join` or to `task:select`: the truth up to its `lastSeq`. */
export function rejoinTask(view: TaskView, ack: TaskJoinAck): TaskView {
  return change(view, (draft) => {
    draft.task = ack.task;
    adoptPage(draft, { messages: ack.messages, queued: ack.queued, seq: ack.lastSeq });
    draft.lastSeq = ack.lastSeq;
    draft.astray = false;
    draft.seen = Math.max(draft.seen, ack.lastSeq);
    draft.early.clear();
  });
}

/** Applies an event of the server. `now` (RFC 3339) dates what the event itself does not. */
export function applyServerEvent(view: TaskView, signal: ServerSignal, now: string): TaskView {
  const taskId = 'task' in signal.payload ? signal.payload.task.taskId : signal.payload.taskId;
  if (taskId !== view.task.taskId) return view;
  switch (signal.name) {
    case 'chat:start':
    case 'chat:chunk':
    case 'chat:done':
    case 'chat:error':
    case 'chat:cancelled': {
      const fresh = numberedEvents(signal).filter(({ seq }) => seq > view.lastSeq && !view.early.has(seq));
      return fresh.length === 0 ? view : change(view, (draft) => receive(draft, fresh, now));
    }
    case 'chat:message':
      return change(view, (draft) => placeMessage(draft, signal.payload.message));
    case 'chat:removed':
      return change(view, (draft) => removeMessage(draft, signal.payload.messageId));
    default:
      return applyTaskSignal(view, signal);
  }
}

/** Applies the answer to `chat:resume`. `now` (RFC 3339) dates what the events themselves do not. */
export function applyResume(view: TaskView, ack: ChatResumeAck, now: string): TaskView {
  return change(view, (draft) => {
    const { snapshot } = ack;
    if (snapshot && snapshot.seq > draft.lastSeq) {
      adoptPage(draft, { messages: snapshot.messages, seq: snapshot.seq });
      draft.lastSeq = snapshot.seq;
      for (const seq of draft.early.keys()) if (seq <= snapshot.seq) draft.early.delete(seq);
    }
    draft.seen = Math.max(draft.seen, ack.lastSeq);
    receive(draft, ack.events, now);
  });
}

/** The number after which events are missing, for `chat:resume`; `undefined` when there is no gap. */
export function missingAfter(view: TaskView): number | undefined {
  return view.lastSeq < view.seen ? view.lastSeq : undefined;
}

/** Puts an earlier page of the active path before what is there. */
export function addEarlierMessages(view: TaskView, messages: readonly Message[]): TaskView {
  const first = view.path[0] === undefined ? undefined : view.entries.get(view.path[0])?.message;
  // The path may have changed while the page was on its way.
  if (!first || messages.at(-1)?.id !== first.parentId) return view;
  return change(view, (draft) => {
    for (const message of messages) {
      draft.entries.set(message.id, { message, fold: foldOfMessage(message), upTo: draft.lastSeq });
    }
    draft.path = [...messages.map(({ id }) => id), ...draft.path];
  });
}

/** The message before which `GET …/messages?before` finds more; `undefined` at the beginning of the task. */
export function earlierThan(view: TaskView): string | undefined {
  const first = view.path[0];
  if (first === undefined) return undefined;
  return view.entries.get(first)?.message.parentId === null ? undefined : first;
}

/** Is an answer being written, or waiting for a person? */
export function isBusy(view: Pick<TaskView, 'path' | 'entries'>): boolean {
  return view.path.some((id) => {
    const message = view.entries.get(id)?.message;
    return message?.role === 'assistant' && !isFinalMessage(message.status);
  });
}

function receive(draft: Draft, events: readonly SequencedEvent[], now: string): void {
  for (const event of events) {
    if (event.seq > draft.lastSeq) draft.early.set(event.seq, event);
    draft.seen = Math.max(draft.seen, event.seq);
  }
  const due: SequencedEvent[] = [];
  for (let next = draft.early.get(draft.lastSeq + 1); next; next = draft.early.get(draft.lastSeq + 1)) {
    draft.early.delete(next.seq);
    draft.lastSeq = next.seq;
    due.push(next);
  }
  foldEvents(draft, due, now);
}
