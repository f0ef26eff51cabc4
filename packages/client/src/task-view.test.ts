import { ApiError, type Message, type TaskJoinAck } from '@wegent/api';
import { describe, expect, test } from 'vitest';
import { joinAckOf, NOW, stepsOf, TASK_ID, userMessage, wireOf } from '../test/scripted-task.ts';
import type { ServerSignal } from './chat-socket.ts';
import {
  addOutgoing,
  confirmOutgoing,
  discardOutgoing,
  failOutgoing,
  retryOutgoing,
} from './task-outgoing.ts';
import type { TaskView } from './task-state.ts';
import {
  addEarlierMessages,
  applyResume,
  applyServerEvent,
  earlierThan,
  isBusy,
  missingAfter,
  openTask,
  rejoinTask,
} from './task-view.ts';

const bot = { name: 'bot', namespace: 'default' };
const me = { userId: 'user-1', name: 'ann' };

describe('events', () => {
  test('chat:start shows an answer under the last question', () => {
    const view = play(openTask(ackOf([userMessage(0)])), [start(1)]);
    expect(view.messages.at(-1)).toMatchObject({
      id: 'answer',
      parentId: 'm0000',
      role: 'assistant',
      status: 'running',
    });
    expect(isBusy(view)).toBe(true);
  });

  test('an early event waits, a missing one is named, and what comes twice counts once', () => {
    const opened = openTask(ackOf([userMessage(0)]));
    const gap = play(opened, [start(1), chunk(4, 'c')]);
    expect(missingAfter(gap)).toBe(1);
    const filled = play(gap, [chunk(3, 'a', 'b'), chunk(4, 'c'), chunk(3, 'a', 'b')]);
    expect(missingAfter(filled)).toBeUndefined();
    expect(filled.messages.at(-1)?.text).toBe('bc');
  });

  test('an answer that began before its question was known is no version of the one before, once it is', () => {
    const turn = (run: string) => ({
      runs: [run],
      events: [
        {
          executionId: run,
          event: {
            type: 'run-start' as const,
            executionId: run,
            attempt: 1,
            bot,
            shellType: 'Chat' as const,
          },
        },
        { executionId: run, event: { type: 'finish' as const, outcome: 'completed' as const } },
      ],
    });
    const steps = stepsOf([turn('one'), turn('two')]);
    const wire = wireOf(steps, { chunkSizes: [1], announce: false }).map(({ signal }) => signal);
    const question = wire.findLast(({ name }) => name === 'chat:message');
    const begins = wire.findLast(({ name }) => name === 'chat:start');
    if (!question || !begins) return expect.unreachable();
    const guessed = play(openTask(joinAckOf(steps.slice(0, 3))), [begins, question]);
    // The page goes on from the first answer, and does not hold it.
    const { messages } = rejoinTask(guessed, joinAckOf(steps, 2));
    expect(messages.map(({ id, siblings }) => [id, siblings.count])).toEqual([
      ['m0000', 1],
      ['m0001', 1],
      ['m0002', 1],
      ['m0003', 1],
    ]);
  });

  test('messages that an event does not touch keep their identity', () => {
    const before = play(openTask(ackOf([userMessage(0)])), [start(1), chunk(2, '')]);
    const after = play(before, [chunk(3, 'a')]);
    expect(after.messages[0]).toBe(before.messages[0]);
    expect(after.messages[1]).not.toBe(before.messages[1]);
    expect(play(after, [chunk(3, 'a')])).toBe(after);
  });

  test('an error ends the answer and says why', () => {
    const error = { reason: 'ModelAuth', message: 'Check the key.', retryable: false } as const;
    const view = play(openTask(ackOf([userMessage(0)])), [
      start(1),
      { name: 'chat:error', payload: { ...place, seq: 2, error } },
    ]);
    expect(view.messages.at(-1)).toMatchObject({ status: 'failed', error, finishedAt: NOW });
  });

  test('runs of a Team are stamped when they are seen to begin and to end', () => {
    const step = { key: 'stage-1', kind: 'stage', member: 'ann', last: false } as const;
    const begun = {
      name: 'chat:start',
      payload: { ...place, seq: 1, bot, shellType: 'Chat', attempt: 1, step },
    };
    const opened = openTask(ackOf([userMessage(0)]));
    const running = play(opened, [begun as ServerSignal]);
    expect(running.messages.at(-1)?.runs).toMatchObject([{ state: 'running', startedAt: NOW }]);
    expect(running.messages.at(-1)?.runs?.[0]?.finishedAt).toBeUndefined();
    const done: ServerSignal = { name: 'chat:done', payload: { ...place, seq: 2 } };
    const later = '2026-01-01T01:00:00.000Z';
    expect(applyServerEvent(running, done, later).messages.at(-1)?.runs).toMatchObject([
      { state: 'completed', startedAt: NOW, finishedAt: later },
    ]);
  });

  test('events of another task are not ours', () => {
    const view = openTask(ackOf([userMessage(0)]));
    const other = { name: 'task:deleted', payload: { taskId: 'other' } } as const;
    expect(applyServerEvent(view, other, NOW)).toBe(view);
  });

  test('an older status does not undo a newer one', () => {
    const view = openTask(ackOf([]));
    const status = (phase: 'Running' | 'Completed', updatedAt: string): ServerSignal => ({
      name: 'task:status',
      payload: { taskId: TASK_ID, phase, updatedAt },
    });
    const done = play(view, [
      status('Completed', '2026-01-01T00:00:02.000Z'),
      status('Running', '2026-01-01T00:00:01.000Z'),
    ]);
    expect(done.task.phase).toBe('Completed');
  });
});

describe('joining again', () => {
  const steps = stepsOf([
    { runs: ['r1'], events: [started('r1'), finished('r1')] },
    { runs: ['r2'], events: [started('r2'), finished('r2')] },
  ]);

  test('keeps what was loaded before the page', () => {
    const view = openTask(joinAckOf(steps));
    const again = rejoinTask(view, joinAckOf(steps, 2));
    expect(again.messages).toBe(view.messages);
  });

  test('drops earlier messages that may have missed events', () => {
    const view = openTask(joinAckOf(steps.slice(0, 2)));
    const again = rejoinTask(view, joinAckOf(steps, 2));
    expect(again.messages.map(({ id }) => id)).toEqual(['m0002', 'm0003']);
    expect(earlierThan(again)).toBe('m0002');
  });

  test('earlier pages go before what is there', () => {
    const view = openTask(joinAckOf(steps, 2));
    const all = addEarlierMessages(view, openTask(joinAckOf(steps)).messages.slice(0, 2));
    expect(all.messages.map(({ id }) => id)).toEqual(['m0000', 'm0001', 'm0002', 'm0003']);
    expect(earlierThan(all)).toBeUndefined();
    expect(addEarlierMessages(all, [userMessage(7)])).toBe(all);
  });

  test('a snapshot stands for the events that are no longer kept', () => {
    const view = openTask(joinAckOf(steps.slice(0, 2)));
    const { messages, lastSeq } = joinAckOf(steps);
    const resumed = applyResume(view, { snapshot: { messages, seq: lastSeq }, events: [], lastSeq }, NOW);
    expect(resumed.messages).toEqual(messages);
    expect(missingAfter(resumed)).toBeUndefined();
  });

  test('signals from before the answer change nothing', () => {
    const view = openTask(joinAckOf(steps));
    const old = wireOf(steps, { chunkSizes: [1], announce: false }).map(({ signal }) => signal);
    expect(play(view, old).messages).toEqual(view.messages);
  });
});

test('a message on a branch that is not here asks for the way, and the answer tells it', () => {
  const edit = { ...userMessage(2), id: 'edit', parentId: 'not here' };
  const edited: ServerSignal = { name: 'chat:message', payload: { taskId: TASK_ID, message: edit } };
  const view = play(openTask(ackOf([userMessage(0)])), [edited, start(1)]);
  expect(view.astray).toBe(true);
  const answer = view.messages.at(-1);
  if (!answer) throw new Error('the answer is missing');
  const page = [edit, { ...answer, parentId: 'edit' }];
  const again = rejoinTask(view, { ...ackOf(page), lastSeq: 1 });
  expect(again.astray).toBe(false);
  expect(again.messages).toEqual(page);
});

describe('sending', () => {
  const payload = { clientMessageId: 'c1', taskId: TASK_ID, message: 'hello' };
  const sending = (view: TaskView, more: object = {}) =>
    addOutgoing(view, { payload: { ...payload, ...more }, sender: me, attachments: [], createdAt: NOW });
  const ack = { taskId: TASK_ID, messageId: 'm0001', executionIds: [] };

  test('a message is there at once and becomes the server’s', () => {
    const sent = sending(openTask(ackOf([userMessage(0)])));
    expect(sent.messages.at(-1)).toMatchObject({ id: 'c1', text: 'hello', delivery: { state: 'sending' } });
    const confirmed = confirmOutgoing(sent, 'c1', ack);
    expect(confirmed.messages.at(-1)).toMatchObject({
      id: 'm0001',
      parentId: 'm0000',
      clientMessageId: 'c1',
    });
    expect(confirmed.messages.at(-1)).not.toHaveProperty('delivery');
    expect(confirmed.outgoing).toEqual([]);
  });

  test('the server’s copy may come before its acknowledgement', () => {
    const message: Message = { ...userMessage(1), clientMessageId: 'c1' };
    const sent = play(sending(openTask(ackOf([userMessage(0)]))), [
      { name: 'chat:message', payload: { taskId: TASK_ID, message } },
    ]);
    expect(sent.messages.map(({ id }) => id)).toEqual(['m0000', 'm0001']);
    expect(confirmOutgoing(sent, 'c1', ack)).toBe(sent);
  });

  test('a refused message stays with its reason, to be sent again or discarded', () => {
    const error = new ApiError('Forbidden', 'no');
    const failed = failOutgoing(sending(openTask(ackOf([]))), 'c1', error);
    expect(failed.messages[0]?.delivery).toEqual({ state: 'failed', error });
    expect(retryOutgoing(failed, 'c1').messages[0]?.delivery).toEqual({ state: 'sending' });
    expect(discardOutgoing(failed, 'c1').messages).toEqual([]);
  });

  test('while an answer is written, messages wait as chips', () => {
    const busy = play(openTask(ackOf([userMessage(0)])), [start(1)]);
    const sent = sending(busy);
    expect(sent.queued.map(({ id }) => id)).toEqual(['c1']);
    expect(sent.messages).toBe(busy.messages);
    const queued = confirmOutgoing(sent, 'c1', { ...ack, messageId: 'q1', queued: true });
    expect(queued.queued.map(({ id }) => id)).toEqual(['q1']);
    const removed = play(queued, [{ name: 'chat:removed', payload: { taskId: TASK_ID, messageId: 'q1' } }]);
    expect(removed.queued).toEqual([]);
  });

  test('a message leaves the queue when its turn comes', () => {
    const waiting: Message = { ...userMessage(1), status: 'pending' };
    const view = openTask({ ...ackOf([userMessage(0)]), queued: [waiting] });
    expect(view.queued.map(({ id }) => id)).toEqual(['m0001']);
    const message: Message = { ...waiting, status: 'completed' };
    const taken = play(view, [{ name: 'chat:message', payload: { taskId: TASK_ID, message } }]);
    expect(taken.queued).toEqual([]);
    expect(taken.messages.map(({ id }) => id)).toEqual(['m0000', 'm0001']);
  });

  test('an edit hides what it replaces and becomes a sibling', () => {
    const view = openTask(ackOf([userMessage(0), userMessage(1), userMessage(2)]));
    const sent = sending(view, { parentId: 'm0000' });
    expect(sent.messages.map(({ id }) => id)).toEqual(['m0000', 'c1']);
    const confirmed = confirmOutgoing(sent, 'c1', { ...ack, messageId: 'edit' });
    expect(confirmed.messages.at(-1)?.siblings).toEqual({ index: 2, count: 2, ids: ['m0001', 'edit'] });
    expect(confirmed.entries.get('m0001')?.message.siblings).toEqual({
      index: 1,
      count: 2,
      ids: ['m0001', 'edit'],
    });
  });
});

const place = { taskId: TASK_ID, messageId: 'answer', executionId: 'run' };

function play(view: TaskView, signals: readonly ServerSignal[]): TaskView {
  return signals.reduce((before, signal) => applyServerEvent(before, signal, NOW), view);
}

function start(seq: number): ServerSignal {
  return { name: 'chat:start', payload: { ...place, seq, bot, shellType: 'Chat', attempt: 1 } };
}

// The first text opens the block.
function chunk(seq: number, ...texts: string[]): ServerSignal {
  const events = texts.map((text, index) =>
    seq - texts.length + 1 + index === 2
      ? ({ type: 'text-start', blockId: 'b' } as const)
      : ({ type: 'text-delta', blockId: 'b', text } as const),
  );
  return { name: 'chat:chunk', payload: { ...place, seq, events } };
}

function started(executionId: string) {
  return {
    executionId,
    event: { type: 'run-start', executionId, attempt: 1, bot, shellType: 'Chat' },
  } as const;
}

function finished(executionId: string) {
  return { executionId, event: { type: 'finish', outcome: 'completed' } } as const;
}

function ackOf(messages: Message[]): TaskJoinAck {
  return { ...joinAckOf([]), messages };
}
