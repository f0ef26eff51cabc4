import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelEndpoint, SpecMessage } from '@wegent/api';
import { openInputDesk } from '../input-desk.ts';
import type { SandboxTurn } from '../sandbox-turn.ts';
import type { Conversation } from './conversation.ts';
import { failureOfCrash, failureOfResult } from './failures.ts';
import type { ClaudeMessage, ClaudeResult } from './messages.ts';
import { buildPrompt, steerInput } from './prompt.ts';
import type { SessionBook } from './session-book.ts';
import { createTurnWriter } from './turn-writer.ts';
import { usageOf } from './usage.ts';

/** The session that the turn should go on in does not exist any more; nothing was done yet. */
export class SessionGone extends Error {}

interface Run {
  turn: SandboxTurn;
  model: ModelEndpoint;
  conversation: Conversation;
  book: SessionBook;
  retell: SpecMessage[];
}

const INTERRUPT_MS = 2_000;
const GONE = /No conversation found|No message found/i;

/** How a turn ended, and whether the agent process can serve the next one. */
export interface RunEnd {
  reusable: boolean;
  /** What it failed with; a turn that was stopped fails with the reason of its signal. */
  failure?: { cause: unknown };
}

/** Runs one turn in an agent process. */
export async function runInConversation({ turn, model, conversation, book, retell }: Run): Promise<RunEnd> {
  const { spec, signal } = turn;
  const writer = createTurnWriter({ attempt: spec.attempt, workFolder: turn.workFolder, emit: turn.emit });
  const desk = openInputDesk(turn);
  const over = Promise.withResolvers<void>();
  const told = spec.input.id === undefined ? [] : [spec.input.id];
  // Inputs that the agent has not begun to work on.
  const unread = new Set<string>();
  let failedKind: string | undefined;
  let began = false;
  let lastEntry: string | undefined;
  let finished = false;

  const send = (input: ReturnType<typeof steerInput>) => {
    unread.add(input.uuid);
    conversation.send(input);
  };
  const onResult = (result: ClaudeResult) => {
    const isError = result.is_error || result.subtype !== 'success';
    // The end of something else: this turn has not begun.
    if (!began && !isError) return;
    const usage = usageOf(result.model_usage_since_last_result, model.pricing);
    if (usage && usage.inputTokens + usage.outputTokens > 0) turn.emit({ type: 'usage', ...usage });
    for (const uuid of result.user_message_uuids ?? []) unread.delete(uuid);
    finished = true;
    if (!began && isError && GONE.test((result.errors ?? []).join('\n')))
      return over.reject(new SessionGone());
    if (isError)
      return over.reject(
        failureOfResult({ result, kind: failedKind, model, stderr: conversation.stderrTail }),
      );
    // What was said in the meantime gets a turn of the agent's own before ours ends.
    finished = unread.size === 0 && !result.queued_turn_count;
    if (finished) over.resolve();
  };
  const hear = async (message: ClaudeMessage) => {
    if ((message.type === 'assistant' || message.type === 'user') && !message.parent_tool_use_id) {
      if (message.type === 'assistant') failedKind = message.error;
      if (message.uuid !== undefined && failedKind === undefined) lastEntry = message.uuid;
    }
    writer.write(message);
    if (message.type === 'command_lifecycle' && message.state !== 'queued')
      unread.delete(message.command_uuid);
    if (message.type === 'result') onResult(message);
    if (message.type === 'system') {
      if (message.subtype === 'init' && !began) {
        began = true;
        // A full disk has better places to be noticed.
        await book.begin(message.session_id, spec.messageId).catch(() => undefined);
      }
      report(message, turn);
    }
    await Promise.race([turn.ready(), over.promise.catch(() => undefined)]);
  };
  const onMessage = async (message: ClaudeMessage | undefined) => {
    turn.touch();
    if (message && !finished) await hear(message).catch(over.reject);
  };

  conversation.listen(onMessage);
  conversation.gate.serve({ spec, workFolder: turn.workFolder, desk, called: writer.called });
  void conversation.ended.then((end) => {
    // A session that cannot be loaded must not fail every turn from now on.
    const lost = !began && !end.error && conversation.start.resume !== undefined;
    over.reject(lost ? new SessionGone() : failureOfCrash(end, conversation.stderrTail, model));
  });
  const abort = () => over.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  const end: RunEnd = { reusable: true };
  try {
    const prepare = async () => {
      await conversation.setPlanning(spec.options.plan === true);
      return buildPrompt({ turn, retell, uuid: randomUUID() });
    };
    const prompt = await Promise.race([prepare(), over.promise]);
    if (!prompt) throw new Error('the turn ended before it began');
    send(prompt);
    desk.onMessage(({ messageId, text }) => {
      told.push(messageId);
      send(steerInput(text, randomUUID()));
    });
    await over.promise;
  } catch (cause) {
    end.failure = { cause };
    // What the agent has not read yet, it would read after the turn.
    end.reusable = signal.aborted ? await interrupt(conversation, () => finished) : unread.size === 0;
  }
  signal.removeEventListener('abort', abort);
  conversation.listen(undefined);
  conversation.gate.serve(undefined);
  writer.end();
  const { sessionId } = conversation;
  if (began && sessionId !== undefined)
    await book.note(spec.messageId, { sessionId, at: lastEntry, told }).catch(() => undefined);
  return { ...end, reusable: end.reusable && !conversation.isOver };
}

/** Stops the agent within its turn. True when it has stopped and nothing waits, so that the process can go on. */
async function interrupt(conversation: Conversation, isFinished: () => boolean): Promise<boolean> {
  if (conversation.isOver) return false;
  const deadline = Date.now() + INTERRUPT_MS;
  const patience = delay(INTERRUPT_MS, false, { ref: false });
  const clean = await Promise.race([conversation.interrupt(), patience]);
  while (!isFinished() && clean && Date.now() < deadline) await delay(10);
  return clean && isFinished();
}

function report(message: Extract<ClaudeMessage, { type: 'system' }>, { emit }: SandboxTurn): void {
  switch (message.subtype) {
    case 'init':
      for (const { name, status } of message.mcp_servers)
        if (status === 'failed')
          emit({
            type: 'warning',
            code: 'McpServerUnavailable',
            message: `The MCP server “${name}” is not available, so its tools are missing.`,
          });
      return;
    case 'api_retry':
      emit({
        type: 'phase',
        text: `The model did not answer${message.error_status ? ` (${message.error_status})` : ''}; attempt ${message.attempt + 1} of ${message.max_retries + 1} in ${Math.ceil(message.retry_delay_ms / 1000)} s`,
      });
      return;
    case 'status':
      if (message.status === 'compacting') emit({ type: 'phase', text: 'Shortening the conversation' });
      return;
    case 'compact_boundary':
      emit({
        type: 'warning',
        code: 'HistoryTrimmed',
        message: 'The conversation had become too long, so earlier parts of it were summarised.',
      });
      return;
    default:
      return;
  }
}
