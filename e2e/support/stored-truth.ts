import { EMPTY_FOLD, type Message, type MessageFold, reduceEvents, SequencedEvent } from '@wegent/api';
import type { Person } from './person.ts';

/** What the server has of a task. */
export interface StoredTruth {
  /** The active path, oldest message first. */
  messages: Message[];
  lastSeq: number;
  events: SequencedEvent[];
}

/** Reads a task that nothing is written into any more: its messages, and its events from the first one on. */
export async function readStored(person: Person, taskId: string): Promise<StoredTruth> {
  const socket = person.connect();
  try {
    await online(socket);
    const { lastSeq } = await socket.request('task:join', { taskId });
    const [messages, events] = await Promise.all([
      readMessages(person, taskId),
      readEvents(person, taskId, lastSeq),
    ]);
    return { messages, lastSeq, events };
  } finally {
    socket.close();
  }
}

/** What is wrong with the numbers of events, which count from 1 without a gap; empty when nothing is. */
export function numberFaults(events: readonly SequencedEvent[]): string[] {
  return events.flatMap(({ seq }, index) =>
    seq === index + 1 ? [] : [`event ${index + 1} has number ${seq}`],
  );
}

/** Folds the events of each message. */
export function foldByMessage(events: readonly SequencedEvent[]): Map<string, MessageFold> {
  const folds = new Map<string, MessageFold>();
  for (const { messageId, executionId, event } of events) {
    folds.set(messageId, reduceEvents(folds.get(messageId) ?? EMPTY_FOLD, executionId, event));
  }
  return folds;
}

/** The part of a message that must be the same everywhere; clocks may differ. */
export function essence(message: Message) {
  const { id, parentId, role, sender, text, blocks, status, error, executionIds, attachments, siblings } =
    message;
  return { id, parentId, role, sender, text, blocks, status, error, executionIds, attachments, siblings };
}

async function readMessages(person: Person, taskId: string): Promise<Message[]> {
  let page = await person.api.tasks.messages(taskId, { limit: 200 });
  let messages = page.items;
  while (page.metadata.continue !== undefined) {
    page = await person.api.tasks.messages(taskId, { limit: 200, before: page.metadata.continue });
    messages = [...page.items, ...messages];
  }
  return messages;
}

async function readEvents(person: Person, taskId: string, lastSeq: number): Promise<SequencedEvent[]> {
  if (lastSeq === 0) return [];
  const events: SequencedEvent[] = [];
  for await (const event of streamEvents(person, taskId, { after: 0 })) {
    events.push(event);
    if (event.seq >= lastSeq) break;
  }
  return events;
}

/** The events of a task as server-sent events, until the reader stops. */
export async function* streamEvents(
  person: Person,
  taskId: string,
  { after, signal }: { after: number; signal?: AbortSignal },
): AsyncGenerator<SequencedEvent> {
  const response = await person.api.http.send('GET', `/api/v1/tasks/${taskId}/events`, {
    query: { after },
    headers: { accept: 'text/event-stream' },
    signal,
  });
  if (!response.body) throw new Error('a stream of events has no body');
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const parts = `${rest}${chunk}`.split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const data = /^data: (.*)$/m.exec(part)?.[1];
      if (data !== undefined) yield SequencedEvent.parse(JSON.parse(data));
    }
  }
}

function online(socket: ReturnType<Person['connect']>): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const state = socket.state();
      if (state.status === 'online') resolve();
      if (state.status === 'refused') reject(new Error(`the connection was refused: ${state.reason}`));
    };
    socket.onState(look);
    look();
  });
}
