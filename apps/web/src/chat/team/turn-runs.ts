import type { Block, ExecutionState, RunFold, TurnOutline } from '@wegent/api';

/** What a run is for, as people see it. */
export type RunRole =
  | { kind: 'stage'; index: number; count: number }
  | { kind: 'gate'; to: string }
  | { kind: 'choosing' | 'chosen' | 'leader' | 'summary' | 'delegated' }
  | { kind: 'voice'; round: number; rounds: number };

/** A run of a Team's turn, begun or still to come, and what was given away by it. */
export interface TurnRun {
  /** Unique in the turn. */
  key: string;
  member: string;
  role: RunRole;
  /** `expected`: it will begin if the turn comes that far. */
  state: ExecutionState | 'expected';
  run: RunFold | undefined;
  /** What the leader asked for. */
  instruction?: string;
  /** Whom a leader chose; null when it named nobody. */
  chose?: string | null;
  inner: readonly TurnRun[];
}

/** What of an answer the runs are read from. */
export interface TurnState {
  turn: TurnOutline;
  runs: readonly RunFold[];
  blocks: readonly Block[];
  /** Nothing more is to come. */
  settled: boolean;
}

/** The runs of a Team's turn in the order of its mode, with those that are still to come. Pure. */
export function turnRuns(state: TurnState): TurnRun[] {
  const { mode } = state.turn;
  switch (mode) {
    case 'pipeline':
      return pipeline(state);
    case 'route':
      return route(state);
    case 'collaborate':
      return collaborate(state);
    case 'coordinate':
    case 'solo':
      return coordinate(state);
  }
}

/** The runs one after the other, inner ones behind the one that they belong to. */
export function flatRuns(runs: readonly TurnRun[]): TurnRun[] {
  return runs.flatMap((run) => [run, ...run.inner]);
}

/** Does somebody work on it now? */
export function isAtWork({ state }: Pick<TurnRun, 'state'>): boolean {
  return state === 'running' || state === 'waiting' || state === 'cancelling';
}

function pipeline({ turn, runs, settled }: TurnState): TurnRun[] {
  const count = turn.members.length;
  return turn.members.flatMap(({ name }, index): TurnRun[] => {
    const stage = runs.find(({ step }) => step?.key === `stage-${index + 1}`);
    const gate = runs.find(({ step }) => step?.key === `gate-${index + 1}`);
    const to = turn.members[index + 1]?.name ?? '';
    return [
      ...(stage || !settled
        ? [entry(`stage-${index + 1}`, name, { kind: 'stage', index: index + 1, count }, stage)]
        : []),
      ...(gate ? [entry(`gate-${index + 1}`, name, { kind: 'gate', to }, gate)] : []),
    ];
  });
}

function route({ turn, runs, blocks, settled }: TurnState): TurnRun[] {
  const choices = runs.filter(({ step }) => step?.kind === 'route');
  const given = givenAway(runs, blocks);
  const answer = runs.find(({ step }) => step?.kind === 'answer');
  const leader = leaderOf(turn);
  const answering = answer?.step?.member ?? '';
  const chosen = answer && answering !== leader;
  return [
    ...(choices.length === 0 && !answer && !settled
      ? [entry('route-1', leader, { kind: 'choosing' }, undefined)]
      : []),
    ...choices.map((run, index): TurnRun => {
      const isNewest = index === choices.length - 1;
      const wasRead = answer !== undefined || !isNewest;
      return {
        ...entry(run.step?.key ?? run.executionId, run.step?.member ?? leader, { kind: 'choosing' }, run),
        ...(wasRead && run.state === 'completed' ? { chose: isNewest && chosen ? answering : null } : {}),
      };
    }),
    ...(answer
      ? [{ ...entry('answer', answering, { kind: chosen ? 'chosen' : 'leader' }, answer), inner: given }]
      : []),
  ];
}

function collaborate({ turn, runs, blocks, settled }: TurnState): TurnRun[] {
  const { rounds = 1 } = turn;
  const voices = runs.filter(({ step }) => step?.kind === 'member');
  const role = (round: number): RunRole => ({ kind: 'voice', round, rounds });
  const begun = voices.map((run) =>
    entry(run.step?.key ?? run.executionId, run.step?.member ?? '', role(run.step?.round ?? 1), run),
  );
  const missing = turn.members.filter(
    ({ name, leader }) =>
      !leader && !voices.some(({ step }) => step?.member === name && (step.round ?? 1) === 1),
  );
  const answer = runs.find(({ step }) => step?.kind === 'answer');
  // An engine that runs the whole Team has no rounds of ours.
  const expected =
    settled || answer ? [] : missing.map(({ name }) => entry(`round-1 ${name}`, name, role(1), undefined));
  const rank = new Map(turn.members.map(({ name }, index) => [name, index]));
  const order = ({ role: own, member }: TurnRun) =>
    (own.kind === 'voice' ? own.round : 0) * 1000 + (rank.get(member) ?? 999);
  return [
    ...[...begun, ...expected].toSorted((left, right) => order(left) - order(right)),
    ...(answer || !settled
      ? [
          {
            ...entry('answer', answer?.step?.member ?? leaderOf(turn), { kind: 'summary' }, answer),
            inner: givenAway(runs, blocks),
          },
        ]
      : []),
  ];
}

function coordinate({ turn, runs, blocks, settled }: TurnState): TurnRun[] {
  const answer = runs.find(({ step }) => step?.kind === 'answer');
  const inner = givenAway(runs, blocks);
  if (!answer && settled && inner.length === 0) return [];
  const member = answer?.step?.member ?? leaderOf(turn);
  return [{ ...entry('answer', member, { kind: 'leader' }, answer), inner }];
}

/** What a leader gave away, or what members did inside its run. */
function givenAway(runs: readonly RunFold[], blocks: readonly Block[]): TurnRun[] {
  return runs
    .filter(({ step }) => step?.kind === 'delegate')
    .map((run): TurnRun => {
      const told = blocks.find((block) => block.type === 'child' && block.blockId === run.executionId);
      return {
        ...entry(run.executionId, run.step?.member ?? '', { kind: 'delegated' }, run),
        ...(told?.type === 'child' ? { instruction: told.instruction } : {}),
      };
    });
}

function entry(key: string, member: string, role: RunRole, run: RunFold | undefined): TurnRun {
  return { key, member, role, state: run?.state ?? 'expected', run, inner: [] };
}

function leaderOf({ members }: TurnOutline): string {
  return (members.find(({ leader }) => leader) ?? members[0])?.name ?? '';
}
