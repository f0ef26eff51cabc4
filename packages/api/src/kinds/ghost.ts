import { z } from 'zod';
import { defineKind } from '../define-kind.ts';
import { CommonStatus, ObjectName } from '../meta.ts';

/** An MCP server that runs as a child process of the engine. */
export const StdioMcpServer = z.object({
  type: z.literal('stdio').optional(),
  command: z.string().min(1).max(4096).describe('Program to start.'),
  args: z.array(z.string().max(32_768)).max(256).optional().describe('Its arguments.'),
  env: z.record(z.string(), z.string()).optional().describe('Environment variables; stored sealed.'),
  timeout: z
    .number()
    .positive()
    .max(3600)
    .optional()
    .describe('Seconds that one call may take; 60 by default.'),
});

/** An MCP server that is reached over HTTP. */
export const RemoteMcpServer = z.object({
  type: z.enum(['http', 'sse']).describe('Streamable HTTP, or the older server-sent events.'),
  url: z.url({ protocol: /^https?$/ }).describe('Address of the server.'),
  headers: z.record(z.string(), z.string()).optional().describe('Request headers; stored sealed.'),
  timeout: z
    .number()
    .positive()
    .max(3600)
    .optional()
    .describe('Seconds that one call may take; 60 by default.'),
});

/** One entry of `mcpServers`. */
export const McpServer = z.union([StdioMcpServer, RemoteMcpServer]);
export type McpServer = z.infer<typeof McpServer>;

/** Which tools the model may use; patterns with `*`. */
export const ToolFilter = z.object({
  allow: z.array(z.string()).max(512).optional().describe('Only these tools; all when absent.'),
  deny: z.array(z.string()).max(512).optional().describe('Never these tools.'),
});

/** A rule that makes matching tool calls wait for a person. */
export const ApprovalRule = z.object({
  tool: z.string().describe('Tool name, with * for any run of characters.'),
  match: z
    .string()
    .optional()
    .describe('Pattern on the input as JSON text; every call of the tool when absent.'),
  decision: z.enum(['ask', 'allow', 'deny']).default('ask').describe('What happens to a call that matches.'),
});
export type ApprovalRule = z.infer<typeof ApprovalRule>;

/** Spec of a Ghost. */
export const GhostSpec = z.strictObject({
  systemPrompt: z.string().max(1_000_000).describe('Who the agent is and how it works.'),
  mcpServers: z.record(ObjectName, McpServer).optional().describe('Tools from MCP servers, by name.'),
  skills: z.array(ObjectName).max(256).optional().describe('Names of Skills.'),
  tools: ToolFilter.optional().describe('Allow and deny lists of tools.'),
  approvals: z.array(ApprovalRule).max(256).optional().describe('Tool calls that need a person.'),
});
export type GhostSpec = z.infer<typeof GhostSpec>;

/** Persona of an agent: prompt, tools and skills. */
export const Ghost = defineKind({
  kind: 'Ghost',
  plural: 'ghosts',
  shortNames: ['gh'],
  description: 'The persona of an agent: its system prompt, MCP servers, skills and tool rules.',
  spec: GhostSpec,
  status: CommonStatus,
  secrets: ['spec.mcpServers.*.env.*', 'spec.mcpServers.*.headers.*'],
  columns: [
    {
      name: 'MCP',
      type: 'integer',
      description: 'Number of MCP servers.',
      value: (object) => Object.keys((object.spec.mcpServers as object | undefined) ?? {}).length,
    },
    {
      name: 'Skills',
      type: 'integer',
      description: 'Number of skills.',
      value: (object) => ((object.spec.skills as unknown[] | undefined) ?? []).length,
    },
  ],
  references: (spec) =>
    (spec.skills ?? []).map((name, index) => ({
      field: `spec.skills[${index}]`,
      kind: 'Skill',
      name,
      optional: true,
    })),
  normalise: (spec) => {
    const servers = spec.mcpServers;
    if (typeof servers !== 'object' || servers === null) return spec;
    // The reference system also accepts {mcpServers: {mcpServers: {…}}} and its own names of the HTTP transport.
    const nested = (servers as Record<string, unknown>).mcpServers;
    const flat = typeof nested === 'object' && nested !== null ? nested : servers;
    return {
      ...spec,
      mcpServers: Object.fromEntries(
        Object.entries(flat).map(([name, server]) => [name, normaliseServer(server)]),
      ),
    };
  },
});

function normaliseServer(server: unknown): unknown {
  if (typeof server !== 'object' || server === null) return server;
  const { type, transport, ...rest } = server as Record<string, unknown>;
  const given = type ?? transport ?? undefined;
  if (given === 'streamable-http' || given === 'streamable_http') return { type: 'http', ...rest };
  if (given === undefined && typeof rest.url === 'string') return { type: 'http', ...rest };
  return given === undefined ? rest : { type: given, ...rest };
}
