import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import {
  EMPTY_FOLD,
  type ExecutionEvent,
  type ExecutionSpec,
  type MessageFold,
  type RunInput,
  reduceEvents,
  textOf,
} from '@wegent/api';
import { createSimulator, type SimulatorOptions } from '@wegent/simulator';
import { enginesFolder, type TemporaryFolder, temporaryFolder } from '@wegent/testing';
import { createSandboxEngines, RunFailure, runTurn, type SandboxEngines } from '../src/sandbox-engines.ts';
import { type Protocol, specOf } from './harness.ts';

/** A sandbox as the executor would make it: folders, a gateway, the engines. */
export interface Sandbox extends AsyncDisposable {
  work: string;
  home: string;
  gatewayUrl: string;
  engines: SandboxEngines;
  /** Closes the engines and makes new ones, as an executor that starts again. */
  restart(): Promise<void>;
  /** A turn's spec; `messageId` is that of the answer. */
  spec(text: string, change?: (spec: ExecutionSpec) => void): ExecutionSpec;
  /** Runs a turn. */
  run(spec: ExecutionSpec, options?: RunOptions): Promise<Ran>;
  /** Path, headers and bodies of the requests that reached the model. */
  requests: { path: string; headers: Record<string, unknown>; body: string }[];
}

export interface RunOptions {
  signal?: AbortSignal;
  /** May answer with an input at once. */
  onEvent?: (event: ExecutionEvent, say: (input: RunInput) => void) => void;
  blobs?: Record<string, Uint8Array>;
}

export interface Ran {
  events: ExecutionEvent[];
  fold: MessageFold;
  text: string;
  failure: RunFailure['error'] | undefined;
  /** Milliseconds to the first delta, and to the end. */
  firstMs: number;
  totalMs: number;
}

let counter = 0;

/** Makes a sandbox; everything ends with the `await using` scope. */
export async function createSandbox(
  options: {
    simulator?: SimulatorOptions;
    mcp?: Record<string, string>;
    enginesFolder?: string;
    env?: Record<string, string>;
    idleMs?: number;
    shellType?: 'ClaudeCode' | 'Agno';
    protocol?: Protocol;
    mcpConnectSeconds?: number;
    /** A model in place of the simulator. */
    modelUrl?: string;
  } = {},
): Promise<Sandbox> {
  const folder: TemporaryFolder = await temporaryFolder();
  const simulator = await createSimulator({ pace: 0, ...options.simulator }).listen();
  const requests: Sandbox['requests'] = [];
  const gateway = await startGateway({
    model: options.modelUrl ?? simulator.url,
    mcp: options.mcp ?? {},
    requests,
  });
  const work = join(folder.path, 'work');
  const home = join(folder.path, 'home');
  await mkdir(work);
  await mkdir(home);
  const { shellType = 'ClaudeCode', protocol = 'anthropic', mcpConnectSeconds } = options;
  const close = () => Promise.all(Object.values(sandbox.engines).map((engine) => engine.close?.()));
  const make = () =>
    createSandboxEngines({
      enginesFolder:
        options.enginesFolder ?? enginesFolder(shellType === 'Agno' ? 'agno' : 'claude-code') ?? '/none',
      ...(mcpConnectSeconds === undefined ? {} : { mcpConnectSeconds }),
      ...(options.idleMs === undefined ? {} : { idleMs: options.idleMs }),
    });
  const sandbox: Sandbox = {
    work,
    home,
    gatewayUrl: gateway.url,
    requests,
    engines: make(),
    restart: async () => {
      await close();
      sandbox.engines = make();
    },
    spec: (text, change) =>
      specOf({
        url: 'http://the-key-is-not-here.invalid',
        text,
        protocol,
        change: (spec) => {
          counter++;
          spec.shell.shellType = shellType;
          spec.taskType = 'code';
          spec.executionId = `execution-${counter}`;
          spec.messageId = `answer-${counter}`;
          spec.input.id = `input-${counter}`;
          change?.(spec);
        },
      }),
    run: (spec, run) => runSpec(sandbox, spec, run ?? {}, options.env ?? {}),
    [Symbol.asyncDispose]: async () => {
      await close();
      await gateway.close();
      await simulator.close();
      await folder[Symbol.asyncDispose]();
    },
  };
  return sandbox;
}

/** Agent processes of that sandbox that live now. */
export async function agentPids(home: string): Promise<number[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
      const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
      return command.includes('--output-format') && environment.includes(`CLAUDE_CONFIG_DIR=${home}/`)
        ? [Number(name)]
        : [];
    }),
  );
  return found.flat();
}

/** The history that a further turn has after this answer. */
export function historyAfter(spec: ExecutionSpec, ran: Pick<Ran, 'text'>): ExecutionSpec['history'] {
  return [...spec.history, spec.input, { id: spec.messageId, role: 'assistant', text: ran.text }];
}

async function runSpec(
  sandbox: Sandbox,
  spec: ExecutionSpec,
  { signal, onEvent, blobs }: RunOptions,
  env: Record<string, string>,
): Promise<Ran> {
  const events: ExecutionEvent[] = [];
  const started = performance.now();
  let firstMs = 0;
  let failure: Ran['failure'];
  let listener: (input: RunInput) => void = () => undefined;
  try {
    await runTurn(sandbox.engines, {
      spec,
      workFolder: sandbox.work,
      homeFolder: sandbox.home,
      gatewayUrl: sandbox.gatewayUrl,
      env,
      emit: (event) => {
        events.push(event);
        if (event.type === 'text-delta' && firstMs === 0) firstMs = performance.now() - started;
        onEvent?.(event, listener);
      },
      ready: () => Promise.resolve(),
      onInput: (given) => {
        listener = given;
      },
      signal: signal ?? new AbortController().signal,
      readBlob: (key) => Promise.resolve(blobs?.[key]),
    });
  } catch (cause) {
    if (!(cause instanceof RunFailure)) throw cause;
    failure = cause.error;
  }
  const fold = events.reduce((folded, event) => reduceEvents(folded, spec.executionId, event), EMPTY_FOLD);
  return { events, fold, text: textOf(fold), failure, firstMs, totalMs: performance.now() - started };
}

/** Forwards `/model/…` to the model and `/mcp/<name>/` to MCP servers, of members too, as the manager's gateway does. */
async function startGateway(given: {
  model: string;
  mcp: Record<string, string>;
  requests: Sandbox['requests'];
}) {
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const [, kind, ...rest] = path.replace(/^\/members\/\d+/, '').split('/');
    const name = kind === 'mcp' ? (rest.shift() ?? '') : '';
    const target =
      kind === 'model' ? `${given.model}/${rest.join('/')}` : kind === 'mcp' ? given.mcp[name] : undefined;
    if (target === undefined) return void response.writeHead(404).end('no such place');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (kind === 'model' && request.method === 'POST')
        given.requests.push({ path, headers: request.headers, body: body.toString('utf8') });
      const url = new URL(target);
      const { authorization: _placeholder, ...headers } = request.headers;
      const outgoing = httpRequest(
        url,
        { method: request.method, headers: { ...headers, host: url.host, 'x-api-key': 'the-real-key' } },
        (incoming) => {
          response.writeHead(incoming.statusCode ?? 502, incoming.headers);
          incoming.on('error', () => response.destroy());
          incoming.pipe(response);
        },
      );
      outgoing.on('error', () => response.destroy());
      response.on('close', () => outgoing.destroy());
      outgoing.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
