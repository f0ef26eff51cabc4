import type { ExecutionEvent } from '@wegent/api';
import type { ClaudeMessage } from './messages.ts';
import { toolResult } from './tool-result.ts';
import { toolTitle } from './tool-title.ts';

/** Turns messages of the agent into the events of one run. */
export interface TurnWriter {
  write(message: ClaudeMessage): void;
  /** Resolves once the tool call stands among the events. */
  called(toolUseId: string): Promise<void>;
  /** Ends what is still open: nothing more will come. */
  end(): void;
}

type Kind = 'text' | 'reasoning';

interface OpenBlock {
  blockId: string;
  kind: Kind;
  since: number;
  ended: boolean;
}

interface Call {
  blockId: string;
  since: number;
}

interface WriterOptions {
  attempt: number;
  workFolder: string;
  emit: (event: ExecutionEvent) => void;
}

/**
 * Makes the writer of one run; block ids are unique within the execution and attempt. Text of subagents is not written:
 * it comes back as the result of the tool that started them; their tool calls stand among the others, with the name of
 * the subagent before the title.
 */
export function createTurnWriter({ attempt, workFolder, emit }: WriterOptions): TurnWriter {
  const numbers = { t: 0, r: 0, c: 0 };
  const calls = new Map<string, Call>();
  const agents = new Map<string, string>();
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const seen = new Set<string>();
  // Blocks of the message that streams now, which no complete message has confirmed yet.
  let streaming: { messageId: string; blocks: Map<number, OpenBlock>; unconfirmed: OpenBlock[] } | undefined;

  const nextId = (letter: keyof typeof numbers) => `a${attempt}-${letter}${++numbers[letter]}`;
  const start = (kind: Kind): OpenBlock => {
    const blockId = nextId(kind === 'text' ? 't' : 'r');
    emit({ type: `${kind}-start`, blockId });
    return { blockId, kind, since: performance.now(), ended: false };
  };
  const finish = (block: OpenBlock) => {
    if (block.ended) return;
    block.ended = true;
    if (block.kind === 'text') emit({ type: 'text-end', blockId: block.blockId });
    else emit({ type: 'reasoning-end', blockId: block.blockId, durationMs: elapsed(block.since) });
  };
  // The connection broke: what no whole message has confirmed comes again, even after a stop event.
  const dropPartial = () => {
    for (const { blockId } of streaming?.unconfirmed ?? []) emit({ type: 'block-reset', blockId });
    streaming = undefined;
  };

  const stream = (event: Extract<ClaudeMessage, { type: 'stream_event' }>['event']) => {
    switch (event.type) {
      case 'message_start':
        dropPartial();
        streaming = { messageId: event.message.id, blocks: new Map(), unconfirmed: [] };
        return;
      case 'content_block_delta': {
        const text = event.delta.text ?? event.delta.thinking ?? '';
        if (!streaming || text === '') return;
        let block = streaming.blocks.get(event.index);
        if (!block) {
          block = start(event.delta.thinking === undefined ? 'text' : 'reasoning');
          streaming.blocks.set(event.index, block);
          streaming.unconfirmed.push(block);
        }
        emit({ type: `${block.kind}-delta`, blockId: block.blockId, text });
        return;
      }
      case 'content_block_stop': {
        const block = streaming?.blocks.get(event.index);
        if (block) finish(block);
        return;
      }
      default:
        return;
    }
  };

  const whole = (kind: Kind, messageId: string, text: string) => {
    if (streaming && streaming.messageId !== messageId) dropPartial();
    const index = streaming?.unconfirmed.findIndex((block) => block.kind === kind) ?? -1;
    const streamed = index < 0 ? undefined : streaming?.unconfirmed.splice(index, 1)[0];
    if (streamed) return finish(streamed);
    if (text === '') return;
    const block = start(kind);
    emit({ type: `${kind}-delta`, blockId: block.blockId, text });
    finish(block);
  };

  const call = (id: string, tool: string, input: unknown, parent: string | undefined) => {
    if (calls.has(id) || seen.has(id)) return;
    const title = toolTitle(tool, input, workFolder);
    const agent = parent === undefined ? undefined : agents.get(parent);
    if (tool === 'Agent' || tool === 'Task') agents.set(id, title.replace(/^Agent: /, ''));
    const blockId = nextId('c');
    calls.set(id, { blockId, since: performance.now() });
    seen.add(id);
    emit({
      type: 'tool-call',
      blockId,
      tool,
      title: agent === undefined ? title : `${agent} › ${title}`,
      input: input ?? {},
    });
    waiting.get(id)?.resolve();
    waiting.delete(id);
  };

  const assistant = (message: Extract<ClaudeMessage, { type: 'assistant' }>) => {
    const parent = message.parent_tool_use_id ?? undefined;
    for (const block of message.message.content) {
      if (block.type === 'tool_use' && block.id !== undefined && block.name !== undefined)
        call(block.id, block.name, block.input, parent);
      // What the agent says about a failed model call is the failure of the run and not an answer.
      if (parent !== undefined || message.error !== undefined) continue;
      if (block.type === 'text') whole('text', message.message.id, block.text ?? '');
      if (block.type === 'thinking') whole('reasoning', message.message.id, block.thinking ?? '');
    }
  };

  const user = (message: Extract<ClaudeMessage, { type: 'user' }>) => {
    const { content } = message.message;
    if (typeof content === 'string') return;
    for (const block of content) {
      const open = block.tool_use_id === undefined ? undefined : calls.get(block.tool_use_id);
      if (block.type !== 'tool_result' || block.tool_use_id === undefined || !open) continue;
      calls.delete(block.tool_use_id);
      const isError = block.is_error === true;
      const output = toolResult(block.content, message.tool_use_result, isError);
      emit({ type: 'tool-output', blockId: open.blockId, output, isError, durationMs: elapsed(open.since) });
    }
  };

  return {
    write: (message) => {
      if (message.type === 'stream_event' && !message.parent_tool_use_id) stream(message.event);
      if (message.type === 'assistant') assistant(message);
      if (message.type === 'user') user(message);
      if (message.type === 'system' && message.subtype === 'api_retry') dropPartial();
    },
    called: (toolUseId) => {
      if (seen.has(toolUseId)) return Promise.resolve();
      const wait = waiting.get(toolUseId) ?? Promise.withResolvers<void>();
      waiting.set(toolUseId, wait);
      return wait.promise;
    },
    end: () => {
      for (const block of streaming?.blocks.values() ?? []) finish(block);
      streaming = undefined;
      for (const { blockId, since } of calls.values()) {
        const output = 'The call was stopped before it had a result.';
        emit({ type: 'tool-output', blockId, output, isError: true, durationMs: elapsed(since) });
      }
      calls.clear();
    },
  };
}

function elapsed(since: number): number {
  return Math.round(performance.now() - since);
}
