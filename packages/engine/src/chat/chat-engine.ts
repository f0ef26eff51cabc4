import type { ExecutionSpec } from '@wegent/api';
import type { Engine, Turn } from '../engine.ts';
import { openInputDesk } from '../input-desk.ts';
import { createOutbound, type Outbound } from '../outbound.ts';
import { RunFailure } from '../run-failure.ts';
import { createApproval } from './approve-call.ts';
import { buildConversation } from './conversation.ts';
import { withDelegation } from './delegate-tool.ts';
import { languageModelOf } from './language-model.ts';
import type { StdioCommand } from './mcp-stdio.ts';
import { type ChatTools, connectMcpTools } from './mcp-tools.ts';
import { runStep } from './run-step.ts';
import { createStepWriter } from './step-writer.ts';
import { withRetries } from './with-retries.ts';

/** Settings of the Chat engine. */
export interface ChatEngineOptions {
  /** Pauses before a failed model call is repeated, in milliseconds; as many as there are retries. */
  retryDelaysMs?: readonly number[];
  /** Time that an MCP server has to come up, in milliseconds; 15,000 by default. */
  mcpConnectMs?: number;
  /**
   * Changes how a stdio MCP server is started (to put it into a sandbox), or throws to refuse it. Without it they
   * run beside the manager, and only in runs that may reach any address.
   */
  prepareCommand?: (command: StdioCommand, spec: ExecutionSpec) => StdioCommand;
  /** Shared with others to share connections. */
  outbound?: Outbound;
}

const RETRY_DELAYS_MS = [1_000, 3_000];
/** Calls of the model in one turn; a model that still wants tools then is going in circles. */
const MAX_STEPS = 20;

/** Conversations with a language model and the MCP tools of the Ghost, inside the manager. */
export function createChatEngine(options: ChatEngineOptions = {}): Engine {
  const outbound = options.outbound ?? createOutbound();
  return { shellType: 'Chat', placement: 'host', run: (turn) => runChat(turn, outbound, options) };
}

async function runChat(turn: Turn, outbound: Outbound, options: ChatEngineOptions): Promise<void> {
  const { spec, signal, emit } = turn;
  const endpoint = spec.model;
  if (!endpoint) throw noModel(spec);
  const fetch = outbound.fetchFor(spec.outboundAllow);
  const model = languageModelOf(endpoint, fetch);
  const tools = await connectTools(turn, fetch, options);
  try {
    const messages = await buildConversation({
      spec,
      model: endpoint,
      toolText: tools.text,
      emit,
      readBlob: turn.readBlob,
    });
    signal.throwIfAborted();
    const writer = createStepWriter(spec.attempt, emit);
    const retries = { endpoint, turn, writer, delaysMs: options.retryDelaysMs ?? RETRY_DELAYS_MS };
    const step = () =>
      runStep({
        model,
        endpoint,
        options: spec.options,
        systemPrompt: spec.systemPrompt,
        messages,
        tools,
        turn,
        writer,
      });
    for (let count = 1; ; count++) {
      const result = await withRetries(retries, step);
      if (!result.continues) return;
      if (count === MAX_STEPS) return warnAboutSteps(turn);
      messages.push(...result.messages);
    }
  } finally {
    await tools.close();
  }
}

async function connectTools(
  turn: Turn,
  fetch: typeof globalThis.fetch,
  { prepareCommand, mcpConnectMs }: ChatEngineOptions,
): Promise<ChatTools> {
  const resume = turn.pause();
  try {
    const tools = await connectMcpTools(turn, {
      approve: createApproval(turn.spec.approvals, openInputDesk(turn)),
      fetch,
      ...(prepareCommand ? { prepareCommand } : {}),
      ...(mcpConnectMs === undefined ? {} : { connectMs: mcpConnectMs }),
    });
    return withDelegation(tools, turn);
  } finally {
    resume();
  }
}

function warnAboutSteps({ emit }: Turn): void {
  const message = `The agent stopped after ${MAX_STEPS} steps although it wanted to call more tools. Ask it to go on.`;
  emit({ type: 'warning', code: 'StepLimit', message });
}

function noModel({ bot }: ExecutionSpec): RunFailure {
  return new RunFailure({
    reason: 'ModelBadRequest',
    message: `The Bot “${bot.name}” has no model. Choose one in its settings.`,
    retryable: false,
  });
}
