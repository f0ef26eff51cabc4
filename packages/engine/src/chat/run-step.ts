import { costOf, type ModelEndpoint, type TaskOptions } from '@wegent/api';
import { isStepCount, type ModelMessage, parsePartialJson, streamText } from 'ai';
import type { Turn } from '../engine.ts';
import { callSettingsOf } from './call-settings.ts';
import { StreamInterrupted } from './failure-rules.ts';
import type { ChatTools } from './mcp-tools.ts';
import type { StepWriter } from './step-writer.ts';
import { type ProviderModel, type ProviderPart, tapModel } from './tap-model.ts';
import { compactOutput } from './tool-output.ts';

/** One call of the model, with the tools that it calls. */
export interface StepInput {
  model: ProviderModel;
  endpoint: ModelEndpoint;
  options: TaskOptions;
  systemPrompt: string;
  messages: ModelMessage[];
  tools: ChatTools;
  turn: Pick<Turn, 'emit' | 'ready' | 'touch' | 'signal'>;
  writer: StepWriter;
}

/** What the step adds to the conversation, and whether the model waits for a further step. */
export interface StepResult {
  messages: ModelMessage[];
  continues: boolean;
}

/** Streams one step into events. Rejects with whatever the provider, the network or an abort threw. */
export async function runStep(input: StepInput): Promise<StepResult> {
  const { turn, writer, endpoint, tools } = input;
  const stop = new AbortController();
  const result = streamText({
    model: tapModel(input.model, async (part) => {
      // A step that has ended must not write into the one that follows.
      if (stop.signal.aborted) return;
      turn.touch();
      await writePart(part, input);
      await turn.ready();
    }),
    ...(input.systemPrompt === '' ? {} : { instructions: input.systemPrompt }),
    messages: input.messages,
    tools: tools.set,
    stopWhen: isStepCount(1),
    // Repeated by `withRetries`, which can say so and take back what was written.
    maxRetries: 0,
    abortSignal: AbortSignal.any([turn.signal, stop.signal]),
    ...callSettingsOf(endpoint, input.options),
    onError: () => undefined,
  });
  let finishReason: string | undefined;
  try {
    for await (const part of result.stream) {
      turn.touch();
      await turn.ready();
      switch (part.type) {
        case 'tool-result':
          if (part.preliminary !== true)
            writer.toolOutput({
              callId: part.toolCallId,
              output: compactOutput(part.output),
              isError: false,
            });
          break;
        case 'tool-error':
          writer.toolOutput({ callId: part.toolCallId, output: errorText(part.error), isError: true });
          break;
        case 'finish-step':
          finishReason = part.finishReason;
          break;
        case 'error':
          throw part.error;
        case 'abort':
          turn.signal.throwIfAborted();
          throw new StreamInterrupted();
        default:
          break;
      }
    }
  } finally {
    // After an error in the midst of a stream the connection would stay open.
    stop.abort();
  }
  turn.signal.throwIfAborted();
  if (finishReason === undefined || finishReason === 'interrupted' || finishReason === 'error')
    throw new StreamInterrupted();
  writer.endAll();
  warnAboutEnd(finishReason, input);
  return { messages: await result.responseMessages, continues: writer.calledTool };
}

/** Writes what the model says, in its order; results of tools and the end come from the SDK. */
async function writePart(part: ProviderPart, { writer, tools, turn, endpoint }: StepInput): Promise<void> {
  switch (part.type) {
    case 'text-delta':
      return writer.text(part.id, part.delta);
    case 'reasoning-delta':
      return writer.reasoning(part.id, part.delta);
    case 'text-end':
    case 'reasoning-end':
      return writer.end(part.id);
    case 'tool-call':
      return writer.toolCall({
        callId: part.toolCallId,
        tool: part.toolName,
        title: tools.titleOf(part.toolName),
        input: await parseInput(part.input),
      });
    case 'finish':
      // The model has been paid for now, however long the tools take that it called.
      return turn.emit({ type: 'usage', ...usageOf(part.usage, endpoint) });
    default:
      return;
  }
}

/** A tool's input as the SDK reads it; text that is no JSON stays text. */
async function parseInput(text: string): Promise<unknown> {
  if (text.trim() === '') return {};
  const { value, state } = await parsePartialJson(text);
  return state === 'successful-parse' ? value : text;
}

function usageOf(
  { inputTokens, outputTokens }: Extract<ProviderPart, { type: 'finish' }>['usage'],
  endpoint: ModelEndpoint,
) {
  const tokens = {
    inputTokens: inputTokens.total ?? 0,
    cachedInputTokens: inputTokens.cacheRead ?? 0,
    outputTokens: outputTokens.total ?? 0,
    reasoningTokens: outputTokens.reasoning ?? 0,
  };
  return { ...tokens, costUsd: costOf(tokens, endpoint.pricing) };
}

function warnAboutEnd(finishReason: string, { turn, endpoint }: StepInput): void {
  if (finishReason === 'length') {
    const message = `The answer was cut off: “${endpoint.name}” had reached the length that one answer may have. Ask it to go on.`;
    turn.emit({ type: 'warning', code: 'OutputTruncated', message });
  }
  if (finishReason === 'content-filter') {
    const message = `The provider of “${endpoint.name}” ended the answer because of its content rules.`;
    turn.emit({ type: 'warning', code: 'ContentFiltered', message });
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
