import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelEndpoint } from '@wegent/api';
import { inputBudgetOf } from '../chat/context-window.ts';
import { redact } from '../redact.ts';
import type { RunFailure } from '../run-failure.ts';
import type { SandboxTurn } from '../sandbox-turn.ts';
import type { Bridge } from './bridge.ts';
import type { BridgeMessage, BridgeProblem } from './bridge-messages.ts';
import { agnoTeam, bridgeAgent, type CrewAgent, serverOfKey, toolsOf } from './crew.ts';
import { createCrewDesk, type Offered } from './crew-desk.ts';
import { failureOfCrash, failureOfModel, failureOfRun } from './failures.ts';
import { brokenLibrary } from './library.ts';
import type { MemoryBook, MemoryPlan } from './memory-book.ts';
import { buildPrompt, type Prompt } from './prompt.ts';

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
  crew: readonly [CrewAgent, ...CrewAgent[]];
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
export async function runInBridge({ turn, crew, bridge, book, plan }: Run): Promise<RunEnd> {
  const { spec, signal } = turn;
  const { model } = crew[0];
  const runId = randomUUID();
  const over = Promise.withResolvers<void>();
  const abort = () => over.reject(signal.reason);
  let hasEnded = true;
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  void bridge.ended.then((end) => over.reject(failureOfCrash(end, bridge.stderrTail, model)));

  const desk = createCrewDesk({ turn, crew, runId });
  const decide = async (message: Extract<BridgeMessage, { t: 'ask' }>) => {
    const { ask } = message;
    try {
      bridge.send({ t: 'verdict', ask, decision: 'allow', input: await desk.inputOf(message) });
    } catch (cause) {
      const words = cause instanceof Error ? cause.message : String(cause);
      bridge.send({ t: 'verdict', ask, decision: 'deny', message: words });
    }
  };
  let session: string | undefined;
  const onMessage = async (message: BridgeMessage) => {
    turn.touch();
    if (message.t === 'event') {
      if (!desk.write(message)) return;
      await Promise.race([turn.ready(), over.promise.catch(() => undefined)]);
    }
    if (!('run' in message) || message.run !== runId) return;
    if (message.t === 'began') {
      session = message.session;
      if (message.dropped > 0) turn.emit(trimmed(message.dropped, model));
    }
    if (message.t === 'ask') void decide(message);
    if (message.t === 'model-error') desk.noteProblem(message);
    if (message.t === 'member') desk.begin(message);
    if (message.t === 'end') {
      hasEnded = true;
      if (message.outcome === 'completed') return over.resolve();
      if (message.outcome === 'forgotten') return over.reject(new MemoryGone(message.error?.message));
      over.reject(failureOf(message, desk.problem, model, bridge));
    }
  };

  const end: RunEnd = { reusable: true };
  try {
    const prompt = await Promise.race([
      prepare({ turn, bridge, plan, offered: desk.offered, crew }),
      over.promise,
    ]);
    if (!prompt) throw new Error('the turn ended before it began');
    bridge.listen((message) => Promise.resolve(onMessage(message)).catch(over.reject));
    hasEnded = false;
    bridge.send({
      t: 'run',
      id: runId,
      agents: crew.map((agent) =>
        bridgeAgent(agent, {
          tools: desk.offered.get(agent.id)?.values() ?? [],
          options: spec.options,
          gatewayUrl: turn.gatewayUrl,
        }),
      ),
      ...(spec.nativeTeam ? { team: agnoTeam(spec.nativeTeam) } : {}),
      ...prompt,
      historyCharacters: Math.min(...crew.map((agent) => historyRoom(agent, prompt))),
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
  desk.end();
  return { ...end, reusable: end.reusable && !bridge.isOver };
}

/** Waits for the tools, and builds what is asked. */
async function prepare(given: {
  turn: SandboxTurn;
  bridge: Bridge;
  plan: MemoryPlan;
  offered: Offered;
  crew: readonly [CrewAgent, ...CrewAgent[]];
}): Promise<Prompt> {
  const { turn, bridge, plan, offered, crew } = given;
  const resume = turn.pause();
  try {
    const { tools, failures, fatal } = await bridge.opened;
    if (fatal) throw brokenLibrary(fatal, redact(bridge.stderrTail, crew[0].model));
    for (const [key, why] of failures) turn.emit(unavailable(crew, key, why));
    for (const agent of crew) offered.set(agent.id, toolsOf(agent, tools));
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

function historyRoom({ model, prompt: system }: CrewAgent, prompt: Prompt): number {
  const { budget } = inputBudgetOf(model);
  return Math.max(0, Math.floor(budget * CHARACTERS_PER_TOKEN) - system.length - prompt.text.length);
}

function trimmed(dropped: number, { name }: ModelEndpoint) {
  const which = dropped === 1 ? 'The oldest turn was' : `The ${dropped} oldest turns were`;
  const message = `${which} left out: the conversation is longer than what “${name}” takes.`;
  return { type: 'warning', code: 'HistoryTrimmed', message } as const;
}

function unavailable(crew: readonly CrewAgent[], key: string, why: string) {
  const found = serverOfKey(crew, key);
  const config = found?.agent.mcpServers[found.name];
  const env = config && 'command' in config ? (config.env ?? {}) : {};
  const words = redact(why, { headers: {}, env }).replace(/\.+$/, '').slice(0, MAX_REASON);
  const whose = found && found.agent !== crew[0] ? ` of ${found.agent.name}` : '';
  const message = `The MCP server “${found?.name ?? key}”${whose} is not available, so its tools are missing: ${words}.`;
  return { type: 'warning', code: 'McpServerUnavailable', message } as const;
}
