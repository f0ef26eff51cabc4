import type { Json } from './json.ts';

/** One piece of a message, whatever protocol it came by. `bytes` is undefined for things given by URL or id. */
export type Part =
  | { type: 'text'; text: string }
  | { type: 'image'; mediaType: string; bytes: number | undefined }
  | { type: 'document'; name: string; mediaType: string; bytes: number | undefined }
  | { type: 'tool-call'; name: string }
  | { type: 'tool-result'; text: string; isError: boolean };

/** A message of the conversation; what a model said in one turn is one assistant message. */
export interface Message {
  role: 'system' | 'user' | 'assistant' | 'tool';
  parts: Part[];
}

/** A tool that the request offers to the model. */
export interface Tool {
  name: string;
  schema: Json;
}

/** What the request says about tool use: free, forbidden, some tool, or this tool. */
export type ToolChoice = 'auto' | 'none' | 'required' | { name: string };

/** A request to the model in no protocol's words. */
export interface Conversation {
  model: string;
  stream: boolean;
  system: string;
  messages: Message[];
  tools: Tool[];
  toolChoice: ToolChoice;
  /** JSON schema that the answer must fit; `{}` when any JSON object will do. */
  schema: Json | undefined;
  maxTokens: number | undefined;
  /** Whether the caller asked for prompt caching, or the provider caches by itself. */
  caching: boolean;
}

/** Something a user wrote, and the index of the message it stands in. */
export interface Utterance {
  index: number;
  text: string;
}

/**
 * Everything users wrote, oldest first; the last is the prompt. Clients merge consecutive user
 * messages into one with several text blocks, so each block counts by itself. Blocks that an agent
 * wraps around the prompt (`<system-reminder>…`, `<attachment>…`) are context, not utterances,
 * unless a message has nothing else.
 */
export function utterances(conversation: Conversation): Utterance[] {
  return conversation.messages.flatMap((message, index) => {
    if (message.role !== 'user') return [];
    const texts = message.parts
      .flatMap((part) => (part.type === 'text' ? [part.text.trim()] : []))
      .filter(Boolean);
    const spoken = texts.filter((text) => !isContext(text)).map(withoutReminders);
    const besideResults = message.parts.some((part) => part.type === 'tool-result');
    return (spoken.length > 0 || besideResults ? spoken : texts.slice(-1)).map((text) => ({ index, text }));
  });
}

/** The last thing a user wrote; in a conversation without any, an empty one before all messages. */
export function promptOf(conversation: Conversation): Utterance {
  return utterances(conversation).at(-1) ?? { index: -1, text: '' };
}

/** How many turns the model has already made since the prompt: the index of the turn now wanted. */
export function roundOf(conversation: Conversation): number {
  const { index } = promptOf(conversation);
  return conversation.messages.slice(index + 1).filter((message) => message.role === 'assistant').length;
}

/** The tool results given since the model's last turn, in order. */
export function lastResults(conversation: Conversation): Extract<Part, { type: 'tool-result' }>[] {
  const start = conversation.messages.findLastIndex((message) => message.role === 'assistant');
  const parts = conversation.messages.slice(start + 1).flatMap((message) => message.parts);
  return parts.filter((part) => part.type === 'tool-result');
}

/** The tools the model may call now. */
export function offeredTools(conversation: Conversation): Tool[] {
  return conversation.toolChoice === 'none' ? [] : conversation.tools;
}

/** Adds to the last message when that is of the same role, as one turn may come in several items. */
export function append(messages: Message[], role: Message['role'], parts: Part[]): void {
  const last = messages.at(-1);
  if (last?.role === role && role === 'assistant') last.parts.push(...parts);
  else messages.push({ role, parts });
}

/** The content of a tool's result as one text. */
export function resultText(parts: Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n');
}

/** The text of all system messages, wherever they stand. */
export function systemText(messages: Message[], first = ''): string {
  const texts = messages
    .filter((message) => message.role === 'system')
    .flatMap((message) => message.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])));
  return [first, ...texts].filter(Boolean).join('\n\n');
}

// Claude Code delivers a skill's text as a user block beside the result of the Skill tool.
const SKILL_BODY = 'Base directory for this skill:';
const WRAPPED = /^<([\w-]+)[^>]*>[\s\S]*<\/\1>$/;

function isContext(text: string): boolean {
  return text.startsWith(SKILL_BODY) || WRAPPED.test(text);
}

function withoutReminders(text: string): string {
  if (!text.includes('</system-reminder>')) return text;
  return text.replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '').trim();
}
