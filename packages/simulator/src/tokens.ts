import type { Conversation, Part } from './conversation.ts';

/** One block of a model's turn. `input` of a tool call is its JSON text. */
export type Block =
  | { type: 'reasoning'; text: string }
  | { type: 'text'; text: string }
  | { type: 'tool-call'; name: string; input: string };

/** What the model does in one turn. `pace`, words per second, is set when the prompt asked for one. */
export interface Turn {
  blocks: Block[];
  stop: 'end' | 'tool' | 'length';
  pace: number | undefined;
}

/** Token counts of one exchange. `input` includes `cached` and `cacheWrite`, `output` includes `reasoning`. */
export interface Usage {
  input: number;
  cached: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
}

const WIDE = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u3000-\\u303f\\uff00-\\uffef';
const PIECE = new RegExp(`\\s*(?:[${WIDE}]|[^\\s${WIDE}]+)(?:\\s+$)?|^\\s+$`, 'gu');
const WIDE_CHARACTER = new RegExp(`[${WIDE}]`, 'gu');

/**
 * A block cut into what is streamed as one delta each and counts as one token: words (a Chinese
 * character is a word) or 16 characters of a tool's input. Joined they are the block's text.
 */
export function pieces(block: Block): string[] {
  if (block.type === 'tool-call') return block.input.match(/[\s\S]{1,16}/gu) ?? [];
  return block.text.match(PIECE) ?? [];
}

/** Cuts a turn off after `maxTokens` pieces; a tool call that does not fit whole is dropped. */
export function limitTurn(turn: Turn, maxTokens: number | undefined): Turn {
  if (maxTokens === undefined) return turn;
  const blocks: Block[] = [];
  let left = maxTokens;
  for (const block of turn.blocks) {
    const parts = pieces(block);
    if (parts.length <= left) {
      blocks.push(block);
      left -= parts.length;
      continue;
    }
    if (block.type !== 'tool-call' && left > 0)
      blocks.push({ ...block, text: parts.slice(0, left).join('') });
    return { ...turn, blocks, stop: 'length' };
  }
  return turn;
}

/** A text's size in tokens: a Chinese character is one, of anything else four characters are. */
export function textTokens(text: string): number {
  const wide = text.match(WIDE_CHARACTER)?.length ?? 0;
  return wide + Math.ceil((text.length - wide) / 4);
}

/** The size of a whole request in tokens. */
export function inputTokens(conversation: Conversation): number {
  const messages = conversation.messages.filter((message) => message.role !== 'system');
  const parts = messages.flatMap((message) => message.parts);
  const tools = conversation.tools.length === 0 ? 0 : textTokens(JSON.stringify(conversation.tools));
  const fixed = textTokens(conversation.system) + tools + messages.length * 3;
  return parts.reduce((sum, part) => sum + partTokens(part), fixed);
}

/**
 * Counts an exchange. Caching is told without memory: what stood before the last assistant message
 * must have been sent before, so it counts as read from the cache, in whole blocks of 128 tokens and
 * from 1,024 tokens on, as the providers do.
 */
export function countUsage(conversation: Conversation, turn: Turn): Usage {
  const input = inputTokens(conversation);
  const end = conversation.messages.findLastIndex((message) => message.role === 'assistant');
  const prefix =
    end < 0 ? 0 : inputTokens({ ...conversation, messages: conversation.messages.slice(0, end) });
  const cached = conversation.caching && prefix >= 1024 ? prefix - (prefix % 128) : 0;
  const cacheWrite = conversation.caching && input >= 1024 ? Math.floor((input - cached) / 128) * 128 : 0;
  const sizes = turn.blocks.map((block) => ({ type: block.type, size: pieces(block).length }));
  return {
    input,
    cached,
    cacheWrite,
    output: sizes.reduce((sum, block) => sum + block.size, 0),
    reasoning: sizes.reduce((sum, block) => sum + (block.type === 'reasoning' ? block.size : 0), 0),
  };
}

function partTokens(part: Part): number {
  switch (part.type) {
    case 'text':
    case 'tool-result':
      return textTokens(part.text);
    case 'tool-call':
      return textTokens(part.name) + 8;
    case 'image':
      return 256;
    case 'document':
      return Math.ceil((part.bytes ?? 0) / 40);
    default:
      return part satisfies never;
  }
}
