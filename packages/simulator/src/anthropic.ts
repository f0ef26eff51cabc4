import {
  append,
  type Conversation,
  type Message,
  type Part,
  resultText,
  systemText,
  type ToolChoice,
} from './conversation.ts';
import type { Problem } from './faults.ts';
import { isRecord, type Json, list, number, parseJson, record, text } from './json.ts';
import { base64Bytes, type Frame, type Protocol, type Reply, refuse } from './protocol.ts';
import { type Block, pieces, type Turn, type Usage } from './tokens.ts';

/** The Anthropic Messages protocol. */
export const anthropic: Protocol = { name: 'anthropic', parse, frames, message, error, errorFrame };

function parse(body: Json): Conversation {
  if (typeof body.model !== 'string') refuse('model: Field required');
  if (number(body.max_tokens) === undefined) refuse('max_tokens: Field required');
  if (!Array.isArray(body.messages)) refuse('messages: Field required');
  if (list(body.messages).length === 0) refuse('messages: at least one message is required');
  const messages: Message[] = [];
  for (const [index, entry] of list(body.messages).entries()) {
    const role = record(entry).role;
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      refuse(`messages.${index}.role: Input should be 'user' or 'assistant'`);
    }
    append(messages, role, readContent(record(entry).content));
  }
  const schema = record(record(body.output_config).format ?? body.output_format).schema;
  return {
    model: body.model,
    stream: body.stream === true,
    system: systemText(messages, typeof body.system === 'string' ? body.system : joinText(body.system)),
    messages,
    tools: list(body.tools)
      .map(record)
      .filter((tool) => typeof tool.name === 'string')
      .map((tool) => ({
        name: text(tool.name),
        schema: record(tool.input_schema),
      })),
    toolChoice: readChoice(record(body.tool_choice)),
    schema: isRecord(schema) ? schema : undefined,
    maxTokens: number(body.max_tokens),
    caching: asksForCaching(body),
  };
}

function asksForCaching(body: Json): boolean {
  const contents = list(body.messages).flatMap((entry) => list(record(entry).content));
  const blocks = [body, ...list(body.system), ...list(body.tools), ...contents];
  return blocks.some((block) => isRecord(record(block).cache_control));
}

function readContent(content: unknown): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return list(content).map(record).flatMap(readBlock);
}

function readBlock(block: Json): Part[] {
  const source = record(block.source);
  const bytes = typeof source.data === 'string' ? base64Bytes(source.data) : undefined;
  switch (block.type) {
    case 'text':
      return [{ type: 'text', text: text(block.text) }];
    case 'image':
      return [{ type: 'image', mediaType: text(source.media_type) || 'image', bytes }];
    case 'document': {
      const plain = source.type === 'text';
      return [
        {
          type: 'document',
          name: text(block.title) || 'document',
          mediaType: text(source.media_type) || 'application/pdf',
          bytes: plain ? Buffer.byteLength(text(source.data)) : bytes,
        },
      ];
    }
    case 'tool_use':
      return [{ type: 'tool-call', name: text(block.name) }];
    case 'tool_result':
      return [
        {
          type: 'tool-result',
          text: resultText(readContent(block.content)),
          isError: block.is_error === true,
        },
      ];
    default:
      return [];
  }
}

function readChoice(choice: Json): ToolChoice {
  if (choice.type === 'tool') return { name: text(choice.name) };
  if (choice.type === 'any') return 'required';
  return choice.type === 'none' ? 'none' : 'auto';
}

function joinText(blocks: unknown): string {
  return list(blocks)
    .map((block) => text(record(block).text))
    .filter(Boolean)
    .join('\n\n');
}

const STOP: Record<Turn['stop'], string> = { end: 'end_turn', tool: 'tool_use', length: 'max_tokens' };

function envelope(reply: Reply): Json {
  return { id: reply.id('msg_'), type: 'message', role: 'assistant', model: reply.conversation.model };
}

function usageOf(usage: Usage, output: number): Json {
  return {
    input_tokens: usage.input - usage.cached - usage.cacheWrite,
    cache_creation_input_tokens: usage.cacheWrite,
    cache_read_input_tokens: usage.cached,
    output_tokens: output,
    service_tier: 'standard',
  };
}

function finalUsage(usage: Usage): Json {
  return { ...usageOf(usage, usage.output), output_tokens_details: { thinking_tokens: usage.reasoning } };
}

function message(reply: Reply): Json {
  const content = reply.turn.blocks.map((block, index) => {
    if (block.type === 'text') return { type: 'text', text: block.text };
    if (block.type === 'reasoning')
      return { type: 'thinking', thinking: block.text, signature: signature(reply, index) };
    return { ...openBlock(block, reply, index), input: record(parseJson(block.input)) };
  });
  return {
    ...envelope(reply),
    content,
    stop_reason: STOP[reply.turn.stop],
    stop_sequence: null,
    usage: finalUsage(reply.usage),
  };
}

function* frames(reply: Reply): Generator<Frame> {
  const start = { ...envelope(reply), content: [], stop_reason: null, stop_sequence: null };
  yield event('message_start', { message: { ...start, usage: usageOf(reply.usage, 1) } });
  yield event('ping', {});
  for (const [index, block] of reply.turn.blocks.entries()) {
    yield event('content_block_start', { index, content_block: openBlock(block, reply, index) });
    for (const piece of pieces(block)) {
      yield { ...event('content_block_delta', { index, delta: deltaOf(block, piece) }), word: true };
    }
    if (block.type === 'reasoning') {
      yield event('content_block_delta', {
        index,
        delta: { type: 'signature_delta', signature: signature(reply, index) },
      });
    }
    yield event('content_block_stop', { index });
  }
  const delta = { stop_reason: STOP[reply.turn.stop], stop_sequence: null };
  yield event('message_delta', { delta, usage: finalUsage(reply.usage) });
  yield event('message_stop', {});
}

function event(type: string, data: Json): Frame {
  return { event: type, data: { type, ...data } };
}

function openBlock(block: Block, reply: Reply, index: number): Json {
  if (block.type === 'text') return { type: 'text', text: '' };
  if (block.type === 'reasoning') return { type: 'thinking', thinking: '', signature: '' };
  return { type: 'tool_use', id: reply.id('toolu_', index), name: block.name, input: {} };
}

function deltaOf(block: Block, piece: string): Json {
  if (block.type === 'text') return { type: 'text_delta', text: piece };
  if (block.type === 'reasoning') return { type: 'thinking_delta', thinking: piece };
  return { type: 'input_json_delta', partial_json: piece };
}

function signature(reply: Reply, index: number): string {
  return Buffer.from(reply.id('signature-', index)).toString('base64');
}

const ERRORS: Record<Problem['kind'], { type: string; message: string }> = {
  'invalid-request': { type: 'invalid_request_error', message: 'The request is invalid' },
  authentication: { type: 'authentication_error', message: 'invalid x-api-key' },
  permission: {
    type: 'permission_error',
    message: 'Your API key does not have permission to use the specified resource',
  },
  'not-found': { type: 'not_found_error', message: 'Not found' },
  'too-large': { type: 'request_too_large', message: 'Request exceeds the maximum size' },
  'rate-limit': {
    type: 'rate_limit_error',
    message: "This request would exceed your organization's rate limit",
  },
  overloaded: { type: 'overloaded_error', message: 'Overloaded' },
  server: { type: 'api_error', message: 'Internal server error' },
  context: { type: 'invalid_request_error', message: 'prompt is too long: 204800 tokens > 200000 maximum' },
};

function errorBody(problem: Problem): Json {
  const known = ERRORS[problem.kind];
  return { type: 'error', error: { type: known.type, message: problem.message ?? known.message } };
}

function error(problem: Problem): { status: number; body: Json } {
  return { status: problem.status, body: errorBody(problem) };
}

function errorFrame(problem: Problem): Frame {
  return { event: 'error', data: errorBody(problem) };
}
