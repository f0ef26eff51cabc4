import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionSpec, ModelEndpoint } from '@wegent/api';
import type { SandboxTurn } from '../sandbox-turn.ts';
import { wegentFolder } from '../skills-folder.ts';
import { isToolAllowed } from '../tool-rules.ts';
import { environmentOf } from './environment.ts';
import { instructionsOf } from './instructions.ts';
import type { ClaudeMcpServer, ClaudeOptions } from './sdk.ts';
import { identityOf } from './tool-gate.ts';

/** What of a turn an agent process is made for; when it changes, the next turn gets a new process. */
export type AgentSetting = Pick<SandboxTurn, 'spec' | 'workFolder' | 'homeFolder' | 'gatewayUrl' | 'env'>;

/** Built-in tools that fit a run of ours: no schedules, no work trees of its own, no other sessions. */
const TOOLS = [
  'Agent',
  'AskUserQuestion',
  'Bash',
  'Edit',
  'ExitPlanMode',
  'Glob',
  'Grep',
  'NotebookEdit',
  'Read',
  'Skill',
  'TodoWrite',
  'WebFetch',
  'WebSearch',
  'Write',
];

/** Where Claude Code keeps its sessions and plans. */
export function claudeConfigFolder(homeFolder: string): string {
  return join(homeFolder, '.claude');
}

/** Two settings with the same key can share a process. */
export function settingKey(setting: AgentSetting): string {
  const { spec, workFolder, homeFolder, gatewayUrl, env } = setting;
  const { model, systemPrompt, mcpServers, tools, skills, options } = spec;
  const { webSearch, reasoning, clarification } = options;
  const chosen = { webSearch, reasoning, clarification };
  return JSON.stringify({
    ...{ workFolder, homeFolder, gatewayUrl, env, model, systemPrompt, mcpServers, tools, skills },
    chosen,
  });
}

/** The options of an agent process, besides those that belong to its session. */
export async function agentOptions(
  setting: AgentSetting,
  model: ModelEndpoint,
  parts: Pick<ClaudeOptions, 'canUseTool' | 'hooks' | 'spawnClaudeCodeProcess'>,
): Promise<ClaudeOptions> {
  const { spec, workFolder, homeFolder } = setting;
  const configFolder = claudeConfigFolder(homeFolder);
  await mkdir(configFolder, { recursive: true });
  await mkdir(workFolder, { recursive: true });
  return {
    cwd: workFolder,
    model: model.modelId,
    env: environmentOf(model, setting, configFolder),
    // Nothing that lies on the disk may steer the agent: settings of a project name programs to run.
    settingSources: [],
    settings: {
      disableAllHooks: true,
      useAutoModeDuringPlan: false,
      includeCoAuthoredBy: false,
      cleanupPeriodDays: 365,
    },
    strictMcpConfig: true,
    // Not on the command line, which every process of the machine can read.
    mcpServersDelivery: 'initialize',
    includePartialMessages: true,
    forwardSubagentText: false,
    permissionMode: spec.options.plan ? 'plan' : 'default',
    ...toolsOf(spec),
    skills: spec.skills.map(({ name }) => name),
    plugins: spec.skills.length > 0 ? [{ type: 'local', path: await skillPlugin(homeFolder) }] : [],
    mcpServers: Object.fromEntries(
      Object.entries(spec.mcpServers).map(([name, server]) => [name, mcpServer(name, server, setting)]),
    ),
    systemPrompt: {
      type: 'preset',
      preset: 'claude_code',
      append: await instructionsOf(spec, workFolder),
      // Otherwise a resumed session keeps the instructions that it began with.
      snapshot: false,
    },
    ...(model.capabilities.reasoning === false ? { thinking: { type: 'disabled' as const } } : {}),
    ...(spec.options.reasoning ? { effort: 'high' as const } : {}),
    stderr: () => undefined,
    ...parts,
  };
}

function toolsOf({ tools: filter, options, skills }: ExecutionSpec) {
  const hidden = [...(options.webSearch ? [] : ['WebSearch']), ...(skills.length > 0 ? [] : ['Skill'])];
  const tools = TOOLS.filter((tool) => !hidden.includes(tool) && isToolAllowed(filter, identityOf(tool)));
  return { tools, disallowedTools: (filter?.deny ?? []).filter((pattern) => pattern.startsWith('mcp__')) };
}

/** Skills as a plugin: the one way to load them without loading settings too. */
async function skillPlugin(homeFolder: string): Promise<string> {
  const folder = wegentFolder(homeFolder);
  await mkdir(join(folder, '.claude-plugin'), { recursive: true });
  const manifest = { name: 'wegent', version: '1.0.0', description: 'Skills of this agent' };
  await writeFile(join(folder, '.claude-plugin', 'plugin.json'), JSON.stringify(manifest));
  return folder;
}

function mcpServer(
  name: string,
  server: ExecutionSpec['mcpServers'][string],
  { gatewayUrl }: AgentSetting,
): ClaudeMcpServer {
  const common = {
    // Otherwise the first turn may begin before its tools are there.
    alwaysLoad: true as const,
    ...(server.timeout === undefined ? {} : { timeout: server.timeout * 1000 }),
  };
  if ('command' in server)
    return {
      type: 'stdio',
      command: server.command,
      args: server.args ?? [],
      env: server.env ?? {},
      ...common,
    };
  return { type: server.type, url: `${gatewayUrl}/mcp/${encodeURIComponent(name)}/`, ...common };
}
