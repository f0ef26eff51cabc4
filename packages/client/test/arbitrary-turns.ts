import type { ExecutionEvent } from '@wegent/api';
import fc from 'fast-check';
import type { Turn } from './scripted-task.ts';

interface RunPlan {
  actions: ExecutionEvent[][];
  attempts: number;
  finish: ExecutionEvent;
  child: boolean;
}

const text = fc.string({ maxLength: 5 });

// Groups of events that belong together; block ids repeat on purpose between runs, never within one.
const action = fc.oneof(
  fc.tuple(fc.constantFrom('text', 'reasoning'), fc.array(text, { maxLength: 4 }), fc.boolean()),
  fc.constantFrom(
    'tool',
    'open-tool',
    'approval',
    'question',
    'log',
    'phase',
    'warning',
    'usage',
    'files',
    'reset',
  ),
);

const finish: fc.Arbitrary<ExecutionEvent> = fc.oneof(
  fc.constant<ExecutionEvent>({ type: 'finish', outcome: 'completed' }),
  fc.constant<ExecutionEvent>({ type: 'finish', outcome: 'cancelled' }),
  fc.constant<ExecutionEvent>({
    type: 'finish',
    outcome: 'failed',
    error: { reason: 'ModelOverloaded', message: 'Try again later.', retryable: true },
  }),
);

const runPlan: fc.Arbitrary<RunPlan> = fc.record({
  actions: fc
    .array(action, { maxLength: 5 })
    .map((actions) => actions.map((chosen, index) => eventsOf(chosen, String(index)))),
  attempts: fc.constantFrom(1, 1, 1, 2),
  finish,
  child: fc.boolean(),
});

/** Conversations of several turns; a turn has one or two runs whose events are mixed, and some runs start others. */
export const arbitraryTurns: fc.Arbitrary<Turn[]> = fc
  .array(
    fc.tuple(
      fc.array(runPlan, { minLength: 1, maxLength: 2 }),
      fc.array(fc.nat(1), { minLength: 1, maxLength: 12 }),
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((turns) => turns.map(([plans, order], turn) => mixRuns(plans, order, turn)));

function mixRuns(plans: readonly RunPlan[], order: readonly number[], turn: number): Turn {
  const runs = plans.map((_plan, index) => `execution-${turn}-${index}`);
  const logs = plans.map((plan, index) => eventsOfRun(plan, `execution-${turn}-${index}`));
  const events: { executionId: string; event: ExecutionEvent }[] = [];
  // The first event of each run keeps the planned order, as the server starts them in that order.
  for (const log of logs) {
    const start = log.shift();
    if (start) events.push(start);
  }
  for (let step = 0; logs.some((log) => log.length > 0); step += 1) {
    const log = logs[(order[step % order.length] ?? 0) % logs.length];
    const next = (log && log.length > 0 ? log : logs.find((other) => other.length > 0))?.shift();
    if (next) events.push(next);
  }
  return { runs, events };
}

function eventsOfRun(plan: RunPlan, executionId: string): { executionId: string; event: ExecutionEvent }[] {
  const own = (event: ExecutionEvent) => ({ executionId, event });
  const bot = { name: 'bot', namespace: 'default' };
  const start = (attempt: number) => own({ type: 'run-start', executionId, attempt, bot, shellType: 'Chat' });
  const attempts = Array.from({ length: plan.attempts }, (_value, attempt) => [
    start(attempt + 1),
    ...(attempt === 0 ? [] : plan.actions.flat().flatMap(resetOf)).map(own),
    ...plan.actions.flat().map(own),
  ]);
  return [...attempts.flat(), ...(plan.child ? childEvents(executionId) : []), own(plan.finish)];
}

function childEvents(parent: string): { executionId: string; event: ExecutionEvent }[] {
  const executionId = `${parent}-child`;
  const bot = { name: 'helper', namespace: 'default' };
  return [
    { executionId: parent, event: { type: 'child-start', executionId, bot, instruction: 'help' } },
    { executionId, event: { type: 'run-start', executionId, attempt: 1, bot, shellType: 'Chat' } },
    { executionId, event: { type: 'text-start', blockId: 'text-0' } },
    { executionId, event: { type: 'text-delta', blockId: 'text-0', text: 'done' } },
    { executionId, event: { type: 'finish', outcome: 'completed' } },
    { executionId: parent, event: { type: 'child-end', executionId, outcome: 'completed' } },
  ];
}

function resetOf(event: ExecutionEvent): ExecutionEvent[] {
  return event.type === 'text-start' || event.type === 'reasoning-start' || event.type === 'tool-call'
    ? [{ type: 'block-reset', blockId: event.blockId }]
    : [];
}

function eventsOf(chosen: string | [string, string[], boolean], index: string): ExecutionEvent[] {
  if (typeof chosen !== 'string') {
    const [kind, parts, ends] = chosen;
    const blockId = `${kind}-${index}`;
    if (kind === 'reasoning') {
      return [
        { type: 'reasoning-start', blockId },
        ...parts.map((part): ExecutionEvent => ({ type: 'reasoning-delta', blockId, text: part })),
        ...(ends ? [{ type: 'reasoning-end', blockId, durationMs: 5 } as const] : []),
      ];
    }
    return [
      { type: 'text-start', blockId },
      ...parts.map((part): ExecutionEvent => ({ type: 'text-delta', blockId, text: part })),
      ...(ends ? [{ type: 'text-end', blockId } as const] : []),
    ];
  }
  const id = `${chosen}-of-${index}`;
  const call = { type: 'tool-call', blockId: id, tool: 'read', title: 'Read', input: { path: 'a' } } as const;
  switch (chosen) {
    case 'tool':
      return [call, { type: 'tool-output', blockId: id, output: 'ok', isError: false, durationMs: 3 }];
    case 'open-tool':
      return [call];
    case 'approval':
      return [
        { type: 'approval-request', approvalId: id, tool: 'bash', title: 'Run', input: {}, reason: 'asks' },
        { type: 'approval-decided', approvalId: id, decision: 'allow', by: 'ann' },
      ];
    case 'question':
      return [
        { type: 'question', questionId: id, questions: [{ id: 'q', text: 'Which?' }] },
        { type: 'question-answered', questionId: id, answers: { q: 'this' } },
      ];
    case 'log':
      return [{ type: 'log', stream: 'stdout', text: 'line\n' }];
    case 'phase':
      return [{ type: 'phase', text: `phase ${index}` }];
    case 'warning':
      return [{ type: 'warning', code: 'slow', message: 'slow' }];
    case 'usage':
      return [
        {
          type: 'usage',
          inputTokens: 3,
          cachedInputTokens: 1,
          outputTokens: 2,
          reasoningTokens: 0,
          costUsd: null,
        },
      ];
    case 'files':
      return [{ type: 'files-changed', files: [{ path: 'a', status: 'added', additions: 1, deletions: 0 }] }];
    default:
      return [{ type: 'block-reset', blockId: 'text-0' }];
  }
}
