import type { ApiError, ChatSend, Message, MessageFold, SequencedEvent, TaskItem } from '@wegent/api';

/** How a message of this client is doing until the server has it. */
export type Delivery = { state: 'sending' } | { state: 'failed'; error: ApiError };

/** A message as it is shown. Until the server has it, its `id` is the `clientMessageId`. */
export type TaskMessage = Message & { delivery?: Delivery };

/** A message with what is needed to fold on. */
export interface Entry {
  message: TaskMessage;
  fold: MessageFold;
  /** Events of the message up to this number are in it. */
  upTo: number;
}

/** A message of this client that the server has not confirmed. */
export interface Outgoing {
  payload: ChatSend;
  message: TaskMessage;
  /** It was sent while an answer was being written, so it is shown as a chip. */
  queued: boolean;
}

/**
 * What a client knows about a task. Immutable: whatever did not change keeps its identity.
 * Screens use the first five fields; the others are the working state of the functions below.
 */
export interface TaskView {
  task: TaskItem;
  /** The active path, oldest first, and what is being sent. */
  messages: readonly TaskMessage[];
  /** Messages that wait for the run before them. */
  queued: readonly TaskMessage[];
  deleted: boolean;
  /** Every event up to this number has been applied. */
  lastSeq: number;
  /** The active path leads over messages that are not here: the task must be joined again. */
  astray: boolean;

  /** The highest number that is known to exist. */
  seen: number;
  /** Events that came before their predecessors. */
  early: ReadonlyMap<number, SequencedEvent>;
  entries: ReadonlyMap<string, Entry>;
  path: readonly string[];
  waiting: readonly string[];
  outgoing: readonly Outgoing[];
}

/** The part of a view that transitions write on; the copy of one transition. */
export interface Draft {
  task: TaskItem;
  deleted: boolean;
  lastSeq: number;
  astray: boolean;
  seen: number;
  early: Map<number, SequencedEvent>;
  entries: Map<string, Entry>;
  path: string[];
  waiting: string[];
  outgoing: Outgoing[];
}

/** Makes one transition: `edit` writes on a copy, then the lists of the screen are brought up to date. */
export function change(view: TaskView, edit: (draft: Draft) => void): TaskView {
  const draft: Draft = {
    task: view.task,
    deleted: view.deleted,
    lastSeq: view.lastSeq,
    astray: view.astray,
    seen: view.seen,
    early: new Map(view.early),
    entries: new Map(view.entries),
    path: [...view.path],
    waiting: [...view.waiting],
    outgoing: [...view.outgoing],
  };
  edit(draft);
  return {
    ...draft,
    messages: keepIdentity(view.messages, shownMessages(draft)),
    queued: keepIdentity(view.queued, [
      ...draft.waiting.flatMap((id) => draft.entries.get(id)?.message ?? []),
      ...draft.outgoing.filter(({ queued }) => queued).map(({ message }) => message),
    ]),
  };
}

function shownMessages(draft: Draft): TaskMessage[] {
  let shown = pathMessages(draft);
  for (const { message, payload, queued } of draft.outgoing) {
    if (queued) continue;
    shown = [...(payload.parentId === undefined ? shown : upTo(shown, payload.parentId)), message];
  }
  return shown;
}

// An edit hides what followed the message that it replaces.
function upTo(messages: TaskMessage[], parentId: string | null): TaskMessage[] {
  return messages.slice(0, messages.findIndex(({ id }) => id === parentId) + 1);
}

function pathMessages(draft: Draft): TaskMessage[] {
  return draft.path.flatMap((id) => draft.entries.get(id)?.message ?? []);
}

function keepIdentity<Item>(before: readonly Item[], after: readonly Item[]): readonly Item[] {
  return before.length === after.length && before.every((item, index) => item === after[index])
    ? before
    : after;
}
