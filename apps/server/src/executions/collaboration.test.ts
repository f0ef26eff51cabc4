import type { ExecutionState, RunError } from '@wegent/api';
import { describe, expect, test } from 'vitest';
import type { AnswerPlan } from './answer-plan.ts';
import { type NextStep, nextSteps, type StepRun } from './collaboration.ts';
import { readRoute } from './route-choice.ts';

const NAMES = ['ann', 'ben', 'cleo'];

function planOf(mode: AnswerPlan['mode'], changes: Partial<AnswerPlan> = {}): AnswerPlan {
  return {
    mode,
    members: NAMES.map((name) => ({
      name,
      description: '',
      bot: { name, namespace: 'default' },
      shellType: 'Chat',
      maxAttempts: 2,
      requireConfirmation: false,
    })),
    leader: 0,
    others: [1, 2],
    rounds: 2,
    limits: { parallel: 8, delegations: 16 },
    ...changes,
  };
}

/** What a turn does, step by step: `state` says what becomes of each step that begins; the answer is what began, in order. */
function play(
  plan: AnswerPlan,
  become: (key: string) => { state: ExecutionState; text?: string; error?: RunError; costUsd?: number },
  stopAfter?: string,
): string[] {
  const runs: StepRun[] = [];
  const log: string[] = [];
  let stopped = false;
  let costUsd = 0;
  for (let turns = 0; turns < 50; turns++) {
    const next = nextSteps(plan, { runs, stopped, costUsd });
    if (next.length === 0) return log;
    for (const { step, member, end } of next) {
      expect(plan.members[member]?.name).toBe(step.member);
      expect(runs.map((run) => run.step.key)).not.toContain(step.key);
      const became = end
        ? { state: end.outcome, ...(end.error ? { error: end.error } : {}) }
        : become(step.key);
      log.push(`${step.key}:${step.member}${end ? `=${end.outcome}` : ''}`);
      costUsd += 'costUsd' in became ? (became.costUsd ?? 0) : 0;
      runs.push({ step, ...became });
      stopped ||= step.key === stopAfter;
    }
  }
  throw new Error('the turn never ends');
}

const all = (state: ExecutionState) => () => ({ state });
const fails =
  (...keys: string[]) =>
  (key: string) => ({ state: keys.includes(key) ? ('failed' as const) : ('completed' as const) });
const confirming = planOf('pipeline', {
  members: planOf('pipeline').members.map((member) => ({ ...member, requireConfirmation: true })),
});

describe('a pipeline', () => {
  test.each<[string, AnswerPlan, Parameters<typeof play>[1], string | undefined, string[]]>([
    [
      'goes from one to the next',
      planOf('pipeline'),
      all('completed'),
      undefined,
      ['stage-1:ann', 'stage-2:ben', 'stage-3:cleo'],
    ],
    [
      'ends with a stage that fails',
      planOf('pipeline'),
      fails('stage-1'),
      undefined,
      ['stage-1:ann', 'stage-2:ben=skipped', 'stage-3:cleo=skipped'],
    ],
    [
      'ends with the last stage, failed or not',
      planOf('pipeline'),
      fails('stage-3'),
      undefined,
      ['stage-1:ann', 'stage-2:ben', 'stage-3:cleo'],
    ],
    [
      'waits for a person where it is to',
      confirming,
      all('completed'),
      undefined,
      ['stage-1:ann', 'gate-1:ann', 'stage-2:ben', 'gate-2:ben', 'stage-3:cleo'],
    ],
    [
      'ends where the person refuses',
      confirming,
      (key) => ({ state: key === 'gate-1' ? 'skipped' : 'completed' }),
      undefined,
      ['stage-1:ann', 'gate-1:ann', 'stage-2:ben=skipped', 'stage-3:cleo=skipped'],
    ],
    [
      'does not go on when it was stopped between two stages',
      planOf('pipeline'),
      all('completed'),
      'stage-1',
      ['stage-1:ann', 'stage-2:ben=cancelled', 'stage-3:cleo=skipped'],
    ],
    [
      'does not ask when it was stopped',
      confirming,
      all('completed'),
      'stage-1',
      ['stage-1:ann', 'stage-2:ben=cancelled', 'stage-3:cleo=skipped'],
    ],
    [
      'begins no stage above its budget',
      planOf('pipeline', { limits: { parallel: 8, delegations: 16, costUsd: 1 } }),
      () => ({ state: 'completed', costUsd: 0.6 }),
      undefined,
      ['stage-1:ann', 'stage-2:ben', 'stage-3:cleo=failed'],
    ],
  ])('%s', (_name, plan, become, stopAfter, expected) => {
    expect(play(plan, become, stopAfter)).toEqual(expected);
  });

  test('waits while a stage works', () => {
    const [first] = nextSteps(planOf('pipeline'), { runs: [], stopped: false, costUsd: 0 });
    for (const state of ['pending', 'running', 'waiting', 'cancelling'] as const)
      expect(
        nextSteps(planOf('pipeline'), { runs: runsOf(first, state), stopped: true, costUsd: 0 }),
      ).toEqual([]);
  });
});

describe('a route', () => {
  const says =
    (...texts: string[]) =>
    (key: string) => ({
      state: 'completed' as const,
      text: texts[Number(/route-(\d)/.exec(key)?.[1] ?? 0) - 1] ?? '',
    });
  test.each<[string, Parameters<typeof play>[1], string[]]>([
    ['goes to whom the leader names', says('{"member":"cleo"}'), ['route-1:ann', 'answer:cleo']],
    [
      'is asked for once more',
      says('Cleo, I guess.', '{"member":"ben"}'),
      ['route-1:ann', 'route-2:ann', 'answer:ben'],
    ],
    [
      'stays with a leader who names nobody',
      says('?', '{"member":"dora"}'),
      ['route-1:ann', 'route-2:ann', 'answer:ann'],
    ],
    [
      'is no choice of the leader itself',
      says('{"member":"ann"}', '{"member":"ann"}'),
      ['route-1:ann', 'route-2:ann', 'answer:ann'],
    ],
    ['fails with its leader', fails('route-1'), ['route-1:ann', 'answer:ann=skipped']],
  ])('%s', (_name, become, expected) => {
    expect(play(planOf('route'), become)).toEqual(expected);
  });

  test.each([
    ['{"member": "Ben"}', { member: 'ben' }],
    ['I choose:\n```json\n{"member":"ben"}\n```', { member: 'ben' }],
    ['{"member":"ben"} {"member":"ben"}', { member: 'ben' }],
    [
      '{"member":"ben"} or {"member":"cleo"}',
      { fault: 'The answer named 2 members; exactly one is wanted.' },
    ],
    ['{"member":"dora"}', { fault: 'There is no member "dora".' }],
    ['{"members":["ben"]}', { fault: 'The answer held no JSON object with the field "member".' }],
    [`${'{'.repeat(100_000)}`, { fault: 'The answer held no JSON object with the field "member".' }],
  ])('%.40s', (text, expected) => {
    expect(readRoute(text, ['ben', 'cleo'])).toEqual(expected);
  });
});

describe('a collaboration', () => {
  const round = (number: number) => [`round-${number}-2:ben`, `round-${number}-3:cleo`];
  test.each<[string, Partial<AnswerPlan>, Parameters<typeof play>[1], string[]]>([
    ['is rounds of all, then the leader', {}, all('completed'), [...round(1), ...round(2), 'answer:ann']],
    ['has as many rounds as the Team says', { rounds: 1 }, all('completed'), [...round(1), 'answer:ann']],
    [
      'goes on without a member that failed; one alone needs no further round',
      {},
      fails('round-1-2'),
      [...round(1), 'answer:ann'],
    ],
    [
      'keeps what was said when a later round fails',
      {},
      fails('round-2-2', 'round-2-3'),
      [...round(1), ...round(2), 'answer:ann'],
    ],
    [
      'fails when nobody could answer',
      {},
      fails('round-1-2', 'round-1-3'),
      [...round(1), 'answer:ann=failed'],
    ],
    ['is cancelled when every member was', {}, all('cancelled'), [...round(1), 'answer:ann=cancelled']],
    [
      'lets nobody else begin above its budget',
      { limits: { parallel: 8, delegations: 1, costUsd: 1 } },
      () => ({ state: 'completed', costUsd: 1 }),
      [...round(1), 'answer:ann=failed'],
    ],
  ])('%s', (_name, changes, become, expected) => {
    expect(play(planOf('collaborate', changes), become)).toEqual(expected);
  });

  test('no more at once than the limit, and the next as soon as one ends', () => {
    const plan = planOf('collaborate', { others: [0, 1, 2], limits: { parallel: 2, delegations: 1 } });
    const [first, second, ...more] = nextSteps(plan, { runs: [], stopped: false, costUsd: 0 });
    expect(more).toEqual([]);
    const working = [...runsOf(first, 'running'), ...runsOf(second, 'running')];
    expect(nextSteps(plan, { runs: working, stopped: false, costUsd: 0 })).toEqual([]);
    const oneEnded = [...runsOf(first, 'completed'), ...runsOf(second, 'running')];
    expect(
      nextSteps(plan, { runs: oneEnded, stopped: false, costUsd: 0 }).map(({ step }) => step.key),
    ).toEqual(['round-1-3']);
    expect(nextSteps(plan, { runs: oneEnded, stopped: true, costUsd: 0 })).toEqual([]);
  });

  test('says why nobody could answer', () => {
    const error = (message: string): RunError => ({ reason: 'ModelAuth', message, retryable: false });
    const plan = planOf('collaborate');
    const runs = nextSteps(plan, { runs: [], stopped: false, costUsd: 0 }).map(({ step }) => ({
      step,
      state: 'failed' as const,
      error: error('The key is wrong.'),
    }));
    const [answer] = nextSteps(plan, { runs, stopped: false, costUsd: 0 });
    expect(answer?.end?.error).toEqual(
      error('None of the 2 members could answer. ben: The key is wrong. cleo: The key is wrong.'),
    );
  });
});

test('a leader who delegates begins, and is the whole turn', () => {
  expect(play(planOf('coordinate'), all('completed'))).toEqual(['answer:ann']);
});

function runsOf(next: NextStep | undefined, state: ExecutionState): StepRun[] {
  return next ? [{ step: next.step, state }] : [];
}
