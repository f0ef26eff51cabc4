import { z } from 'zod';

/** A tool call in an event of Agno. */
const ToolCall = z.object({
  id: z.string().nullish(),
  name: z.string().nullish(),
  input: z.unknown(),
  output: z.unknown(),
  isError: z.boolean(),
});

/** Why a call of the model failed, as Python tells it. */
export const BridgeProblem = z.object({
  names: z.array(z.string()).default([]).describe('Classes of what was thrown and of its causes.'),
  message: z.string(),
  status: z.number().optional(),
  body: z.record(z.string(), z.unknown()).optional(),
});
export type BridgeProblem = z.infer<typeof BridgeProblem>;

/** An event of Agno with the fields that matter here; names are Agno's own. */
export const AgnoEvent = z.object({
  event: z.string(),
  run: z.string(),
  content: z.string().optional(),
  reasoning: z.string().optional(),
  errorType: z.string().optional(),
  tool: ToolCall.optional(),
  usage: z
    .object({
      input: z.number(),
      output: z.number(),
      reasoning: z.number(),
      cacheRead: z.number(),
      cacheWrite: z.number(),
    })
    .optional(),
});
export type AgnoEvent = z.infer<typeof AgnoEvent>;

/** One line that the bridge writes. */
export const BridgeMessage = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('mcp'),
    server: z.string(),
    tools: z.array(z.object({ name: z.string(), title: z.string() })).optional(),
    error: z.string().optional(),
  }),
  z.object({ t: z.literal('ready'), agno: z.string(), python: z.string() }),
  z.object({
    t: z.literal('began'),
    run: z.string(),
    session: z.string(),
    dropped: z.number().describe('Turns of the session that are too long to be told again.'),
  }),
  AgnoEvent.extend({ t: z.literal('event') }),
  z.object({
    t: z.literal('ask'),
    ask: z.string(),
    run: z.string(),
    agent: z.string(),
    tool: z.string(),
    input: z.unknown(),
  }),
  z.object({
    t: z.literal('member'),
    run: z.string(),
    child: z.string().describe('The run of Agno that the member begins.'),
    agent: z.string(),
  }),
  BridgeProblem.extend({ t: z.literal('model-error'), run: z.string(), agent: z.string() }),
  z.object({
    t: z.literal('end'),
    run: z.string(),
    outcome: z.enum(['completed', 'cancelled', 'failed', 'forgotten']),
    error: BridgeProblem.optional(),
  }),
  z.object({ t: z.literal('fatal'), message: z.string(), python: z.string() }),
]);
export type BridgeMessage = z.infer<typeof BridgeMessage>;

/** An MCP server as the bridge reaches it. */
export type BridgeServer = { timeout?: number } & (
  | { type: 'stdio'; command: string; args: string[]; env: Record<string, string> }
  | { type: 'http' | 'sse'; url: string }
);

/** An agent of a run: the one that answers or leads, or a member. */
export interface BridgeAgent {
  id: string;
  name: string;
  prompt: string;
  model: { protocol: string; id: string; settings: Record<string, unknown> };
  tools: { server: string; tool: string; name: string }[];
  /** Does its model take images? */
  sees: boolean;
}

/** One line that the bridge reads. */
export type BridgeCommand =
  | {
      t: 'open';
      protocols: string[];
      /** Does the first run have members? */
      team: boolean;
      servers: Record<string, BridgeServer>;
      connectSeconds: number;
    }
  | {
      t: 'run';
      id: string;
      /** The first answers, or leads the others. */
      agents: BridgeAgent[];
      /** Modes have the names of Agno. */
      team?: { mode: 'coordinate' | 'route' | 'broadcast'; parallel: number };
      text: string;
      images: { mediaType: string; data: string }[];
      /** Characters of earlier turns that the model gets. */
      historyCharacters: number;
      session: { id: string; database: string; follows?: { session: string; run: string } };
    }
  | { t: 'verdict'; ask: string; decision: 'allow'; input: unknown }
  | { t: 'verdict'; ask: string; decision: 'deny'; message: string }
  | { t: 'cancel'; run: string };
