import type { Block, RunFold, RunStep, TurnOutline } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { speakingRun } from './speaking-run.ts';
import { flatRuns, type TurnRun, turnRuns } from './turn-runs.ts';

const bot = { name: 'bot', namespace: 'default' };

function outline(mode: TurnOutline['mode'], leader?: string, more: Partial<TurnOutline> = {}): TurnOutline {
  const members = ['ann', 'ben', 'cleo'].map((name) => ({
    name,
    bot,
    shellType: 'Chat' as const,
    leader: name === leader,
  }));
  return { mode, members, ...more };
}

function run(
  kind: RunStep['kind'],
  key: string,
  member: string,
  state: RunFold['state'],
  more: Partial<RunFold> & { round?: number } = {},
): RunFold {
  const { round, ...rest } = more;
  const step = {
    key,
    kind,
    member,
    last: key === 'answer' || key === 'stage-3',
    ...(round ? { round } : {}),
  };
  return { executionId: `id-${key}`, state, attempt: 1, step, bot, ...rest };
}

function text(executionId: string, words: string): Block {
  return { type: 'text', executionId, blockId: `b-${executionId}`, text: words, done: true };
}

const shown = (runs: readonly TurnRun[]) =>
  flatRuns(runs).map(({ member, role, state }) => `${member} ${role.kind} ${state}`);

const state = (turn: TurnOutline, runs: RunFold[], settled = false, blocks: Block[] = []) => ({
  turn,
  runs,
  blocks,
  settled,
});

describe('turnRuns', () => {
  it('a pipeline shows what is to come, and a gate when it is there', () => {
    const runs = [run('stage', 'stage-1', 'ann', 'completed'), run('gate', 'gate-1', 'ann', 'waiting')];
    expect(shown(turnRuns(state(outline('pipeline'), runs)))).toEqual([
      'ann stage completed',
      'ann gate waiting',
      'ben stage expected',
      'cleo stage expected',
    ]);
    expect(shown(turnRuns(state(outline('pipeline'), runs, true)))).toEqual([
      'ann stage completed',
      'ann gate waiting',
    ]);
  });

  it('a route says whom the leader chose', () => {
    const turn = outline('route', 'ann');
    expect(shown(turnRuns(state(turn, [])))).toEqual(['ann choosing expected']);
    const first = run('route', 'route-1', 'ann', 'completed');
    expect(turnRuns(state(turn, [first]))[0]?.chose).toBeUndefined();
    const again = run('route', 'route-2', 'ann', 'completed');
    const runs = turnRuns(state(turn, [first, again, run('answer', 'answer', 'cleo', 'running')]));
    expect(shown(runs)).toEqual(['ann choosing completed', 'ann choosing completed', 'cleo chosen running']);
    expect(runs.map(({ chose }) => chose)).toEqual([null, 'cleo', undefined]);
    const itself = turnRuns(state(turn, [first, again, run('answer', 'answer', 'ann', 'running')]));
    expect(itself.map(({ chose }) => chose)).toEqual([null, null, undefined]);
    expect(itself.at(-1)?.role.kind).toBe('leader');
  });

  it('a collaboration goes by rounds, in the order of the members', () => {
    const turn = outline('collaborate', 'ann', { rounds: 2 });
    const runs = [
      run('member', 'round-1-3', 'cleo', 'completed', { round: 1 }),
      run('member', 'round-2-3', 'cleo', 'running', { round: 2 }),
      run('member', 'round-1-2', 'ben', 'failed', { round: 1 }),
    ];
    expect(shown(turnRuns(state(turn, runs)))).toEqual([
      'ben voice failed',
      'cleo voice completed',
      'cleo voice running',
      'ann summary expected',
    ]);
    expect(shown(turnRuns(state(turn, [])))).toEqual([
      'ben voice expected',
      'cleo voice expected',
      'ann summary expected',
    ]);
  });

  it('what a leader gave away stands under it, with what it asked for', () => {
    const turn = outline('coordinate', 'ann');
    const runs = [
      run('answer', 'answer', 'ann', 'running'),
      run('delegate', 'delegate-x', 'ben', 'running', { parentExecutionId: 'id-answer' }),
    ];
    const child: Block = {
      type: 'child',
      executionId: 'id-answer',
      blockId: 'id-delegate-x',
      bot,
      instruction: 'Look.',
    };
    const [leader] = turnRuns(state(turn, runs, false, [child]));
    expect(leader?.inner).toMatchObject([{ member: 'ben', instruction: 'Look.', state: 'running' }]);
    expect(turnRuns(state(turn, [], true))).toEqual([]);
  });
});

describe('members that work inside the run of their leader', () => {
  it.each(['route', 'collaborate', 'coordinate'] as const)(
    'stand under it in a %s, and nobody else is expected',
    (mode) => {
      const inside = run('delegate', 'inside-x', 'ben', 'running', {
        parentExecutionId: 'id-answer',
        inside: true,
      });
      const runs = turnRuns(state(outline(mode, 'ann'), [run('answer', 'answer', 'ann', 'running'), inside]));
      expect(runs).toHaveLength(1);
      expect(runs[0]).toMatchObject({ member: 'ann', inner: [{ member: 'ben', state: 'running' }] });
    },
  );
});

describe('speakingRun', () => {
  const stages = [
    run('stage', 'stage-1', 'ann', 'completed'),
    run('stage', 'stage-2', 'ben', 'failed'),
    run('stage', 'stage-3', 'cleo', 'skipped'),
  ];
  const blocks = [text('id-stage-1', 'First.'), text('id-stage-2', 'Half')];

  it('is the last step once it has begun', () => {
    const begun = stages.with(2, run('stage', 'stage-3', 'cleo', 'running'));
    expect(speakingRun({ runs: begun, blocks, status: 'running' })?.executionId).toBe('id-stage-3');
    const before = stages.with(2, run('stage', 'stage-3', 'cleo', 'pending'));
    expect(speakingRun({ runs: before, blocks, status: 'running' })).toBeUndefined();
  });

  it('is the newest that said something when the turn is over', () => {
    expect(speakingRun({ runs: stages, blocks, status: 'failed' })?.executionId).toBe('id-stage-2');
    const silent = stages.with(2, run('stage', 'stage-3', 'cleo', 'failed'));
    expect(speakingRun({ runs: silent, blocks: [], status: 'failed' })?.executionId).toBe('id-stage-3');
  });
});
