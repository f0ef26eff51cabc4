import { DatabaseSync } from 'node:sqlite';
import type { Message } from '@wegent/api';
import { waitFor } from '@wegent/testing';
import { expect } from 'vitest';
import type { Person } from './person.ts';
import { essence, foldByMessage, numberFaults, readStored } from './stored-truth.ts';
import type { Deeds } from './talker.ts';
import type { Viewer } from './viewer.ts';

/** Messages that `task:join` answers. */
const PAGE = 50;
const FINAL_PHASES = ['Completed', 'Failed', 'Cancelled'];

/** Waits until nothing runs or waits in a task any more, then compares what the clients have with what is stored. */
export async function expectSameEverywhere({
  person,
  taskId,
  viewers,
  timeoutMs,
}: {
  person: Person;
  taskId: string;
  viewers: readonly Viewer[];
  timeoutMs: number;
}): Promise<void> {
  await untilQuiet({ person, taskId, timeoutMs });
  const stored = await readStored(person, taskId);
  expect(numberFaults(stored.events), 'numbers of the events').toEqual([]);

  const folds = foldByMessage(stored.events);
  for (const message of stored.messages.filter(({ role }) => role === 'assistant')) {
    expect(message.status, `answer ${message.id} is over`).toMatch(/^(completed|failed|cancelled)$/);
    expect(message.blocks, `answer ${message.id} is the fold of its events`).toEqual(
      folds.get(message.id)?.blocks,
    );
  }
  const truth = comparable(stored.messages);
  for (const viewer of viewers) {
    await viewer.until(({ lastSeq, outgoing }) => lastSeq >= stored.lastSeq && outgoing.length === 0, {
      what: `event ${stored.lastSeq}, and for its own messages to be taken`,
    });
    // A client that was away for long holds the newest page; the others it loads as a reader scrolls up.
    while (await viewer.session.loadEarlier());
    const view = await viewer.until(() => true, { what: 'the task' });
    expect(view.messages.map(outline), `${viewer.name}: path`).toEqual(stored.messages.map(outline));
    expect(view.lastSeq, `${viewer.name}: last event`).toBe(stored.lastSeq);
    expect(comparable(view.messages), `${viewer.name}: messages`).toEqual(truth);
    expect(view.queued, `${viewer.name}: nothing waits`).toEqual([]);
  }
}

// Versions made while a client was away are told with the page of newest messages that it then gets. On messages
// before that page it may show a version too few, until it loads them again.
function comparable(messages: readonly Message[]) {
  return messages.map((message, index) => {
    const { siblings, ...rest } = essence(message);
    return index < messages.length - PAGE ? rest : { ...rest, siblings };
  });
}

function outline({ id, parentId, role, text }: Message): string {
  return `${role} ${id} after ${parentId}: ${text.slice(0, 40)}`;
}

/** Waits until a task has no run and no message that waits. */
export async function untilQuiet({
  person,
  taskId,
  timeoutMs,
}: {
  person: Person;
  taskId: string;
  timeoutMs: number;
}): Promise<void> {
  const socket = person.connect();
  try {
    await waitFor(
      async () => {
        const { task, queued, running } = await socket.request('task:join', { taskId });
        return queued.length === 0 && running.length === 0 && FINAL_PHASES.includes(task.phase);
      },
      { what: `task ${taskId} to be over`, timeoutMs },
    );
  } finally {
    socket.close();
  }
}

/** Looks into the database file of a server that has stopped: each message that was taken is there, once. */
export function expectStoredOnce(file: string, deeds: readonly Deeds[]): void {
  using database = new DatabaseSync(file, { readOnly: true });
  const read = (sql: string) => database.prepare(sql).all();
  const twice = read(
    `select task_id, client_message_id from messages where role = 'user'
     group by task_id, client_message_id having count(*) > 1`,
  );
  expect(twice, 'user messages that are there twice').toEqual([]);
  const stored = new Set(read(`select id from messages where role = 'user'`).map(({ id }) => String(id)));
  const taken = new Set(deeds.flatMap((deed) => [...deed.taken]));
  const withdrawn = new Set(deeds.flatMap((deed) => [...deed.withdrawn]));
  const lost = [...taken].filter((id) => !stored.has(id) && !withdrawn.has(id));
  expect(lost, 'messages that were acknowledged and are not there').toEqual([]);
  const unknown = [...stored].filter((id) => !taken.has(id));
  expect(unknown, 'messages that are there and were never acknowledged').toEqual([]);
  const open = read(
    `select id, state from executions where state not in ('completed', 'failed', 'cancelled', 'skipped')`,
  );
  expect(open, 'runs that never ended').toEqual([]);
}
