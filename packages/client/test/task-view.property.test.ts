import type { Message } from '@wegent/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TaskView } from '../src/task-state.ts';
import { applyResume, applyServerEvent, missingAfter, openTask, rejoinTask } from '../src/task-view.ts';
import { arbitraryTurns } from './arbitrary-turns.ts';
import {
  joinAckOf,
  messagesOf,
  NOW,
  resumeAckOf,
  type Step,
  stepsOf,
  type WireItem,
  wireOf,
} from './scripted-task.ts';

/** What happens to the next signal on its way. */
const fault = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ type: 'deliver' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'lose' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'repeat' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('delay' as const), by: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('disconnect' as const), for: fc.integer({ min: 1, max: 8 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ type: 'resume' as const }) },
);

const scenario = fc.record({
  turns: arbitraryTurns,
  chunkSizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }),
  announce: fc.boolean(),
  openAt: fc.nat(40),
  faults: fc.array(fault, { minLength: 1, maxLength: 40 }),
  compactedSeq: fc.nat(60),
  pageSize: fc.integer({ min: 2, max: 9 }),
});

test('whatever is lost, repeated or late, a client ends with the fold of the whole log', () => {
  fc.assert(
    fc.property(scenario, (given) => {
      const steps = stepsOf(given.turns);
      const view = play(steps, given);
      const expected = messagesOf(steps);
      expect(view.lastSeq).toBe(joinAckOf(steps).lastSeq);
      expect(view.messages.length).toBeGreaterThanOrEqual(Math.min(given.pageSize, expected.length));
      expect(comparable(view.messages)).toEqual(comparable(expected.slice(-view.messages.length)));
    }),
    { numRuns: 400 },
  );
});

function play(
  steps: readonly Step[],
  given: typeof scenario extends fc.Arbitrary<infer T> ? T : never,
): TaskView {
  const wire = wireOf(steps, given);
  const opened = Math.min(given.openAt, wire.length);
  const storedAt = (index: number) => steps.slice(0, wire[index - 1]?.stored ?? 0);
  let view = openTask(joinAckOf(storedAt(opened), given.pageSize));
  let late: { item: WireItem; at: number }[] = [];
  let index = opened;
  const apply = ({ signal }: WireItem) => {
    view = applyServerEvent(view, signal, NOW);
    expect(comparable(answersOf(view))).toEqual(comparable(storedAnswers(steps, view)));
  };
  const resume = () => {
    const afterSeq = missingAfter(view) ?? view.lastSeq;
    view = applyResume(view, resumeAckOf(storedAt(index), { ...given, afterSeq }), NOW);
  };

  for (let turn = 0; index < wire.length; turn += 1) {
    const next = given.faults[turn % given.faults.length] ?? { type: 'deliver' };
    const item = wire[index];
    if (!item) break;
    // Whole messages have no number, so only a broken connection may lose them.
    const numbered = 'seq' in item.signal.payload;
    if (next.type === 'disconnect') {
      index = Math.min(wire.length, index + next.for);
      late = [];
      view = rejoinTask(view, joinAckOf(storedAt(index), given.pageSize));
      continue;
    }
    index += 1;
    if (next.type === 'delay' && (numbered || given.announce)) late.push({ item, at: index + next.by });
    else if (next.type !== 'lose' || !numbered) apply(item);
    if (next.type === 'repeat') apply(item);
    if (next.type === 'resume') resume();
    for (const due of late.filter(({ at }) => at <= index)) apply(due.item);
    late = late.filter(({ at }) => at > index);
  }
  for (const { item } of late) apply(item);
  resume();
  return view;
}

function answersOf(view: TaskView): Pick<Message, 'id' | 'text' | 'blocks'>[] {
  return view.messages
    .filter(({ role }) => role === 'assistant')
    .map(({ id, text, blocks }) => ({ id, text, blocks }));
}

// At every moment each answer is the fold of exactly the events up to `lastSeq`.
function storedAnswers(steps: readonly Step[], view: TaskView): Pick<Message, 'id' | 'text' | 'blocks'>[] {
  const shown = new Set(view.messages.map(({ id }) => id));
  const upTo = steps.filter((step) => !('seq' in step) || step.seq <= view.lastSeq);
  return messagesOf(upTo)
    .filter(({ id, role }) => role === 'assistant' && shown.has(id))
    .map(({ id, text, blocks }) => ({ id, text, blocks }));
}

function comparable<Item extends Partial<Message>>(messages: readonly Item[]) {
  return messages.map((message) => ({ ...message, executionIds: message.executionIds?.toSorted() }));
}
