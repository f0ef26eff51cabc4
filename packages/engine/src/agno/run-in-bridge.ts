import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelEndpoint } from '@wegent/api';
import { createApproval } from '../chat/approve-call.ts';
import { inputBudgetOf } from '../chat/context-window.ts';
import { openInputDesk } from '../input-desk.ts';
import { redact } from '../redact.ts';
import type { RunFailure } from '../run-failure.ts';
import type { SandboxTurn } from '../sandbox-turn.ts';
import type { Bridge } from './bridge.ts';
import type { BridgeMessage, BridgeProblem } from './bridge-messages.ts';
import { failureOfCrash, failureOfModel, failureOfRun } from './failures.ts';
import { brokenLibrary } from './library.ts';
import type { MemoryBook, MemoryPlan } from './memory-book.ts';
import { modelSettings } from './model-settings.ts';
import { type OfferedTool, offeredTools } from './offered-tools.ts';
import { buildPrompt, type Prompt } from './prompt.ts';
import { createTurnWriter } from './turn-writer.ts';

/** The session that the turn should go on in does not exist any more; nothing was done yet. */
export class MemoryGone extends Error {}

/** How a turn ended, and whether the bridge can serve the next one. */
export interface RunEnd {
  reusable: boolean;
  /** What it failed with; a turn that was stopped fails with the reason of its signal. */
  failure?: { cause: unknown };
}

interface Run {
  turn: SandboxTurn;
  model: ModelEndpoint;
  bridge: Bridge;
  book: MemoryBook;
  plan: MemoryPlan;
}

/** The bridge stops by itself in less; the caller gives up a little later. */
const CANCEL_MS = 3_000;
/** Most tokens have more characters than this, so that what fits by it fits. */
const CHARACTERS_PER_TOKEN = 2.5;
const MAX_REASON = 300;

/** Runs one turn in a bridge. */
export async function runInBridge({ turn, model, bridge, book, plan }: Run): Promise<RunEnd> {
  const { spec, signal } = turn;
  const runId = randomUUID();
  const over = Promise.withResolvers<void>();
  const abort = () => over.reject(signal.reason);
  let hasEnded = true;
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  void bridge.ended.then((end) => over.reject(failureOfCrash(end, bridge.stderrTail, model)));

  const offered = new Map<string, OfferedTool>();
  const writer = createTurnWriter({
    attempt: spec.attempt,
    model,
    titleOf: (name) => offered.get(name)?.title ?? name,
    emit: turn.emit,
  });
  const approve = createApproval(spec.approvals, openInputDesk(turn));
  const decide = async ({ ask, tool, input }: Extract<BridgeMessage, { t: 'ask' }>) => {
    const identity = offered.get(tool);
    try {
      if (!identity) throw new Error(`There is no tool ${tool}.`);
      const approved = identity.isOwn ? input : await approve({ ...identity, input });
      bridge.send({ t: 'verdict', ask, decision: 'allow', input: approved });
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      bridge.send({ t: 'verdict', ask, decision: 'deny', message });
    }
  };
  let session: string | undefined;
  let problem: BridgeProblem | undefined;
  const onMessage = async (message: BridgeMessage) => {
    turn.touch();
    if (!('run' in message) || message.run !== runId) return;
    if (message.t === 'began') {
      session = message.session;
      if (message.dropped > 0) turn.emit(trimmed(message.dropped, model));
    }
    if (message.t === 'ask') void decide(message);
    if (message.t === 'model-error') problem = message;
    if (message.t === 'event') {
      if (message.event === 'RunError')
        problem ??= { names: [message.errorType ?? ''], message: message.content ?? '' };
      // The first terminal event counts; what was said before an error came from the same answer.
      writer.write(message);
      await Promise.race([turn.ready(), over.promise.catch(() => undefined)]);
    }
    if (message.t === 'end') {
      hasEnded = true;
      if (message.outcome === 'completed') return over.resolve();
      if (message.outcome === 'forgotten') return over.reject(new MemoryGone(message.error?.message));
      over.reject(failureOf(message, problem, model, bridge));
    }
  };

  const end: RunEnd = { reusable: true };
  try {
    const prompt = await Promise.race([prepare({ turn, bridge, plan, offered, model }), over.promise]);
    if (!prompt) throw new Error('the turn ended before it began');
    bridge.listen((message) => Promise.resolve(onMessage(message)).catch(over.reject));
    hasEnded = false;
    bridge.send({
      t: 'run',
      id: runId,
      agent: { id: spec.bot.name, name: spec.bot.name },
      prompt: spec.systemPrompt,
      model: {
        protocol: model.protocol,
        id: model.modelId,
        settings: modelSettings(model, { options: spec.options, gatewayUrl: turn.gatewayUrl }),
      },
      tools: [...offered.values()].map(({ server, tool, name }) => ({ server, tool, name })),
      ...prompt,
      historyCharacters: historyRoom(model, spec.systemPrompt, prompt),
      session: {
        id: randomUUID(),
        database: book.database,
        ...(plan.follows ? { follows: plan.follows } : {}),
      },
    });
    await over.promise;
    const told = [...plan.retell.map(({ id }) => id), spec.input.id].filter((id) => id !== undefined);
    // A full disk has better places to be noticed.
    if (session !== undefined)
      await book.note(spec.messageId, { session, run: runId, told }).catch(() => undefined);
  } catch (cause) {
    end.failure = { cause };
    end.reusable = hasEnded || (signal.aborted && (await cancel(bridge, runId, () => hasEnded)));
  }
  signal.removeEventListener('abort', abort);
  bridge.listen(undefined);
  writer.end();
  return { ...end, reusable: end.reusable && !bridge.isOver };
}

/** Waits for the tools, and builds what is asked. */
async function prepare(given: {
  turn: SandboxTurn;
  bridge: Bridge;
  plan: MemoryPlan;
  offered: Map<string, OfferedTool>;
  model: ModelEndpoint;
}): Promise<Prompt> {
  const { turn, bridge, plan, offered, model } = given;
  const resume = turn.pause();
  try {
    const { tools, failures, fatal } = await bridge.opened;
    if (fatal) throw brokenLibrary(fatal, redact(bridge.stderrTail, model));
    for (const [server, why] of failures) turn.emit(unavailable(turn, server, why));
    const calls = model.capabilities.tools !== false;
    for (const tool of calls ? offeredTools(tools, turn.spec) : []) offered.set(tool.name, tool);
    return await buildPrompt(turn, plan.retell);
  } finally {
    resume();
  }
}

function failureOf(
  end: Extract<BridgeMessage, { t: 'end' }>,
  problem: BridgeProblem | undefined,
  model: ModelEndpoint,
  bridge: Bridge,
): RunFailure {
  if (end.error) return failureOfRun(end.error, model, bridge.stderrTail);
  if (problem) return failureOfModel(problem, model);
  const words = end.outcome === 'cancelled' ? 'the run was cancelled' : 'the run ended without a result';
  return failureOfRun({ names: [], message: words }, model, bridge.stderrTail);
}

/** Stops the run. True when it has stopped, so that the bridge can go on. */
async function cancel(bridge: Bridge, runId: string, isOver: () => boolean): Promise<boolean> {
  const deadline = Date.now() + CANCEL_MS;
  bridge.listen((message) => {
    if (message.t === 'end' && message.run === runId) stopped.resolve();
  });
  const stopped = Promise.withResolvers<void>();
  if (isOver()) return true;
  bridge.send({ t: 'cancel', run: runId });
  const patience = new AbortController();
  const late = delay(deadline - Date.now(), false, { ref: false, signal: patience.signal }).catch(
    () => false,
  );
  const clean = await Promise.race([stopped.promise.then(() => true), bridge.ended.then(() => false), late]);
  patience.abort();
  return clean;
}

function historyRoom(model: ModelEndpoint, systemPrompt: string, prompt: Prompt): number {
  const { budget } = inputBudgetOf(model);
  return Math.max(0, Math.floor(budget * CHARACTERS_PER_TOKEN) - systemPrompt.length - prompt.text.length);
}

function trimmed(dropped: number, { name }: ModelEndpoint) {
  const which = dropped === 1 ? 'The oldest turn was' : `The ${dropped} oldest turns were`;
  const message = `${which} left out: the conversation is longer than what “${name}” takes.`;
  return { type: 'warning', code: 'HistoryTrimmed', message } as const;
}

function unavailable({ spec }: SandboxTurn, server: string, why: string) {
  const config = spec.mcpServers[server];
  const env = config && 'command' in config ? (config.env ?? {}) : {};
  const words = redact(why, { headers: {}, env }).replace(/\.+$/, '').slice(0, MAX_REASON);
  const message = `The MCP server “${server}” is not available, so its tools are missing: ${words}.`;
  return { type: 'warning', code: 'McpServerUnavailable', message } as const;
}
