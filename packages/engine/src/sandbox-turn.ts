import type { Turn } from './engine.ts';

/**
 * A turn inside a sandbox. An agent process stays up between turns, so the gateway's address and the environment should
 * be the same for all turns of a task; when they change, the process is started anew.
 */
export interface SandboxTurn extends Turn {
  /** The work tree. */
  readonly workFolder: string;
  /** HOME of the agent; survives sandboxes. */
  readonly homeFolder: string;
  /**
   * Address, without a slash at its end, below which the manager's gateway is reached: the model at `/model`, remote
   * MCP servers at `/mcp/<name>/`. It needs no token.
   */
  readonly gatewayUrl: string;
  /** Whole environment of the agent besides what the engine itself needs; no secrets. */
  readonly env: Readonly<Record<string, string>>;
}
