import type { ExecutionSpec } from '@wegent/api';
import type { Engine } from '../engine.ts';
import type { SandboxTurn } from '../sandbox-turn.ts';
import { type Bridge, type BridgeSetting, settingKey, startBridge } from './bridge.ts';
import { crewOf } from './crew.ts';
import { findAgno } from './library.ts';
import { openMemoryBook, planMemory } from './memory-book.ts';
import { MemoryGone, runInBridge } from './run-in-bridge.ts';

/** Settings of the Agno engine. */
export interface AgnoOptions {
  /** The library lies in `agno` below it. */
  enginesFolder: string;
  /** Milliseconds that a process stays up after a turn; 600,000 by default. */
  idleMs?: number;
  /** Seconds that an MCP server has to come up; 15 by default. */
  mcpConnectSeconds?: number;
}

const IDLE_MS = 600_000;
/** Processes that wait for a next turn; each takes some 130 MB. */
const MAX_IDLE = 2;

/**
 * Agents of the Agno library, and Teams of them, in a Python process that we drive. Between turns the process stays up with its MCP
 * servers; what agents remember lies below HOME and is found again after the process, or the sandbox, is gone.
 */
export function createAgnoEngine({
  enginesFolder,
  idleMs = IDLE_MS,
  mcpConnectSeconds,
}: AgnoOptions): Engine<SandboxTurn> {
  const idle = new Map<string, { bridge: Bridge; timer: NodeJS.Timeout }>();
  const live = new Set<Bridge>();
  const used = new WeakSet<Bridge>();

  const start = async (setting: BridgeSetting) => {
    const library = await findAgno(enginesFolder, setting.env.PATH);
    const bridge = await startBridge({
      ...{ library, setting },
      ...(mcpConnectSeconds === undefined ? {} : { connectSeconds: mcpConnectSeconds }),
    });
    live.add(bridge);
    void bridge.ended.then(() => live.delete(bridge));
    return bridge;
  };
  const takeIdle = (bot: string): Bridge | undefined => {
    const found = idle.get(bot);
    if (!found) return undefined;
    idle.delete(bot);
    clearTimeout(found.timer);
    return found.bridge;
  };
  const keep = (bot: string, bridge: Bridge) => {
    if (bridge.isOver) return;
    const timer = setTimeout(() => {
      if (idle.get(bot)?.bridge === bridge) idle.delete(bot);
      void bridge.close();
    }, idleMs);
    timer.unref();
    void takeIdle(bot)?.close();
    idle.set(bot, { bridge, timer });
    const [oldest] = idle.keys();
    if (idle.size > MAX_IDLE && oldest !== undefined) void takeIdle(oldest)?.close();
  };
  const bridgeFor = async (setting: BridgeSetting) => {
    const waiting = takeIdle(botOf(setting.spec));
    if (waiting && !waiting.isOver && waiting.key === settingKey(setting)) {
      // A server that did not come up gets another chance with the next turn.
      const isFresh = !used.has(waiting);
      if (isFresh || (await waiting.opened).failures.size === 0) return waiting;
    }
    const closing = waiting?.close();
    const made = await start(setting);
    await closing;
    return made;
  };

  return {
    shellType: 'Agno',
    placement: 'sandbox',
    run: async (turn) => {
      const crew = crewOf(turn.spec);
      const book = await openMemoryBook(turn.homeFolder, turn.spec);
      let plan = planMemory(turn.spec.history, book.answers);
      for (;;) {
        turn.signal.throwIfAborted();
        const bridge = await bridgeFor(turn);
        used.add(bridge);
        const end = await runInBridge({ turn, crew, bridge, book, plan });
        if (end.reusable) keep(botOf(turn.spec), bridge);
        else await stop(bridge);
        if (!end.failure) return;
        if (!(end.failure.cause instanceof MemoryGone)) throw end.failure.cause;
        plan = { retell: turn.spec.history };
      }
    },
    prewarm: async ({ spec, workFolder, homeFolder, gatewayUrl, env }) => {
      try {
        if (idle.has(botOf(spec))) return;
        keep(botOf(spec), await start({ spec, workFolder, homeFolder, gatewayUrl, env }));
      } catch {
        // The turn meets the same and reports it.
      }
    },
    close: async () => {
      for (const bot of [...idle.keys()]) takeIdle(bot);
      await Promise.all([...live].map(stop));
    },
  };
}

function botOf({ bot, nativeTeam }: ExecutionSpec): string {
  return `${bot.namespace ?? ''}/${bot.name}${nativeTeam ? '/team' : ''}`;
}

/** Nothing of it may work on after its turn. */
async function stop(bridge: Bridge): Promise<void> {
  bridge.kill();
  await bridge.close();
}
