import { type ExecutionState, isFinal, type Outcome, type RunError, type RunStep } from '@wegent/api';
import type { AnswerPlan } from './answer-plan.ts';
import { readRoute } from './route-choice.ts';

/** A run of an answer, as far as the plan depends on it. */
export interface StepRun {
  step: RunStep;
  state: ExecutionState;
  error?: RunError | null;
  /** What it said; known of `route` steps that are over. */
  text?: string;
}

/** How far a turn is. */
export interface TurnState {
  runs: readonly StepRun[];
  /** Somebody stopped the whole turn. */
  stopped: boolean;
  /** What it has cost so far. */
  costUsd: number;
}

/** A step that shall begin: the member by its index in the plan. */
export interface NextStep {
  step: RunStep;
  member: number;
  /** With it the step is over before it begins, and no engine hears of it. */
  end?: { outcome: Outcome; error?: RunError };
}

/** Goes on with the turn of a Team: what begins now. Nothing begins while it waits, and when it is over. Pure. */
export function nextSteps(plan: AnswerPlan, turn: TurnState): NextStep[] {
  const runs = new Map(turn.runs.map((run) => [run.step.key, run]));
  if (plan.native) return alone(plan, turn, runs);
  switch (plan.mode) {
    case 'pipeline':
      return pipeline(plan, turn, runs);
    case 'route':
      return route(plan, turn, runs);
    case 'collaborate':
      return collaborate(plan, turn, runs);
    case 'coordinate':
      return alone(plan, turn, runs);
  }
}

type Runs = ReadonlyMap<string, StepRun>;

function pipeline(plan: AnswerPlan, turn: TurnState, runs: Runs): NextStep[] {
  const stages = plan.members.map((_member, index) => stage(plan, index));
  for (const index of stages.keys()) {
    const run = runs.get(stageKey(index));
    const rest = stages.slice(index);
    if (!run) return orEnd(plan, turn, rest.slice(0, 1), rest.slice(1));
    if (!isFinal(run.state)) return [];
    const later = rest.slice(1).filter(({ step }) => !runs.has(step.key));
    if (later.length === 0) continue;
    if (run.state !== 'completed') return skipped(later);
    if (!plan.members[index]?.requireConfirmation) continue;
    const gate = runs.get(gateKey(index));
    if (!gate) return orEnd(plan, turn, [gateAfter(plan, index)], later);
    if (!isFinal(gate.state)) return [];
    if (gate.state !== 'completed') return skipped(later);
  }
  return [];
}

/** One step is the turn: whoever leads, or its engine, knows what the others do. */
function alone(plan: AnswerPlan, turn: TurnState, runs: Runs): NextStep[] {
  return runs.has('answer') ? [] : orEnd(plan, turn, [answerStep(plan, plan.leader)]);
}

function route(plan: AnswerPlan, turn: TurnState, runs: Runs): NextStep[] {
  if (runs.has('answer')) return [];
  for (const attempt of [1, 2]) {
    const run = runs.get(`route-${attempt}`);
    if (!run) return orEnd(plan, turn, [routeStep(plan, attempt)], [answerStep(plan, plan.leader)]);
    if (!isFinal(run.state)) return [];
    if (run.state !== 'completed') return skipped([answerStep(plan, plan.leader)]);
    const choice = readRoute(run.text ?? '', namesOf(plan));
    const member =
      'member' in choice ? plan.others.find((other) => isNamed(plan, other, choice.member)) : undefined;
    if (member !== undefined) return orEnd(plan, turn, [answerStep(plan, member)]);
  }
  return orEnd(plan, turn, [answerStep(plan, plan.leader)]);
}

function collaborate(plan: AnswerPlan, turn: TurnState, runs: Runs): NextStep[] {
  if (runs.has('answer')) return [];
  let speaking: readonly number[] = plan.others;
  for (let round = 1; round <= plan.rounds; round++) {
    const runOf = (member: number) => runs.get(roundKey(round, member));
    const missing = speaking.filter((member) => !runOf(member));
    const active = speaking.filter((member) => {
      const state = runOf(member)?.state;
      return state !== undefined && !isFinal(state);
    });
    if (missing.length > 0) {
      const now = missing.slice(0, Math.max(0, plan.limits.parallel - active.length));
      if (now.length > 0)
        return orEnd(
          plan,
          turn,
          now.map((member) => voice(plan, round, member)),
          [answerStep(plan, plan.leader)],
        );
    }
    if (missing.length + active.length > 0) return [];
    const answered = speaking.filter((member) => runOf(member)?.state === 'completed');
    if (answered.length === 0) {
      if (round > 1) break;
      return [{ ...answerStep(plan, plan.leader), end: nobodyAnswered(plan, turn.runs) }];
    }
    speaking = answered;
    // Who is alone has nobody to hear.
    if (speaking.length === 1) break;
  }
  return orEnd(plan, turn, [answerStep(plan, plan.leader)]);
}

/**
 * The steps, unless the turn ends here: then the first of them is what it ends with, and the others that were to come
 * are skipped. So every turn has its last step, and what became of that is what became of the answer.
 */
function orEnd(plan: AnswerPlan, turn: TurnState, steps: NextStep[], later: NextStep[] = []): NextStep[] {
  const end = endOf(plan, turn);
  if (!end) return steps;
  if (turn.runs.some(({ state }) => !isFinal(state))) return [];
  const all = [...steps, ...later].filter(({ step }) => step.kind !== 'gate');
  // Of many voices none begins: the answer alone says how the turn ended.
  const told = all.some(({ step }) => step.kind === 'member' || step.kind === 'route') ? all.slice(-1) : all;
  return [...told.slice(0, 1).map((step) => ({ ...step, end })), ...skipped(told.slice(1))];
}

function endOf(plan: AnswerPlan, { stopped, costUsd }: TurnState): NextStep['end'] | undefined {
  if (stopped) return { outcome: 'cancelled' };
  const limit = plan.limits.costUsd;
  if (limit === undefined || costUsd < limit) return undefined;
  return {
    outcome: 'failed',
    error: {
      reason: 'BudgetExceeded',
      message: `This turn has cost $${costUsd.toFixed(4)}, and the Team may spend $${limit} on one (limits.costUsd), so it was ended. Raise the limit, or ask for less at once.`,
      retryable: false,
    },
  };
}

function skipped(steps: readonly NextStep[]): NextStep[] {
  return steps.map((step) => ({ ...step, end: { outcome: 'skipped' } }));
}

function nobodyAnswered(plan: AnswerPlan, runs: readonly StepRun[]): NonNullable<NextStep['end']> {
  const failed = runs.filter(({ state }) => state === 'failed');
  const [first] = failed;
  if (!first) return { outcome: 'cancelled' };
  const why = failed.map(({ step, error }) => `${step.member}: ${error?.message ?? 'no reason given'}`);
  return {
    outcome: 'failed',
    error: {
      reason: first.error?.reason ?? 'Internal',
      message: `None of the ${plan.others.length} members could answer. ${[...new Set(why)].join(' ')}`,
      retryable: failed.some(({ error }) => error?.retryable === true),
    },
  };
}

function stage(plan: AnswerPlan, member: number): NextStep {
  return {
    member,
    step: stepOf(plan, member, {
      key: stageKey(member),
      kind: 'stage',
      last: member === plan.members.length - 1,
    }),
  };
}

function gateAfter(plan: AnswerPlan, index: number): NextStep {
  return { member: index, step: stepOf(plan, index, { key: gateKey(index), kind: 'gate', last: false }) };
}

function routeStep(plan: AnswerPlan, attempt: number): NextStep {
  return {
    member: plan.leader,
    step: stepOf(plan, plan.leader, { key: `route-${attempt}`, kind: 'route', last: false }),
  };
}

function voice(plan: AnswerPlan, round: number, member: number): NextStep {
  return {
    member,
    step: stepOf(plan, member, { key: roundKey(round, member), kind: 'member', round, last: false }),
  };
}

function answerStep(plan: AnswerPlan, member: number): NextStep {
  return { member, step: stepOf(plan, member, { key: 'answer', kind: 'answer', last: true }) };
}

function stepOf(plan: AnswerPlan, member: number, step: Omit<RunStep, 'member'>): RunStep {
  return { ...step, member: plan.members[member]?.name ?? '' };
}

/** Names of those whom the leader can choose. */
export function namesOf(plan: AnswerPlan): string[] {
  return plan.others.flatMap((index) => plan.members[index]?.name ?? []);
}

/** The key of a stage, by the index of its member. */
export function stageKey(index: number): string {
  return `stage-${index + 1}`;
}

/** The key of what a member says in a round. */
export function roundKey(round: number, member: number): string {
  return `round-${round}-${member + 1}`;
}

function gateKey(index: number): string {
  return `gate-${index + 1}`;
}

function isNamed(plan: AnswerPlan, index: number, name: string): boolean {
  return plan.members[index]?.name === name;
}
