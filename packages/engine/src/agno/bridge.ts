import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { createAgentProcess, type ProcessEnd } from '../claude-code/agent-process.ts';
import type { SandboxTurn } from '../sandbox-turn.ts';
import { type BridgeCommand, BridgeMessage } from './bridge-messages.ts';
import { bridgeSource } from './bridge-source.ts';
import { crewOf, serversOf } from './crew.ts';
import { environmentOf } from './environment.ts';
import { killMarked } from './kill-marked.ts';
import type { AgnoLibrary } from './library.ts';

/** What of a turn a bridge is started for; when it changes, the next turn gets a new one. */
export type BridgeSetting = Pick<SandboxTurn, 'spec' | 'workFolder' | 'homeFolder' | 'gatewayUrl' | 'env'>;

/** What a bridge found out when it started. */
export interface Opened {
  tools: Map<string, { name: string; title: string }[]>;
  /** Why MCP servers are missing, by name. */
  failures: Map<string, string>;
  /** Python cannot load Agno. */
  fatal?: Extract<BridgeMessage, { t: 'fatal' }>;
}

/** Gets what the bridge says of a run, one after another. */
export type BridgeListener = (message: BridgeMessage) => Promise<void> | void;

/** The process that runs Agno, with its connections to MCP servers. It serves one turn at a time. */
export interface Bridge {
  readonly key: string;
  readonly pid: number | undefined;
  /** Resolves when it can take runs; never rejects, but may never resolve when the process ends. */
  readonly opened: Promise<Opened>;
  readonly ended: Promise<ProcessEnd>;
  readonly isOver: boolean;
  readonly stderrTail: string;
  listen(listener: BridgeListener | undefined): void;
  send(command: BridgeCommand): void;
  /** Ends the process and the servers; they have a moment to do so by themselves. */
  close(): Promise<void>;
  kill(): void;
}

const CLOSE_MS = 3_000;
const CONNECT_SECONDS = 15;

/** Two settings with the same key can share a bridge. */
export function settingKey({ spec, workFolder, homeFolder, gatewayUrl, env }: BridgeSetting): string {
  const servers = serversOf(crewOf(spec), gatewayUrl);
  return JSON.stringify({ workFolder, homeFolder, gatewayUrl, env, servers, team: spec.team });
}

/** Starts a bridge, which connects to the MCP servers of the setting at once. */
export async function startBridge(given: {
  library: AgnoLibrary;
  setting: BridgeSetting;
  connectSeconds?: number;
}): Promise<Bridge> {
  const { library, setting, connectSeconds = CONNECT_SECONDS } = given;
  const crew = crewOf(setting.spec);
  await mkdir(setting.workFolder, { recursive: true });
  const mark = randomUUID();
  const agent = createAgentProcess();
  const child = agent.spawn({
    command: library.python,
    // Nothing of the environment or of this Python's own packages gets in between.
    args: ['-I', '-S', '-X', 'utf8', '-c', await bridgeSource(), library.folder],
    cwd: setting.workFolder,
    env: environmentOf(setting, mark),
    signal: new AbortController().signal,
  });
  let isOver = false;
  let listener: BridgeListener | undefined;
  const ended = agent.ended.then(async (end) => {
    isOver = true;
    await killMarked(mark);
    return end;
  });
  const opened = Promise.withResolvers<Opened>();
  const found: Opened = { tools: new Map(), failures: new Map() };
  const hear: BridgeListener = (message) => {
    if (message.t === 'mcp' && message.tools) found.tools.set(message.server, message.tools);
    if (message.t === 'mcp' && message.error !== undefined) found.failures.set(message.server, message.error);
    if (message.t === 'ready') opened.resolve(found);
    if (message.t === 'fatal') opened.resolve({ ...found, fatal: message });
    return listener?.(message);
  };
  const send = (command: BridgeCommand) => {
    if (child.stdin.writable) child.stdin.write(`${JSON.stringify(command)}\n`);
  };
  void pump(child.stdout, hear).catch(() => agent.kill());
  send({
    t: 'open',
    protocols: [...new Set(crew.map(({ model }) => model.protocol))],
    team: crew.length > 1,
    servers: serversOf(crew, setting.gatewayUrl),
    connectSeconds,
  });
  return {
    key: settingKey(setting),
    get pid() {
      return agent.pid;
    },
    opened: opened.promise,
    ended,
    get isOver() {
      return isOver;
    },
    get stderrTail() {
      return agent.stderrTail;
    },
    listen: (next) => {
      listener = next;
    },
    send,
    close: async () => {
      listener = undefined;
      child.stdin.end();
      await Promise.race([ended, delay(CLOSE_MS, undefined, { ref: false })]);
      if (!isOver) agent.kill();
      await ended;
    },
    kill: agent.kill,
  };
}

/** Reads line by line; the bridge waits while a line is worked on, since its pipe gets full. */
async function pump(stdout: Readable, hear: BridgeListener): Promise<void> {
  const parts: string[] = [];
  stdout.setEncoding('utf8');
  for await (const chunk of stdout) {
    const [first = '', ...rest] = String(chunk).split('\n');
    parts.push(first);
    for (const next of rest) {
      const message = readLine(parts.splice(0).join(''));
      if (message) await hear(message);
      parts.push(next);
    }
  }
}

function readLine(line: string): BridgeMessage | undefined {
  try {
    return BridgeMessage.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
