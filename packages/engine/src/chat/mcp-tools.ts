import { setTimeout as delay } from 'node:timers/promises';
import { createMCPClient, type ListToolsResult, type MCPClient } from '@ai-sdk/mcp';
import type { ExecutionSpec } from '@wegent/api';
import type { ToolSet } from 'ai';
import type { Turn } from '../engine.ts';
import { redact } from '../redact.ts';
import { isToolAllowed, toolNameOf } from '../tool-rules.ts';
import type { ApproveCall } from './approve-call.ts';
import { createStdioTransport, type StdioCommand } from './mcp-stdio.ts';
import { compactOutput, limitOutput, textOfOutput } from './tool-output.ts';

/** The tools of a run. */
export interface ChatTools {
  set: ToolSet;
  /** Name of a tool for people. */
  titleOf(name: string): string;
  /** What the model reads about the tools, to weigh it. */
  text: string;
  /** Ends connections and processes. */
  close(): Promise<void>;
}

/** How MCP servers are reached. */
export interface McpOptions {
  /** Decides about each call. */
  approve: ApproveCall;
  fetch: typeof globalThis.fetch;
  /** Changes how a stdio server is started (to put it into a sandbox), or throws to refuse it. */
  prepareCommand?: (command: StdioCommand, spec: ExecutionSpec) => StdioCommand;
  connectMs?: number;
}

type McpServer = ExecutionSpec['mcpServers'][string];
type Definition = ListToolsResult['tools'][number];
type McpTool = ReturnType<MCPClient['toolsFromDefinitions']>[string];

const CONNECT_MS = 15_000;
const CALL_MS = 60_000;
const CLOSE_MS = 2_000;
const MAX_REASON = 300;
const STDIO_REFUSED =
  'it would run a program on the platform’s own machine, which only agents of administrators may do';

interface Connection {
  server: string;
  client: MCPClient;
  definitions: Definition[];
  callMs: number;
}

/**
 * Connects to the MCP servers of the Ghost, all at once. One that does not come up in time is a `warning` and not
 * the end of the run. Tools are named `<server>__<tool>`.
 */
export async function connectMcpTools(
  turn: Pick<Turn, 'spec' | 'emit' | 'signal'>,
  options: McpOptions,
): Promise<ChatTools> {
  const connections: Connection[] = [];
  const attempts = Object.entries(turn.spec.mcpServers).map(async ([server, config]) => {
    try {
      connections.push(await connect({ server, config, turn, options }));
    } catch (cause) {
      if (turn.signal.aborted) return;
      turn.emit({
        type: 'warning',
        code: 'McpServerUnavailable',
        message: unavailable(server, config, cause),
      });
    }
  });
  await Promise.all(attempts);
  const close = () => closeAll(connections.map(({ client }) => client));
  if (turn.signal.aborted) {
    await close();
    turn.signal.throwIfAborted();
  }
  // Whoever answered first must not decide the order in which the model sees the tools.
  connections.sort((left, right) => left.server.localeCompare(right.server));
  return { ...collectTools(connections, turn.spec, options.approve), close };
}

async function connect(given: {
  server: string;
  config: McpServer;
  turn: Pick<Turn, 'spec' | 'signal'>;
  options: McpOptions;
}): Promise<Connection> {
  const { server, config, turn, options } = given;
  const limit = AbortSignal.timeout(options.connectMs ?? CONNECT_MS);
  const signal = AbortSignal.any([turn.signal, limit]);
  const transport = transportOf(config, turn.spec, options);
  let client: MCPClient | undefined;
  try {
    client = await createMCPClient({
      transport,
      clientName: 'wegent',
      initializationOptions: { signal },
      // Answers to requests that were given up, and lines that are no messages: the calls themselves tell.
      onUncaughtError: () => undefined,
    });
    return {
      server,
      client,
      definitions: await listTools(client, signal),
      callMs: (config.timeout ?? CALL_MS / 1000) * 1000,
    };
  } catch (cause) {
    if (client) await closeAll([client]);
    else if ('close' in transport) await transport.close();
    const said = 'stderrTail' in transport ? transport.stderrTail.trim().split('\n').at(-1) : undefined;
    if (limit.aborted)
      throw new Error(`no answer within ${(options.connectMs ?? CONNECT_MS) / 1000} s`, { cause });
    throw said ? new Error(`${messageOf(cause)}: ${said}`, { cause }) : cause;
  }
}

function transportOf(config: McpServer, spec: ExecutionSpec, { fetch, prepareCommand }: McpOptions) {
  if (!('command' in config))
    return { type: config.type, url: config.url, headers: config.headers ?? {}, fetch };
  const command = { command: config.command, args: config.args ?? [], env: config.env ?? {} };
  if (prepareCommand) return createStdioTransport(prepareCommand(command, spec));
  // Whoever may not reach this machine's network must all the less run programs on it.
  if (spec.outboundAllow !== undefined) throw new Error(STDIO_REFUSED);
  return createStdioTransport(command);
}

async function listTools(client: MCPClient, signal: AbortSignal): Promise<Definition[]> {
  const definitions: Definition[] = [];
  let cursor: string | undefined;
  do {
    const page: ListToolsResult = await client.listTools({
      ...(cursor === undefined ? {} : { params: { cursor } }),
      options: { signal },
    });
    definitions.push(...page.tools);
    cursor = page.nextCursor;
  } while (cursor !== undefined && !signal.aborted);
  return definitions;
}

function collectTools(
  connections: Connection[],
  spec: ExecutionSpec,
  approve: ApproveCall,
): Omit<ChatTools, 'close'> {
  const set: ToolSet = {};
  const titles = new Map<string, string>();
  const texts: string[] = [];
  for (const { server, client, definitions, callMs } of connections) {
    const tools = client.toolsFromDefinitions({ tools: definitions });
    for (const definition of definitions) {
      const tool = tools[definition.name];
      const name = toolNameOf(server, definition.name, (taken) => taken in set);
      if (tool === undefined || !isToolAllowed(spec.tools, { name, server, tool: definition.name })) continue;
      const title = `${server}: ${definition.title ?? definition.annotations?.title ?? humanise(definition.name)}`;
      set[name] = {
        ...tool,
        toModelOutput: textFirst(tool.toModelOutput),
        execute: async (input: unknown, options: NonNullable<Parameters<McpTool['execute']>[1]>) => {
          const approved = await approve({ name, server, tool: definition.name, title, input });
          return callTool({
            callMs,
            outer: options.abortSignal,
            call: (abortSignal) => tool.execute(approved, { ...options, abortSignal }),
          });
        },
      };
      titles.set(name, title);
      texts.push(name, definition.description ?? '', JSON.stringify(definition.inputSchema));
    }
  }
  return { set, titleOf: (name) => titles.get(name) ?? humanise(name), text: texts.join('\n') };
}

type ToModelOutput = NonNullable<McpTool['toModelOutput']>;

/** Text as text: the SDK would write the list of parts as JSON into protocols that take only text. */
function textFirst(other: ToModelOutput | undefined): ToModelOutput {
  return (given) => {
    const output = compactOutput(given.output);
    if (typeof output !== 'string' && other) return other(given);
    return { type: 'text', value: typeof output === 'string' ? output : JSON.stringify(output) };
  };
}

async function callTool<Result>(given: {
  callMs: number;
  outer: AbortSignal | undefined;
  call: (signal: AbortSignal) => Result | PromiseLike<Result>;
}): Promise<Result> {
  const limit = AbortSignal.timeout(given.callMs);
  const signal = given.outer ? AbortSignal.any([given.outer, limit]) : limit;
  let output: Result;
  try {
    output = await given.call(signal);
  } catch (cause) {
    if (limit.aborted) throw new Error(`The tool did not answer within ${given.callMs / 1000} s.`, { cause });
    throw cause;
  }
  if (typeof output === 'object' && output !== null && 'isError' in output && output.isError === true) {
    throw new Error(textOfOutput(output) || 'The tool failed without a reason.');
  }
  return limitOutput(output);
}

async function closeAll(clients: MCPClient[]): Promise<void> {
  const patience = new AbortController();
  const closing = Promise.allSettled(clients.map((client) => client.close()));
  await Promise.race([
    closing,
    delay(CLOSE_MS, undefined, { signal: patience.signal }).catch(() => undefined),
  ]);
  patience.abort();
}

function unavailable(server: string, config: McpServer, cause: unknown): string {
  const secrets =
    'command' in config ? { headers: {}, env: config.env ?? {} } : { headers: config.headers ?? {}, env: {} };
  const why = redact(messageOf(cause), secrets).slice(0, MAX_REASON);
  return `The MCP server “${server}” is not available, so its tools are missing: ${why}.`;
}

function messageOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).replace(/\.+$/, '');
}

function humanise(name: string): string {
  const words = name
    .replaceAll(/[_-]+/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
