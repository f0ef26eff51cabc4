/**
 * @wegent/engine/sandbox — engines that run inside a sandbox, for the executor. Loads no AI SDK.
 */
import type { ShellType } from '@wegent/api';
import { createAgnoEngine } from './agno/agno-engine.ts';
import { createClaudeCodeEngine } from './claude-code/claude-code-engine.ts';
import type { Engine } from './engine.ts';
import { runTurn as runAnyTurn } from './run-turn.ts';
import type { SandboxTurn } from './sandbox-turn.ts';

export type { Engine, Turn } from './engine.ts';
export { RunFailure } from './run-failure.ts';
export type { SandboxTurn } from './sandbox-turn.ts';
export { skillsFolder } from './skills-folder.ts';

/** Settings of the engines of a sandbox. */
export interface SandboxEngineOptions {
  /** Where engines are installed: `/opt/engines`. */
  enginesFolder: string;
  /** HOME of agents, which every turn names again; sessions lie below it. */
  homeFolder?: string;
  /** Milliseconds that an agent process stays up after a turn; 600,000 by default. */
  idleMs?: number;
  /** Seconds that an MCP server of an Agno agent has to come up; 15 by default. */
  mcpConnectSeconds?: number;
}

/** The engines that can run in a sandbox, by Shell type. */
export type SandboxEngines = Partial<Record<ShellType, Engine<SandboxTurn>>>;

/** Makes the engines of a sandbox. They start nothing before a turn, or `prewarm`, asks for it. */
export function createSandboxEngines(options: SandboxEngineOptions): SandboxEngines {
  return { ClaudeCode: createClaudeCodeEngine(options), Agno: createAgnoEngine(options) };
}

/** `runTurn` for the turns of a sandbox: the same limits and the same promises. */
export function runTurn(engines: SandboxEngines, turn: Omit<SandboxTurn, 'touch' | 'pause'>): Promise<void> {
  return runAnyTurn<SandboxTurn>(engines, turn);
}
