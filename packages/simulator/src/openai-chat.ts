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
import { isRecord, type Json, list, number, record, text } from './json.ts';
import { openaiError, openaiErrorObject } from './openai-error.ts';
import { base64Bytes, type Frame, type Protocol, type Reply, readDataUrl, refuse } from './protocol.ts';
import { type Block, pieces, type Turn, type Usage } from './tokens.ts';

/** The OpenAI Chat Completions protocol, which most other providers speak too. */
export const openaiChat: Protocol = {
  name: 'openai-chat',
  parse,
  frames,
  message,
  error: openaiError,
  errorFrame: (problem: Problem): Frame => ({ data: { error: openaiErrorObject(problem) } }),
};

function parse(body: Json): Conversation {
  if (typeof body.model !== 'string') refuse('you must provide a model parameter', 'model');
  if (!Array.isArray(body.messages)) refuse("Missing required parameter: 'messages'.", 'messages');
  if (list(body.messages).length === 0) refuse("[] is too short - 'messages'", 'messages');
  const messages: Message[] = [];
  for (const [index, entry] of list(body.messages).entries()) {
    const { role, parts } = readMessage(record(entry), index);
    append(messages, role, parts);
  }
  const format = record(body.response_format);
  const schema = record(format.json_schema).schema;
  return {
    model: body.model,
    stream: body.stream === true,
    system: systemText(messages),
    messages,
    tools: list(body.tools)
      .map((tool) => record(record(tool).function))
      .filter((tool) => typeof tool.name === 'string')
      .map((tool) => ({
        name: text(tool.name),
        schema: record(tool.parameters),
      })),
    toolChoice: readChoice(body.tool_choice),
    schema: isRecord(schema) ? schema : format.type === 'json_object' ? {} : undefined,
    maxTokens: number(body.max_completion_tokens) ?? number(body.max_tokens),
    caching: true,
  };
}

function readMessage(entry: Json, index: number): Message {
  const parts = readContent(entry.content);
  switch (entry.role) {
    case 'system':
    case 'developer':
      return { role: 'system', parts };
    case 'user':
      return { role: 'user', parts };
    case 'assistant': {
      const calls = list(entry.tool_calls).map((call) => text(record(record(call).function).name));
      return {
        role: 'assistant',
        parts: [...parts, ...calls.map((name): Part => ({ type: 'tool-call', name }))],
      };
    }
    case 'tool':
      return { role: 'tool', parts: [{ type: 'tool-result', text: resultText(parts), isError: false }] };
    default:
      return refuse(
        `Invalid value: '${String(entry.role)}'. Supported values are: 'system', 'assistant', 'user', 'tool', and 'developer'.`,
        `messages[${index}].role`,
      );
  }
}

function readContent(content: unknown): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return list(content)
    .map(record)
    .flatMap((part): Part[] => {
      switch (part.type) {
        case 'text':
          return [{ type: 'text', text: text(part.text) }];
        case 'image_url': {
          const image = readDataUrl(text(record(part.image_url).url));
          return [{ type: 'image', mediaType: image.mediaType ?? 'image', bytes: image.bytes }];
        }
        case 'file': {
          const file = record(part.file);
          const { mediaType, bytes } = readDataUrl(text(file.file_data));
          return [
            { type: 'document', name: text(file.filename) || 'file', mediaType: mediaType ?? 'file', bytes },
          ];
        }
        case 'input_audio': {
          const audio = record(part.input_audio);
          const mediaType = `audio/${text(audio.format) || 'wav'}`;
          return [{ type: 'document', name: 'audio', mediaType, bytes: base64Bytes(text(audio.data)) }];
        }
        default:
          return [];
      }
    });
}

function readChoice(choice: unknown): ToolChoice {
  if (choice === 'none' || choice === 'required') return choice;
  const name = record(record(choice).function).name;
  return typeof name === 'string' ? { name } : 'auto';
}

const FINISH: Record<Turn['stop'], string> = { end: 'stop', tool: 'tool_calls', length: 'length' };

function usageOf(usage: Usage): Json {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function envelope(reply: Reply, object: string): Json {
  return {
    id: reply.id('chatcmpl-'),
    object,
    created: reply.created,
    model: reply.conversation.model,
    service_tier: 'default',
    system_fingerprint: 'fp_simulator',
  };
}

function message(reply: Reply): Json {
  const { blocks, stop } = reply.turn;
  const joined = (type: 'text' | 'reasoning'): string =>
    blocks.flatMap((block) => (block.type === type ? [block.text] : [])).join('\n\n');
  const calls = blocks.flatMap((block, index) =>
    block.type === 'tool-call'
      ? [
          {
            id: reply.id('call_', index),
            type: 'function',
            function: { name: block.name, arguments: block.input },
          },
        ]
      : [],
  );
  const reasoning = joined('reasoning');
  const answer = {
    role: 'assistant',
    content: joined('text') || null,
    refusal: null,
    annotations: [],
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  const choice = { index: 0, message: answer, logprobs: null, finish_reason: FINISH[stop] };
  return { ...envelope(reply, 'chat.completion'), choices: [choice], usage: usageOf(reply.usage) };
}

function* frames(reply: Reply): Generator<Frame> {
  const withUsage = record(reply.request.stream_options).include_usage === true;
  const base = { ...envelope(reply, 'chat.completion.chunk'), ...(withUsage ? { usage: null } : {}) };
  const chunk = (delta: Json, finish: string | null = null): Frame => ({
    data: { ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] },
  });
  // An empty text, unlike none, makes clients begin a text block.
  const opening = reply.turn.blocks[0]?.type === 'text' ? '' : null;
  yield chunk({ role: 'assistant', content: opening, refusal: null });
  let calls = 0;
  for (const [index, block] of reply.turn.blocks.entries()) {
    const call = calls;
    if (block.type === 'tool-call') {
      const opened = { name: block.name, arguments: '' };
      yield chunk({
        tool_calls: [{ index: calls++, id: reply.id('call_', index), type: 'function', function: opened }],
      });
    }
    // This protocol has one text and one reasoning per message: blocks of them are joined.
    const again = reply.turn.blocks.slice(0, index).some((earlier) => earlier.type === block.type);
    if (again && block.type !== 'tool-call') yield chunk(deltaOf(block, '\n\n', call));
    for (const piece of pieces(block)) yield { ...chunk(deltaOf(block, piece, call)), word: true };
  }
  yield chunk({}, FINISH[reply.turn.stop]);
  if (withUsage) yield { data: { ...base, choices: [], usage: usageOf(reply.usage) } };
  yield { data: '[DONE]' };
}

function deltaOf(block: Block, piece: string, call: number): Json {
  if (block.type === 'text') return { content: piece };
  if (block.type === 'reasoning') return { reasoning_content: piece };
  return { tool_calls: [{ index: call, function: { arguments: piece } }] };
}
