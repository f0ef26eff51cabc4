import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
} from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ExecutionSpec, type ModelEndpoint, type SandboxContext, type Usage } from '@wegent/api';
import type { Delegate } from '@wegent/engine';
import { temporaryFolder } from '@wegent/testing';
import { pino } from 'pino';
import { createGateway, type GatewayOptions } from '../src/gateway/gateway.ts';

/** A key of which no trace may be found in what a sandbox sees. */
export const KEY = 'real-key-0123456789abcdef';

/** A gateway with an open socket, and what it logged. */
export async function startGateway(options: Partial<GatewayOptions> = {}) {
  const folder = await temporaryFolder();
  const log: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
  const gateway = createGateway({ logger, ...options });
  const sandbox = async (name: string) => {
    const socketPath = join(folder.path, name, 'run', 'gateway.sock');
    await mkdir(join(folder.path, name, 'run'), { recursive: true });
    const socket = await gateway.open({ socketPath });
    const admit = (
      spec: ExecutionSpec | SandboxContext,
      blobs: Record<string, Uint8Array> = {},
      delegate?: Delegate,
    ) => {
      const egress: string[] = [];
      const usages: (Usage & { member?: string })[] = [];
      const pass = gateway.admit({
        socketPath,
        spec,
        onEgress: (line) => egress.push(line),
        onUsage: (usage, member) => usages.push({ ...usage, ...(member === undefined ? {} : { member }) }),
        readBlob: (key) => Promise.resolve(blobs[key]),
        delegate,
      });
      const call = (path: string, given: CallOptions = {}) =>
        callSocket(socketPath, path, { ...given, headers: { 'x-wegent-run': pass.token, ...given.headers } });
      return { ...pass, egress, usages, call };
    };
    return { socketPath, admit, close: () => socket.close() };
  };
  return {
    gateway,
    folder: folder.path,
    log,
    sandbox,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

export interface CallOptions {
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer;
  json?: unknown;
}

/** An answer whose body is read when asked for. */
export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  incoming: IncomingMessage;
  text(): Promise<string>;
}

/** A request through the socket. */
export async function callSocket(
  socketPath: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { json, headers = {} } = options;
  const body = json === undefined ? options.body : JSON.stringify(json);
  const outgoing = httpRequest({
    socketPath,
    path,
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    agent: false,
  });
  outgoing.on('error', () => undefined);
  outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    incoming,
    text: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    },
  };
}

/** Bytes as they are, and all that comes back until the other side ends. */
export async function callRaw(socketPath: string, bytes: string): Promise<string> {
  const socket = connect(socketPath);
  socket.on('error', () => undefined);
  socket.write(bytes);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('utf8');
}

/** A server of the test's own. */
export async function startServer(listener: RequestListener, host = '127.0.0.1') {
  const server = createServer(listener);
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    server,
    port,
    url: `http://${host}:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The executor's side: a port of 127.0.0.1 that leads to the socket with the token put in. */
export function startPort(socketPath: string, token: string) {
  return startServer((request, response) => {
    const outgoing = httpRequest({
      socketPath,
      path: request.url ?? '',
      method: request.method ?? '',
      headers: { ...request.headers, 'x-wegent-run': token },
      agent: false,
    });
    outgoing.on('response', (incoming) => {
      response.writeHead(incoming.statusCode ?? 500, incoming.headers);
      incoming.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    request.pipe(outgoing);
  });
}

/** A Model on a server. */
export function modelAt(baseUrl: string, given: Partial<ModelEndpoint> = {}): ModelEndpoint {
  return {
    name: 'sim',
    protocol: 'anthropic',
    modelId: 'simulator',
    baseUrl,
    apiKey: KEY,
    headers: {},
    env: {},
    capabilities: {},
    ...given,
  };
}

/** A run, with what the test needs of it. */
export function specOf(given: Partial<ExecutionSpec> = {}): ExecutionSpec {
  return ExecutionSpec.parse({
    executionId: 'run-1',
    messageId: 'message-1',
    attempt: 1,
    taskId: 'task-1',
    namespace: 'default',
    taskType: 'code',
    owner: { userId: 'u', name: 'Ada' },
    bot: { name: 'coder', namespace: 'default' },
    shell: shellOf('gateway-only'),
    systemPrompt: '',
    mcpServers: {},
    approvals: [],
    skills: [],
    history: [],
    input: { role: 'user', text: 'hello' },
    options: {},
    egress: [],
    ...given,
  });
}

export function shellOf(network: SandboxContext['shell']['network']): SandboxContext['shell'] {
  return {
    name: 'claude',
    shellType: 'ClaudeCode',
    network,
    turnSeconds: 60,
    idleSeconds: 60,
    startSeconds: 60,
    maxAttempts: 1,
  };
}
