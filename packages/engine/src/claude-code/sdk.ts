import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { notInstalled } from '../not-installed.ts';
import type { SpawnedProcess, SpawnRequest } from './agent-process.ts';

/** The Agent SDK, which brings the matching Claude Code. Its licence keeps it out of our tree: operators install it. */
export const CLAUDE_AGENT_SDK = { name: '@anthropic-ai/claude-agent-sdk', version: '0.3.330' } as const;

/** What a permission callback answers. */
export type PermissionAnswer =
  | { behavior: 'allow'; updatedInput: Record<string, unknown> }
  | { behavior: 'deny'; message: string };

/** One server of `mcpServers`, as the SDK takes it. */
export type ClaudeMcpServer = (
  | { type: 'stdio'; command: string; args: string[]; env: Record<string, string> }
  | { type: 'http' | 'sse'; url: string }
) & { timeout?: number; alwaysLoad: true };

/** Those of the SDK's options that we use. */
export interface ClaudeOptions {
  cwd: string;
  model: string;
  env: Record<string, string>;
  pathToClaudeCodeExecutable?: string;
  settingSources: [];
  settings: Record<string, unknown>;
  strictMcpConfig: true;
  mcpServersDelivery: 'initialize';
  includePartialMessages: true;
  forwardSubagentText: false;
  permissionMode: 'default' | 'plan';
  tools: string[];
  disallowedTools: string[];
  skills: string[];
  plugins: { type: 'local'; path: string }[];
  mcpServers: Record<string, ClaudeMcpServer>;
  systemPrompt: { type: 'preset'; preset: 'claude_code'; append: string; snapshot: false };
  effort?: 'high';
  thinking?: { type: 'disabled' };
  resume?: string;
  resumeSessionAt?: string;
  forkSession?: boolean;
  canUseTool: (
    tool: string,
    input: Record<string, unknown>,
    context: { toolUseID: string; signal: AbortSignal },
  ) => Promise<PermissionAnswer>;
  hooks: { PreToolUse: { hooks: ((input: unknown) => Promise<Record<string, unknown>>)[] }[] };
  stderr: (text: string) => void;
  spawnClaudeCodeProcess: (request: SpawnRequest) => SpawnedProcess;
}

/** What a person, or we, send to the agent. */
export interface ClaudeInput {
  type: 'user';
  uuid: string;
  parent_tool_use_id: null;
  message: { role: 'user'; content: ClaudeContent[] };
  client_composed?: true;
}

/** One block of an input. */
export type ClaudeContent =
  | { type: 'text'; text: string }
  | { type: 'image'; source: { type: 'base64'; media_type: string; data: string } };

/** A running conversation; iterating it gives the messages of the agent. */
export interface ClaudeQuery extends AsyncIterable<unknown> {
  interrupt(): Promise<{ still_queued?: string[] } | undefined>;
  setPermissionMode(mode: 'default' | 'plan'): Promise<void>;
}

/** The part of the SDK that we use. */
export interface ClaudeSdk {
  query(given: { prompt: AsyncIterable<ClaudeInput>; options: ClaudeOptions }): ClaudeQuery;
}

/** The folder that the installer fills. */
export function claudeCodeFolder(enginesFolder: string): string {
  return join(enginesFolder, 'claude-code');
}

/** Loads the installed SDK. Rejects with EngineNotInstalled where there is none. */
export async function loadClaudeSdk(enginesFolder: string): Promise<ClaudeSdk> {
  const folder = join(claudeCodeFolder(enginesFolder), 'node_modules', CLAUDE_AGENT_SDK.name);
  const main = await readFile(join(folder, 'package.json'), 'utf8').then(mainOf, () => undefined);
  if (main === undefined) throw notInstalled('ClaudeCode');
  const loaded: unknown = await import(pathToFileURL(join(folder, main)).href);
  if (!isSdk(loaded)) throw new Error(`${folder} is not the Agent SDK`);
  return loaded;
}

function mainOf(text: string): string {
  const manifest: unknown = JSON.parse(text);
  const main = typeof manifest === 'object' && manifest !== null && 'main' in manifest ? manifest.main : '';
  return typeof main === 'string' && main !== '' ? main : 'sdk.mjs';
}

function isSdk(loaded: unknown): loaded is ClaudeSdk {
  return (
    typeof loaded === 'object' && loaded !== null && 'query' in loaded && typeof loaded.query === 'function'
  );
}
