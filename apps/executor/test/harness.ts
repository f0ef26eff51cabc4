import { mkdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import {
  type ExecutionEvent,
  ExecutionSpec,
  ExecutorEvent,
  type SpecSkill,
  type SpecWorkspace,
} from '@wegent/api';
import type { SandboxTurn } from '@wegent/engine/sandbox';
import { type TemporaryFolder, temporaryFolder } from '@wegent/testing';
import { createExecutor, type ExecutorOptions } from '../src/index.ts';
import { createLogger } from '../src/logger.ts';
import { type StandInGateway, startStandInGateway } from './stand-in-gateway.ts';

export const TOKEN = 'token-of-the-sandbox-0123456789';
export const RUN_TOKEN = 'run-token-that-must-not-be-seen';

/** An answer of the executor. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  json: any;
}

/** An executor with everything around it. */
export interface Harness extends AsyncDisposable {
  readonly folder: string;
  readonly workspaceFolder: string;
  readonly homeFolder: string;
  readonly socketPath: string;
  readonly gateway: StandInGateway;
  /** What the agent does in the turns to come. */
  script: (turn: SandboxTurn) => Promise<void>;
  readonly logs: string[];
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  startTurn(turnId: string, options?: TurnOptions): Promise<Answer>;
  events(turnId: string, after?: number, signal?: AbortSignal): AsyncGenerator<ExecutorEvent>;
  /** All events of a turn to its end. */
  finished(turnId: string): Promise<ExecutionEvent[]>;
  /** Starts a turn and waits for its end. */
  turn(turnId: string, options?: TurnOptions): Promise<ExecutionEvent[]>;
  close(): Promise<void>;
}

export interface TurnOptions {
  attempt?: number;
  workspace?: SpecWorkspace | undefined;
  skills?: SpecSkill[];
  bot?: string;
  runToken?: string;
  turnSeconds?: number;
}

/** Starts a real executor on a unix socket in a folder of its own; the engine is the test's script. */
export async function startHarness(
  options: { gitStallMs?: number; orphanMs?: number; onOrphaned?: () => void; folder?: TemporaryFolder } = {},
): Promise<Harness> {
  const temporary = options.folder ?? (await temporaryFolder());
  const folder = temporary.path;
  const runFolder = join(folder, 'run');
  await mkdir(runFolder, { recursive: true });
  const gateway = await startStandInGateway(join(runFolder, 'gateway.sock'));
  gateway.tokens.add(RUN_TOKEN);
  const logs: string[] = [];
  const config: ExecutorOptions['config'] = {
    runFolder,
    workspaceFolder: join(folder, 'workspace'),
    homeFolder: join(folder, 'home'),
    enginesFolder: join(folder, 'engines'),
    orphanMs: options.orphanMs ?? 600_000,
    path: searchPath(),
  };
  const executor = createExecutor({
    config,
    token: TOKEN,
    engines: {
      ClaudeCode: { shellType: 'ClaudeCode', placement: 'sandbox', run: (turn) => harness.script(turn) },
    },
    sshProgram: [process.execPath, join(import.meta.dirname, '../src/main.ts')],
    logger: createLogger((line) => logs.push(line)),
    onOrphaned: options.onOrphaned ?? (() => {}),
    ...(options.gitStallMs === undefined ? {} : { gitStallMs: options.gitStallMs }),
  });
  const socketPath = join(folder, 'executor.sock');
  await executor.listen({ socketPath });

  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await executor.close();
    await gateway[Symbol.asyncDispose]();
  };
  const call: Harness['call'] = async (method, path, body, headers = {}) => {
    const response = await send({ socketPath, method, path, body, headers });
    const bytes = await readAll(response);
    const text = bytes.toString('utf8');
    const isJson = response.headers['content-type'] === 'application/json';
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      bytes,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  };
  const harness: Harness = {
    folder,
    workspaceFolder: config.workspaceFolder,
    homeFolder: config.homeFolder,
    socketPath,
    gateway,
    script: async () => {},
    logs,
    call,
    startTurn: (turnId, given = {}) =>
      call('POST', '/v1/turns', {
        turnId,
        attempt: given.attempt ?? 1,
        runToken: given.runToken ?? RUN_TOKEN,
        spec: specOf(turnId, given),
      }),
    async *events(turnId, after = 0, signal) {
      const path = `/v1/turns/${turnId}/events?after=${after}`;
      const response = await send({ socketPath, method: 'GET', path, ...(signal ? { signal } : {}) });
      if (response.statusCode !== 200) throw new Error(`events were answered with ${response.statusCode}`);
      let rest = '';
      for await (const chunk of response) {
        const lines = (rest + chunk.toString('utf8')).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') yield ExecutorEvent.parse(JSON.parse(line));
      }
    },
    async finished(turnId) {
      const all: ExecutionEvent[] = [];
      for await (const { event } of harness.events(turnId)) all.push(event);
      if (all.at(-1)?.type !== 'finish') throw new Error('the stream ended without finish');
      return all;
    },
    async turn(turnId, given) {
      const answer = await harness.startTurn(turnId, given);
      if (answer.status !== 201)
        throw new Error(`the turn was answered with ${answer.status}: ${answer.text}`);
      return harness.finished(turnId);
    },
    close,
    async [Symbol.asyncDispose]() {
      await close();
      if (!options.folder) await temporary[Symbol.asyncDispose]();
    },
  };
  return harness;
}

/** A workspace on a repository. */
export function workspaceOf(url: string | undefined, more: Partial<SpecWorkspace> = {}): SpecWorkspace {
  return {
    ...(url === undefined ? {} : { repository: { url } }),
    workBranch: 'wegent/task-1',
    author: { name: 'Grace Person', email: 'grace@example.org' },
    setupCommands: [],
    env: {},
    submodules: false,
    ...more,
  };
}

/** The outcome of a turn with its error. */
export function finishOf(events: readonly ExecutionEvent[]): Extract<ExecutionEvent, { type: 'finish' }> {
  const last = events.at(-1);
  if (last?.type !== 'finish') throw new Error('the last event is not finish');
  return last;
}

/** Sends any request to the executor's socket; streams of bytes go as they are. */
export function send(given: {
  socketPath: string;
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}): Promise<import('node:http').IncomingMessage> {
  const { socketPath, method, path, body, headers = {}, signal } = given;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      socketPath,
      method,
      path,
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      ...(signal ? { signal } : {}),
    });
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
    if (body === undefined || Buffer.isBuffer(body)) outgoing.end(body);
    else outgoing.end(JSON.stringify(body));
  });
}

export async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function searchPath(): string {
  // biome-ignore lint/style/noProcessEnv: the executor gets the machine's search path
  return process.env.PATH ?? '/usr/bin:/bin';
}

function specOf(
  turnId: string,
  { workspace, skills = [], bot = 'coder', turnSeconds = 120 }: TurnOptions,
): ExecutionSpec {
  return ExecutionSpec.parse({
    taskId: 'task-1',
    namespace: 'default',
    taskType: 'code',
    shell: {
      name: 'claude-code',
      shellType: 'ClaudeCode',
      network: 'gateway-only',
      turnSeconds,
      idleSeconds: 60,
      startSeconds: 60,
      maxAttempts: 3,
    },
    ...(workspace ? { workspace } : {}),
    egress: [],
    executionId: turnId,
    messageId: 'message-1',
    attempt: 1,
    owner: { userId: 'user-1', name: 'grace' },
    bot: { name: bot, namespace: 'default' },
    systemPrompt: '',
    mcpServers: {},
    approvals: [],
    skills,
    history: [],
    input: { role: 'user', text: 'do it' },
    options: {},
  });
}
