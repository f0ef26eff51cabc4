import { z } from 'zod';
import type { ModelPricing } from './kinds/model.ts';

/** Tokens and cost of a run, a message or a task. */
export const Usage = z.object({
  inputTokens: z.number().int().min(0).describe('All input tokens, cached ones among them.'),
  cachedInputTokens: z.number().int().min(0),
  outputTokens: z.number().int().min(0).describe('All output tokens, reasoning among them.'),
  reasoningTokens: z.number().int().min(0),
  costUsd: z.number().min(0).nullable().describe('US dollars; null where the price is not known.'),
});
export type Usage = z.infer<typeof Usage>;

/** Nothing used. */
export const NO_USAGE: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  costUsd: null,
};

/** Adds two usages. An unknown cost beside a known one leaves the known one. */
export function addUsage(left: Usage, right: Usage): Usage {
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    cachedInputTokens: left.cachedInputTokens + right.cachedInputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    reasoningTokens: left.reasoningTokens + right.reasoningTokens,
    costUsd:
      left.costUsd === null && right.costUsd === null ? null : (left.costUsd ?? 0) + (right.costUsd ?? 0),
  };
}

/** What is left of a usage without a part of it; never less than nothing. */
export function withoutUsage(whole: Usage, part: Usage): Usage {
  const left = (name: Exclude<keyof Usage, 'costUsd'>) => Math.max(0, whole[name] - part[name]);
  return {
    inputTokens: left('inputTokens'),
    cachedInputTokens: left('cachedInputTokens'),
    outputTokens: left('outputTokens'),
    reasoningTokens: left('reasoningTokens'),
    costUsd: whole.costUsd === null ? null : Math.max(0, whole.costUsd - (part.costUsd ?? 0)),
  };
}

/** Cost in US dollars by a price list, or null where input or output has no price. */
export function costOf(usage: Omit<Usage, 'costUsd'>, pricing: ModelPricing | undefined): number | null {
  if (pricing?.input === undefined || pricing.output === undefined) return null;
  const fresh = Math.max(0, usage.inputTokens - usage.cachedInputTokens);
  const cached = pricing.cachedInput ?? pricing.input;
  return (
    (fresh * pricing.input + usage.cachedInputTokens * cached + usage.outputTokens * pricing.output) /
    1_000_000
  );
}
