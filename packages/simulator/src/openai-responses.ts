import {
  append,
  type Conversation,
  type Message,
  type Part,
  resultText,
  systemText,
  type ToolChoice,
} from './conversation.ts';
import { type Problem, RequestProblem } from './faults.ts';
import { isRecord, type Json, list, number, record, text } from './json.ts';
import { openaiError, openaiErrorObject } from './openai-error.ts';
import { type Protocol, readDataUrl, refuse } from './protocol.ts';
import { responseFrames, responseMessage } from './responses-render.ts';

/** The OpenAI Responses protocol. */
export const openaiResponses: Protocol = {
  name: 'openai-responses',
  parse,
  frames: responseFrames,
  message: responseMessage,
  error: openaiError,
  errorFrame,
};

function errorFrame(problem: Problem, position: number): { event: string; data: Json } {
  // The documentation has these fields at the top; the live service nests them, and SDKs look there.
  const fields = openaiErrorObject(problem);
  return { event: 'error', data: { type: 'error', sequence_number: position, error: fields } };
}

function parse(body: Json): Conversation {
  const input = body.input;
  if (typeof body.model !== 'string') refuse("Missing required parameter: 'model'.", 'model');
  if (typeof input !== 'string' && !Array.isArray(input))
    refuse("Missing required parameter: 'input'.", 'input');
  if (typeof body.previous_response_id === 'string') refusePrevious(body.previous_response_id);
  const messages: Message[] = [];
  if (typeof input === 'string') append(messages, 'user', [{ type: 'text', text: input }]);
  for (const item of list(input)) readItem(record(item), messages);
  const format = record(record(body.text).format);
  return {
    model: body.model,
    stream: body.stream === true,
    system: systemText(messages, text(body.instructions)),
    messages,
    tools: list(body.tools)
      .map(record)
      .filter((tool) => typeof tool.name === 'string')
      .map((tool) => ({
        name: text(tool.name),
        schema: record(tool.parameters),
      })),
    toolChoice: readChoice(body.tool_choice),
    schema: isRecord(format.schema) ? format.schema : format.type === 'json_object' ? {} : undefined,
    maxTokens: number(body.max_output_tokens),
    caching: true,
  };
}

function refusePrevious(id: string): never {
  const message = `Previous response with id '${id}' not found.`;
  throw new RequestProblem({ kind: 'invalid-request', status: 400, message, param: 'previous_response_id' });
}

function readItem(item: Json, messages: Message[]): void {
  switch (item.type ?? 'message') {
    case 'message': {
      const role = item.role;
      if (role === 'developer' || role === 'system') append(messages, 'system', readContent(item.content));
      else if (role === 'user' || role === 'assistant') append(messages, role, readContent(item.content));
      else refuse(`Invalid value: '${String(role)}'.`, 'input');
      break;
    }
    case 'function_call':
    case 'custom_tool_call':
      append(messages, 'assistant', [{ type: 'tool-call', name: text(item.name) }]);
      break;
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const result = resultText(readContent(item.output));
      append(messages, 'tool', [{ type: 'tool-result', text: result, isError: false }]);
      break;
    }
    // What an id refers to is not kept here; that the model did something is all that counts.
    case 'item_reference':
    case 'reasoning':
      append(messages, 'assistant', []);
      break;
    default:
      break;
  }
}

function readContent(content: unknown): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return list(content)
    .map(record)
    .flatMap((part): Part[] => {
      switch (part.type) {
        case 'input_text':
        case 'output_text':
        case 'text':
          return [{ type: 'text', text: text(part.text) }];
        case 'input_image': {
          const image = readDataUrl(text(part.image_url));
          return [{ type: 'image', mediaType: image.mediaType ?? 'image', bytes: image.bytes }];
        }
        case 'input_file': {
          const { mediaType, bytes } = readDataUrl(text(part.file_data));
          return [
            { type: 'document', name: text(part.filename) || 'file', mediaType: mediaType ?? 'file', bytes },
          ];
        }
        default:
          return [];
      }
    });
}

function readChoice(choice: unknown): ToolChoice {
  if (choice === 'none' || choice === 'required') return choice;
  const name = record(choice).name;
  if (typeof name === 'string') return { name };
  return record(choice).mode === 'required' ? 'required' : 'auto';
}
