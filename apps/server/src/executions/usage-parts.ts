import { addUsage, NO_USAGE, type SequencedEvent, type Usage } from '@wegent/api';
import type { ExecutionRow } from '@wegent/store';
import { RunOptions } from '../chat/turn-options.ts';
import type { AnswerPlan } from './answer-plan.ts';
import { stepId } from './execution-row.ts';

/** What a run used, or a member inside it, for the books. */
export interface UsagePart {
  execution: ExecutionRow;
  executionId: string;
  bot: string;
  model: string;
  usage: Usage;
}

/**
 * Takes apart what a run used: what members inside it used stands under their own Bots and Models, what is left under
 * the run's. Together it is what the run used. Pure.
 */
export function usageParts(
  execution: ExecutionRow,
  { plan, events }: { plan: AnswerPlan | undefined; events: readonly SequencedEvent[] },
): UsagePart[] {
  const model = RunOptions.parse(execution.options).model ?? '';
  const whole = { execution, executionId: execution.id, bot: execution.bot.name, model };
  if (!plan?.native) return [{ ...whole, usage: execution.usage ?? NO_USAGE }];
  const used = new Map<string | undefined, Usage>();
  for (const { executionId, event } of events) {
    if (executionId !== execution.id || event.type !== 'usage') continue;
    const { type: _type, member, ...usage } = event;
    const name = plan.members.some((each) => each.name === member) ? member : undefined;
    used.set(name, addUsage(used.get(name) ?? NO_USAGE, usage));
  }
  return [
    { ...whole, usage: used.get(undefined) ?? NO_USAGE },
    ...plan.members.flatMap(({ name, bot, model: own = '' }): UsagePart[] => {
      const usage = used.get(name);
      const executionId = stepId(execution.messageId, { key: `inside-${execution.id}-${name}` });
      return usage ? [{ execution, executionId, bot: bot.name, model: own, usage }] : [];
    }),
  ];
}
