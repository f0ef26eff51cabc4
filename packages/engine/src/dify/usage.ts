import { costOf, type ModelPricing, type Usage } from '@wegent/api';
import { numberIn, recordIn, textIn } from './dify-event.ts';

/** Sums up what a run used. */
export type UsageSum = ReturnType<typeof createUsageSum>;

/**
 * Dify tells the same in several places, and some of them hold zeros: the figures of the message come first, then
 * those of the nodes, then the total of the workflow, which knows no input and output.
 */
export function createUsageSum(pricing: ModelPricing | undefined) {
  let message: Record<string, unknown> = {};
  let workflowTokens = 0;
  const nodes = { input: 0, output: 0, total: 0, cost: 0 };

  return {
    ofMessage: (metadata: Record<string, unknown> | undefined) => {
      message = recordIn(metadata, 'usage');
    },
    ofNode(data: Record<string, unknown>): void {
      // What runs within an iteration is part of the total of the iteration.
      if (textIn(data, 'iteration_id') !== '' || textIn(data, 'loop_id') !== '') return;
      const metadata = recordIn(data, 'execution_metadata');
      const usage = recordIn(recordIn(data, 'process_data'), 'usage');
      nodes.total += numberIn(metadata, 'total_tokens');
      nodes.input += numberIn(usage, 'prompt_tokens');
      nodes.output += numberIn(usage, 'completion_tokens');
      nodes.cost += dollars(metadata);
    },
    ofWorkflow: (data: Record<string, unknown>) => {
      workflowTokens = numberIn(data, 'total_tokens');
    },
    /** What it all came to, if anything is known. */
    total(): Usage | undefined {
      const input = numberIn(message, 'prompt_tokens');
      const output = numberIn(message, 'completion_tokens');
      if (input + output > 0) return usageOf(input, output, dollars(message));
      const total = Math.max(workflowTokens, nodes.total, numberIn(message, 'total_tokens'));
      if (total === 0) return undefined;
      const split = nodes.input + nodes.output === total;
      return usageOf(split ? nodes.input : total, split ? nodes.output : 0, dollars(message) || nodes.cost);
    },
  };

  function usageOf(input: number, output: number, cost: number): Usage {
    const tokens = {
      inputTokens: Math.round(input),
      cachedInputTokens: 0,
      outputTokens: Math.round(output),
      reasoningTokens: 0,
    };
    return { ...tokens, costUsd: cost > 0 ? cost : costOf(tokens, pricing) };
  }
}

/** Prices are decimals as text, in the currency of the provider. */
function dollars(usage: Record<string, unknown>): number {
  return textIn(usage, 'currency') === 'USD' ? numberIn(usage, 'total_price') : 0;
}
