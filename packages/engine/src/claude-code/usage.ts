import { costOf, type ModelPricing, type Usage } from '@wegent/api';
import type { ClaudeModelUsage } from './messages.ts';

/**
 * What a turn used, over all models. Priced by the Model's own prices; without them by the agent's, where it knows the
 * model.
 */
export function usageOf(
  byModel: Record<string, ClaudeModelUsage>,
  pricing: ModelPricing | undefined,
): Usage | undefined {
  const all = Object.values(byModel);
  if (all.length === 0) return undefined;
  const sum = (read: (usage: ClaudeModelUsage) => number) =>
    all.reduce((total, usage) => total + Math.max(0, Math.round(read(usage))), 0);
  const tokens = {
    inputTokens: sum(
      (usage) => usage.inputTokens + usage.cacheReadInputTokens + usage.cacheCreationInputTokens,
    ),
    cachedInputTokens: sum((usage) => usage.cacheReadInputTokens),
    outputTokens: sum((usage) => usage.outputTokens),
    reasoningTokens: sum((usage) => usage.thinkingTokens),
  };
  const known = all.every((usage) => usage.costBasis !== 'unknown');
  const told = known ? all.reduce((total, usage) => total + usage.costUSD, 0) : null;
  return { ...tokens, costUsd: costOf(tokens, pricing) ?? told };
}
