import { setImmediate } from 'node:timers/promises';
import { countTokens, loadTokenizer } from './count-tokens.ts';

/** What a message weighs. */
export interface Weighable {
  text: string;
  images: number;
}

/** The part of a conversation that fits; `fits` is false when not even the current message does. */
export interface Fitted<Item> {
  fits: boolean;
  kept: Item[];
  /** How many of the oldest messages were left out. */
  dropped: number;
  /** Tokens of what has to be sent anyway; an upper bound where everything fits. */
  fixedTokens: number;
}

const IMAGE_TOKENS = 1_600;
/** Names, roles and separators around a message. */
const MESSAGE_TOKENS = 8;
/** Other tokenizers than ours make more of the same text. */
const MARGIN = 1.1;
/** Characters after which other work gets its turn. */
const YIELD_EVERY = 50_000;

/**
 * Drops the oldest messages of `history` until it fits into `budget` tokens together with `fixed`, what is always
 * sent: system prompt, tools, the current message.
 */
export async function fitHistory<Item extends Weighable>(options: {
  fixed: readonly Weighable[];
  history: readonly Item[];
  budget: number;
}): Promise<Fitted<Item>> {
  const { fixed, history, budget } = options;
  // No tokenizer makes more tokens than bytes, so most conversations need none.
  const bound = sum(fixed, weightAtMost);
  if (bound + sum(history, weightAtMost) <= budget) {
    return { fits: true, kept: [...history], dropped: 0, fixedTokens: bound };
  }
  const encode = await loadTokenizer();
  const weight = ({ text, images }: Weighable) =>
    Math.ceil(countTokens(text, encode) * MARGIN) + images * IMAGE_TOKENS + MESSAGE_TOKENS;
  const fixedTokens = sum(fixed, weight);
  if (fixedTokens > budget) return { fits: false, kept: [], dropped: history.length, fixedTokens };

  let left = budget - fixedTokens;
  let start = history.length;
  let counted = 0;
  for (const message of history.toReversed()) {
    left -= weight(message);
    if (left < 0) break;
    start--;
    counted += message.text.length;
    if (counted > YIELD_EVERY) {
      counted = 0;
      await setImmediate();
    }
  }
  return { fits: true, kept: history.slice(start), dropped: start, fixedTokens };
}

function weightAtMost({ text, images }: Weighable): number {
  return Buffer.byteLength(text) + images * IMAGE_TOKENS + MESSAGE_TOKENS;
}

function sum(items: readonly Weighable[], weight: (item: Weighable) => number): number {
  return items.reduce((total, item) => total + weight(item), 0);
}
