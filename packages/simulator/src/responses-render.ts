import { type Json, list, record } from './json.ts';
import type { Frame, Reply } from './protocol.ts';
import { type Block, pieces, type Usage } from './tokens.ts';

/** The answer of the Responses protocol to a request without streaming. */
export function responseMessage(reply: Reply): Json {
  return finished(reply);
}

/** The event stream of the Responses protocol; every event carries its number. */
export function* responseFrames(reply: Reply): Generator<Frame> {
  let position = 0;
  for (const frame of events(reply)) {
    const { type, ...fields } = frame.data;
    yield { ...frame, data: { type, sequence_number: position++, ...fields } };
  }
}

interface EventFrame extends Frame {
  data: Json;
}

function* events(reply: Reply): Generator<EventFrame> {
  const begun = envelope(reply, 'in_progress');
  yield event('response.created', { response: begun });
  yield event('response.in_progress', { response: begun });
  for (const [index, block] of reply.turn.blocks.entries()) {
    yield event('response.output_item.added', { output_index: index, item: openItem(reply, block, index) });
    yield* blockEvents(reply, block, index);
    yield event('response.output_item.done', { output_index: index, item: doneItem(reply, block, index) });
  }
  const type = reply.turn.stop === 'length' ? 'response.incomplete' : 'response.completed';
  yield event(type, { response: finished(reply) });
}

function blockEvents(reply: Reply, block: Block, index: number): Generator<EventFrame> {
  const place = { item_id: itemId(reply, block, index), output_index: index };
  switch (block.type) {
    case 'reasoning':
      return reasoningEvents(block, place);
    case 'text':
      return textEvents(block, place);
    case 'tool-call':
      return argumentEvents(block, place);
    default:
      return block satisfies never;
  }
}

function* reasoningEvents(block: Block & { type: 'reasoning' }, item: Json): Generator<EventFrame> {
  const place = { ...item, summary_index: 0 };
  yield event('response.reasoning_summary_part.added', {
    ...place,
    part: { type: 'summary_text', text: '' },
  });
  for (const delta of pieces(block)) yield word('response.reasoning_summary_text.delta', { ...place, delta });
  yield event('response.reasoning_summary_text.done', { ...place, text: block.text });
  yield event('response.reasoning_summary_part.done', {
    ...place,
    part: { type: 'summary_text', text: block.text },
  });
}

function* textEvents(block: Block & { type: 'text' }, item: Json): Generator<EventFrame> {
  const place = { ...item, content_index: 0 };
  yield event('response.content_part.added', { ...place, part: textPart('') });
  for (const delta of pieces(block))
    yield word('response.output_text.delta', { ...place, delta, logprobs: [] });
  yield event('response.output_text.done', { ...place, text: block.text, logprobs: [] });
  yield event('response.content_part.done', { ...place, part: textPart(block.text) });
}

function* argumentEvents(block: Block & { type: 'tool-call' }, place: Json): Generator<EventFrame> {
  for (const delta of pieces(block))
    yield word('response.function_call_arguments.delta', { ...place, delta });
  yield event('response.function_call_arguments.done', {
    ...place,
    name: block.name,
    arguments: block.input,
  });
}

function event(type: string, fields: Json): EventFrame {
  return { event: type, data: { type, ...fields } };
}

function word(type: string, fields: Json): EventFrame {
  return { ...event(type, fields), word: true };
}

const ITEM_PREFIX: Record<Block['type'], string> = { reasoning: 'rs_', text: 'msg_', 'tool-call': 'fc_' };

function itemId(reply: Reply, block: Block, index: number): string {
  return reply.id(ITEM_PREFIX[block.type], index);
}

function textPart(text: string): Json {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

function openItem(reply: Reply, block: Block, index: number): Json {
  const item = doneItem(reply, block, index);
  switch (block.type) {
    case 'reasoning':
      return { ...item, summary: [] };
    case 'text':
      return { ...item, status: 'in_progress', content: [] };
    case 'tool-call':
      return { ...item, status: 'in_progress', arguments: '' };
    default:
      return block satisfies never;
  }
}

function doneItem(reply: Reply, block: Block, index: number): Json {
  const id = itemId(reply, block, index);
  switch (block.type) {
    case 'reasoning': {
      const encrypted = list(reply.request.include).includes('reasoning.encrypted_content');
      const summary = [{ type: 'summary_text', text: block.text }];
      return {
        id,
        type: 'reasoning',
        summary,
        ...(encrypted ? { encrypted_content: reply.id('sealed-', index) } : {}),
      };
    }
    case 'text':
      return { id, type: 'message', status: 'completed', role: 'assistant', content: [textPart(block.text)] };
    case 'tool-call': {
      const callId = reply.id('call_', index);
      return {
        id,
        type: 'function_call',
        status: 'completed',
        call_id: callId,
        name: block.name,
        arguments: block.input,
      };
    }
    default:
      return block satisfies never;
  }
}

function finished(reply: Reply): Json {
  const cut = reply.turn.stop === 'length';
  return {
    ...envelope(reply, cut ? 'incomplete' : 'completed'),
    incomplete_details: cut ? { reason: 'max_output_tokens' } : null,
    output: reply.turn.blocks.map((block, index) => doneItem(reply, block, index)),
    usage: usageOf(reply.usage),
  };
}

function usageOf(usage: Usage): Json {
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cached },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output,
  };
}

/** The response object; it repeats what the request set. */
function envelope(reply: Reply, status: string): Json {
  const { request } = reply;
  const reasoning = record(request.reasoning);
  return {
    id: reply.id('resp_'),
    object: 'response',
    created_at: reply.created,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: null,
    metadata: record(request.metadata),
    model: reply.conversation.model,
    output: [],
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort: reasoning.effort ?? null, summary: reasoning.summary ?? null },
    service_tier: 'default',
    store: request.store ?? true,
    temperature: request.temperature ?? 1,
    text: request.text ?? { format: { type: 'text' } },
    tool_choice: request.tool_choice ?? 'auto',
    tools: list(request.tools),
    top_p: request.top_p ?? 1,
    truncation: request.truncation ?? 'disabled',
    usage: null,
    user: null,
  };
}
