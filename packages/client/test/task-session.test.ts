import type { Message } from '@wegent/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createChatSocket } from '../src/chat-socket.ts';
import { createTaskSession } from '../src/task-session.ts';
import type { TaskView } from '../src/task-state.ts';
import type { TaskSessionState } from '../src/task-sync.ts';
import { arbitraryTurns } from './arbitrary-turns.ts';
import { type ScriptServer, startScriptServer } from './script-server.ts';
import { messagesOf, NOW, type Step, stepsOf, TASK_ID, wireOf } from './scripted-task.ts';

test('a stream over a connection that loses signals and breaks ends complete', async () => {
  await using server = await startScriptServer();
  using client = open(server);
  await client.until((view) => view.lastSeq === 0);
  const random = randomNumbers(7);
  const steps = longScript(80);
  const wire = wireOf(steps, { chunkSizes: [1, 3, 2, 7], announce: true });
  const end = steps.length;
  for (const [index, { signal, stored }] of wire.entries()) {
    server.stored = steps.slice(0, stored);
    const last = index === wire.length - 1;
    const lost = 'seq' in signal.payload && random() < 0.05;
    if (last || !lost) server.send(signal);
    if (random() < 0.01 && !last) {
      const back = server.nextJoin();
      server.cut();
      // What happens meanwhile is missed; some of it only, so that the stream has more than one break.
      if (random() < 0.5) await back;
    }
    // Let the sockets work between the signals.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const lastSeq = steps.slice(0, end).findLast((step) => 'seq' in step)?.seq ?? 0;
  const view = await client.until(({ lastSeq: seen }) => seen === lastSeq);
  expect(comparable(view.messages)).toEqual(comparable(messagesOf(steps)));
});

test('a gap that stays open is asked for', async () => {
  await using server = await startScriptServer();
  using client = open(server);
  await client.until(() => true);
  const steps = longScript(1);
  const wire = wireOf(steps, { chunkSizes: [1], announce: true });
  server.stored = steps;
  for (const { signal } of wire) {
    if (!('seq' in signal.payload) || signal.payload.seq !== 1) server.send(signal);
  }
  const view = await client.until(({ lastSeq }) => lastSeq > 0);
  expect(comparable(view.messages)).toEqual(comparable(messagesOf(steps)));
  expect(server.resumes).toEqual([0]);
});

test('messages are written once and in order, however often the connection breaks', async () => {
  await using server = await startScriptServer();
  let writes = 0;
  // Every second message is stored, and its acknowledgement lost.
  server.onStored = () => {
    writes += 1;
    if (writes % 2 === 1) server.cut();
  };
  using client = open(server);
  await client.until(() => true);
  const texts = ['one', 'two', 'three', 'four'];
  const results = await Promise.all(texts.map((message) => client.session.send({ message })));
  expect(results.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  expect(messagesOf(server.stored).map(({ text }) => text)).toEqual(texts);
  const view = await client.until(({ outgoing, messages }) => outgoing.length === 0 && messages.length === 4);
  expect(comparable(view.messages)).toEqual(comparable(messagesOf(server.stored)));
});

test('a task that is not there is refused', async () => {
  await using server = await startScriptServer();
  const socket = createChatSocket({ url: server.url, getToken: () => 'good' });
  const state = await new Promise<TaskSessionState>((resolve) => {
    createTaskSession({ socket, taskId: 'other', me: { userId: 'user-1', name: 'ann' }, onChange: resolve });
  });
  expect(state).toMatchObject({ status: 'refused', error: { reason: 'NotFound' } });
  socket.close();
});

function open(server: ScriptServer) {
  const socket = createChatSocket({ url: server.url, getToken: () => 'good' });
  const watchers = new Set<(state: TaskSessionState) => void>();
  const session = createTaskSession({
    socket,
    taskId: TASK_ID,
    me: { userId: 'user-1', name: 'ann' },
    gapDelayMs: 20,
    now: () => NOW,
    onChange: (state) => {
      for (const watcher of watchers) watcher(state);
    },
  });
  return {
    session,
    until: (condition: (view: TaskView) => boolean) =>
      new Promise<TaskView>((resolve) => {
        const look = (state: TaskSessionState) => {
          if (state.status !== 'open' || !condition(state.view)) return;
          watchers.delete(look);
          resolve(state.view);
        };
        watchers.add(look);
        look(session.state());
      }),
    [Symbol.dispose]: () => {
      session.close();
      socket.close();
    },
  };
}

function longScript(samples: number): Step[] {
  return stepsOf(
    fc
      .sample(arbitraryTurns, { numRuns: samples, seed: 3 })
      .flat()
      .map((turn, index) => renamed(turn, index)),
  );
}

// Samples count their runs from zero each; in one task every run has an id of its own.
function renamed(turn: Parameters<typeof stepsOf>[0][number], index: number): typeof turn {
  return JSON.parse(JSON.stringify(turn).replaceAll('"execution-', `"turn-${index}-execution-`));
}

function comparable(messages: readonly Message[]) {
  return messages.map((message) => ({ ...message, executionIds: message.executionIds.toSorted() }));
}

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
