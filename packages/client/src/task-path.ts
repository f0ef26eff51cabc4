import { foldOfMessage, isFinalMessage, type Message } from '@wegent/api';
import type { Draft, Entry, TaskMessage } from './task-state.ts';

/**
 * Takes over a page of the active path that is true up to `seq`, with everything after it. Earlier messages stay
 * when the page goes on from them.
 */
export function adoptPage(
  draft: Draft,
  { messages, queued, seq }: { messages: readonly Message[]; queued?: readonly Message[]; seq: number },
): void {
  for (const message of messages) leaveWrongPlace(draft, message);
  const earlier = earlierPath(draft, messages[0]);
  const waiting = queued ?? draft.waiting.flatMap((id) => draft.entries.get(id)?.message ?? []);
  const kept = new Map<string, Entry>();
  for (const id of earlier) {
    const entry = draft.entries.get(id);
    if (entry) kept.set(id, entry);
  }
  for (const message of [...messages, ...waiting]) {
    kept.set(message.id, adopt(draft.entries.get(message.id), message, seq));
    confirm(draft, message);
  }
  // Answers on other branches would miss the events that the page stands for, so they are forgotten.
  draft.entries = kept;
  draft.path = [...earlier, ...messages.map(({ id }) => id)];
  draft.waiting = waiting.map(({ id }) => id).filter((id) => !draft.path.includes(id));
}

/** Puts a whole message where it belongs: a person's, an answer that is planned, or one that never streamed. */
export function placeMessage(draft: Draft, message: Message): void {
  confirm(draft, message);
  const known = draft.entries.get(message.id);
  const entry = known ? renew(known, message) : { message, fold: foldOfMessage(message), upTo: 0 };
  if (message.role === 'user' && message.status === 'pending') {
    draft.entries.set(message.id, entry);
    if (!draft.waiting.includes(message.id)) draft.waiting.push(message.id);
    return;
  }
  draft.waiting = draft.waiting.filter((id) => id !== message.id);
  leaveWrongPlace(draft, message);
  insertMessage(draft, entry);
}

/** Adds an entry, makes the path lead to it, and tells its siblings. */
export function insertMessage(draft: Draft, entry: Entry): void {
  const { message } = entry;
  draft.entries.set(message.id, entry);
  shareSiblings(draft, message);
  const place = draft.path.indexOf(message.id);
  // What the first message follows is not loaded, so there it cannot be compared.
  if (place === 0 || (place > 0 && draft.path[place - 1] === message.parentId)) return;
  const path = pathTo(draft, message);
  if (!path) {
    // It stands on a branch that is not loaded; which way leads there only the server knows.
    draft.astray = true;
    return;
  }
  draft.path = path;
  followDown(draft);
}

/** Takes a message that waited out of everything. */
export function removeMessage(draft: Draft, messageId: string): void {
  draft.entries.delete(messageId);
  draft.path = draft.path.filter((id) => id !== messageId);
  draft.waiting = draft.waiting.filter((id) => id !== messageId);
}

// The way to a message, from where the loaded path begins; undefined when something between is not known.
function pathTo(draft: Draft, message: TaskMessage): string[] | undefined {
  if (draft.path.length === 0) return [message.id];
  const path = [message.id];
  let parentId = message.parentId;
  while (parentId !== null && path[0] !== draft.path[0]) {
    const parent = draft.entries.get(parentId);
    if (!parent) return undefined;
    path.unshift(parentId);
    parentId = parent.message.parentId;
  }
  return path;
}

function earlierPath(draft: Draft, first: Message | undefined): string[] {
  const parentId = first?.parentId ?? null;
  if (parentId === null) return [];
  const earlier = draft.path.slice(0, draft.path.indexOf(parentId) + 1);
  // One that is still being written would miss the events that the page stands for.
  const settled = earlier.every((id) => isFinalMessage(draft.entries.get(id)?.message.status ?? 'running'));
  return settled ? earlier : [];
}

function adopt(known: Entry | undefined, message: Message, seq: number): Entry {
  // The events that are here are as new as the page, but where the message stands may have been a guess.
  if (known && known.upTo >= seq) return { ...known, message: withPlace(known.message, message) };
  if (known && isUnchanged(known.message, message)) return { ...known, upTo: seq };
  return { message, fold: foldOfMessage(message), upTo: seq };
}

// Events say more than a whole message while they come; afterwards the stored message is the truth.
function renew(known: Entry, message: Message): Entry {
  const streaming = message.role === 'assistant' && known.upTo > 0;
  if (streaming && !(isFinalMessage(known.message.status) && isFinalMessage(message.status))) {
    return { ...known, message: withPlace(known.message, message) };
  }
  return { message, fold: foldOfMessage(message), upTo: known.upTo };
}

function isUnchanged(known: TaskMessage, message: Message): boolean {
  return (
    isFinalMessage(known.status) &&
    known.status === message.status &&
    known.text === message.text &&
    known.parentId === message.parentId &&
    known.finishedAt === message.finishedAt &&
    known.blocks.length === message.blocks.length &&
    known.attachments.length === message.attachments.length &&
    known.executionIds.length === message.executionIds.length &&
    sameSiblings(known.siblings, message.siblings)
  );
}

function confirm(draft: Draft, message: Message): void {
  const { clientMessageId } = message;
  if (clientMessageId === undefined) return;
  draft.outgoing = draft.outgoing.filter(({ payload }) => payload.clientMessageId !== clientMessageId);
}

function shareSiblings(draft: Draft, message: TaskMessage): void {
  const family = [...draft.entries.values()].filter(
    ({ message: other }) =>
      other.parentId === message.parentId && other.role === message.role && !draft.waiting.includes(other.id),
  );
  // Nobody knows all versions but the server; the longest list is the newest that it gave.
  const known = family.reduce<readonly string[]>(
    (longest, { message: { siblings } }) => (siblings.ids.length > longest.length ? siblings.ids : longest),
    [],
  );
  const ids = [...new Set([...known, ...family.map(({ message: other }) => other.id)])];
  for (const entry of family) {
    const siblings = { index: ids.indexOf(entry.message.id) + 1, count: ids.length, ids };
    draft.entries.set(entry.message.id, { ...entry, message: withSiblings(entry.message, siblings) });
  }
}

// An answer that began before it was announced was put where answers usually go.
function leaveWrongPlace(draft: Draft, { id, parentId }: Message): void {
  const known = draft.entries.get(id);
  if (known && known.message.parentId !== parentId) leaveSiblings(draft, id);
}

function leaveSiblings(draft: Draft, messageId: string): void {
  for (const [id, entry] of draft.entries) {
    const ids = entry.message.siblings.ids.filter((sibling) => sibling !== messageId);
    if (id === messageId || ids.length === entry.message.siblings.ids.length) continue;
    const siblings = { index: ids.indexOf(id) + 1, count: ids.length, ids };
    draft.entries.set(id, { ...entry, message: withSiblings(entry.message, siblings) });
  }
}

function withPlace(known: TaskMessage, stored: Message): TaskMessage {
  const { parentId, attachments, createdAt, siblings } = stored;
  if (known.parentId === parentId && known.createdAt === createdAt) return withSiblings(known, siblings);
  return { ...known, parentId, attachments, createdAt, siblings };
}

function withSiblings(message: TaskMessage, siblings: Message['siblings']): TaskMessage {
  return sameSiblings(message.siblings, siblings) ? message : { ...message, siblings };
}

function sameSiblings(left: Message['siblings'], right: Message['siblings']): boolean {
  return (
    left.index === right.index &&
    left.count === right.count &&
    left.ids.every((id, index) => id === right.ids[index])
  );
}

// Whole messages may overtake each other: a child that came before its parent belongs to the path now.
function followDown(draft: Draft): void {
  while (true) {
    const last = draft.path.at(-1);
    const children = [...draft.entries.values()].filter(
      ({ message }) => message.parentId === last && !draft.waiting.includes(message.id),
    );
    const newest = children.reduce<string | undefined>(
      (best, { message }) => (best === undefined || message.id > best ? message.id : best),
      undefined,
    );
    if (newest === undefined) return;
    draft.path.push(newest);
  }
}
