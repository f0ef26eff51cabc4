import type { ExecutionSpec, ModelEndpoint, SpecNativeTeam } from '@wegent/api';
import { RunFailure } from '../run-failure.ts';
import type { BridgeAgent, BridgeServer } from './bridge-messages.ts';
import { modelSettings } from './model-settings.ts';
import { type OfferedTool, offeredTools, type ServerTools } from './offered-tools.ts';
import { leaderNote, memberNote } from './team-notes.ts';

type Setting = Pick<
  ExecutionSpec,
  'bot' | 'mcpServers' | 'tools' | 'approvals' | 'team' | 'nativeTeam' | 'systemPrompt'
> & { model?: ModelEndpoint | undefined };

/** One agent of a run: who answers or leads, or a member of a Team that Agno runs. */
export interface CrewAgent
  extends Pick<ExecutionSpec, 'mcpServers' | 'tools' | 'approvals' | 'team' | 'bot'> {
  /** How Agno and a leader call it. */
  id: string;
  name: string;
  prompt: string;
  model: ModelEndpoint;
  /** Where the gateway has its Model and its MCP servers. */
  route: string;
}

const MODES = { route: 'route', coordinate: 'coordinate', collaborate: 'broadcast' } as const;

/** Everybody of a run, the one that leads first. Pure; throws when there is no model. */
export function crewOf(spec: Setting): [CrewAgent, ...CrewAgent[]] {
  const { bot, nativeTeam, mcpServers, tools, approvals, team, systemPrompt } = spec;
  if (!spec.model)
    throw new RunFailure({
      reason: 'ModelBadRequest',
      message: `The Bot “${bot.name}” has no model. Choose one in its settings.`,
      retryable: false,
    });
  const ids = nativeTeam ? idsOf(nativeTeam, bot.name) : [];
  const lead: CrewAgent = {
    ...{ id: bot.name, name: bot.name, bot, model: spec.model, route: '', mcpServers, approvals },
    ...(tools ? { tools } : {}),
    ...(team ? { team } : {}),
    prompt: nativeTeam ? joined(systemPrompt, leaderNote(nativeTeam, ids)) : systemPrompt,
  };
  const members = (nativeTeam?.members ?? []).map(
    ({ systemPrompt: own, description: _description, ...member }, index): CrewAgent => ({
      ...member,
      id: ids[index] ?? '',
      route: `/members/${index}`,
      prompt: nativeTeam ? joined(own, memberNote(nativeTeam, member.name)) : own,
    }),
  );
  return [lead, ...members];
}

/** How the Team works, in the words of Agno. */
export function agnoTeam({ mode, limits }: SpecNativeTeam) {
  return { mode: MODES[mode], parallel: limits.parallel };
}

/** MCP servers of everybody, by keys that tell whose they are. Pure. */
export function serversOf(crew: readonly CrewAgent[], gatewayUrl: string): Record<string, BridgeServer> {
  return Object.fromEntries(
    crew.flatMap((agent) =>
      Object.entries(agent.mcpServers).map(([name, server]) => [
        keyOf(agent, name),
        serverOf(server, `${gatewayUrl}${agent.route}/mcp/${encodeURIComponent(name)}/`),
      ]),
    ),
  );
}

/** Whose server has that key, and what it calls it. */
export function serverOfKey(
  crew: readonly CrewAgent[],
  key: string,
): { agent: CrewAgent; name: string } | undefined {
  for (const agent of crew)
    for (const name of Object.keys(agent.mcpServers)) if (keyOf(agent, name) === key) return { agent, name };
  return undefined;
}

/** The tools that an agent gets of those that all servers have, by the name that its model calls them. Pure. */
export function toolsOf(agent: CrewAgent, found: ServerTools): Map<string, OfferedTool> {
  if (agent.model.capabilities.tools === false) return new Map();
  const own = Object.keys(agent.mcpServers).flatMap((name) => {
    const tools = found.get(keyOf(agent, name));
    return tools ? [[name, tools] as const] : [];
  });
  return new Map(offeredTools(new Map(own), agent).map((tool) => [tool.name, tool]));
}

/** An agent in the words of the bridge. Pure. */
export function bridgeAgent(
  agent: CrewAgent,
  given: { tools: Iterable<OfferedTool>; options: ExecutionSpec['options']; gatewayUrl: string },
): BridgeAgent {
  const { id, name, prompt, model } = agent;
  const gatewayUrl = `${given.gatewayUrl}${agent.route}`;
  return {
    ...{ id, name, prompt, sees: model.capabilities.vision !== false },
    model: {
      protocol: model.protocol,
      id: model.modelId,
      settings: modelSettings(model, { options: given.options, gatewayUrl }),
    },
    tools: [...given.tools].map(({ server, tool, name: called }) => ({
      server: keyOf(agent, server),
      tool,
      name: called,
    })),
  };
}

function keyOf({ route }: CrewAgent, server: string): string {
  return `${route} ${server}`;
}

function serverOf(server: ExecutionSpec['mcpServers'][string], url: string): BridgeServer {
  const timeout = server.timeout === undefined ? {} : { timeout: server.timeout };
  if ('command' in server)
    return {
      type: 'stdio',
      command: server.command,
      args: server.args ?? [],
      env: server.env ?? {},
      ...timeout,
    };
  return { type: server.type, url, ...timeout };
}

/** Names as Agno takes them for ids; a name that cannot be one gets a number. */
function idsOf({ members }: SpecNativeTeam, leader: string): string[] {
  const taken = new Set([leader]);
  return members.map(({ name }, index) => {
    const plain = name.toLowerCase();
    const id = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(plain) && !taken.has(plain) ? plain : `member-${index + 1}`;
    taken.add(id);
    return id;
  });
}

function joined(...parts: string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
