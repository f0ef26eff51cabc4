import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { anthropic } from './anthropic.ts';
import { answer, type ExchangeOptions } from './exchange.ts';
import { type Fault, type FaultRequest, type Problem, RequestProblem } from './faults.ts';
import { isRecord, type Json, parseJson } from './json.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';
import { createIds, type Protocol, refuse } from './protocol.ts';
import { inputTokens } from './tokens.ts';

/** Settings of a simulator. */
export interface SimulatorOptions {
  /** Words per second of answers to prompts that ask for no pace. 0: no waiting. Default 60. */
  pace?: number;
  /** Called for every request; what it returns goes before the faults that prompts ask for. */
  faults?: (request: FaultRequest) => Fault | undefined;
}

/** A simulator that listens. */
export interface RunningSimulator extends AsyncDisposable {
  /** The base URL without a path; clients that want one add `/v1`. */
  url: string;
  /** Breaks open connections and stops listening. */
  close: () => Promise<void>;
}

/** A simulator, to be mounted in a server or to listen by itself. */
export interface Simulator {
  /** A listener of node:http; a caller that mounts it takes its mount prefix off `request.url`. */
  handler: (request: IncomingMessage, response: ServerResponse) => void;
  listen: (address?: { port?: number; host?: string }) => Promise<RunningSimulator>;
}

const MAX_BODY = 32 * 1024 * 1024;
const MODELS = ['simulator', 'demo'];
const PROTOCOLS: Record<string, Protocol> = {
  '/messages': anthropic,
  '/messages/count_tokens': anthropic,
  '/chat/completions': openaiChat,
  '/responses': openaiResponses,
};

/** Makes a simulator. It keeps nothing between requests. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const settings: ExchangeOptions = { pace: options.pace ?? 60, faults: options.faults };
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    void serve(request, response, settings);
  };
  return { handler, listen: (address) => listen(handler, address) };
}

async function listen(
  handler: Simulator['handler'],
  { port = 0, host = '127.0.0.1' }: { port?: number; host?: string } = {},
): Promise<RunningSimulator> {
  const server = createServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  settings: ExchangeOptions,
): Promise<void> {
  const path = (request.url ?? '/')
    .replace(/\?.*$/, '')
    .replace(/^\/v1(?=\/|$)/, '')
    .replace(/\/$/, '');
  const byAnthropic = path.startsWith('/messages') || request.headers['anthropic-version'] !== undefined;
  const protocol = PROTOCOLS[path] ?? (byAnthropic ? anthropic : openaiChat);
  response.on('error', () => response.destroy());
  try {
    if (request.method === 'HEAD') return void response.writeHead(200).end();
    refuseKey(request.headers);
    if (request.method === 'GET') return send(response, 200, getAnswer(path, byAnthropic));
    if (request.method !== 'POST' || !(path in PROTOCOLS)) throw notFound(request.method, path);
    const body = await readBody(request);
    if (path.endsWith('/count_tokens')) return send(response, 200, countTokens(body));
    await answer(protocol, { body, headers: request.headers, response }, settings);
  } catch (cause) {
    fail(response, protocol, cause);
  }
}

function fail(response: ServerResponse, protocol: Protocol, cause: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const unknown: Problem = { kind: 'server', status: 500, message: String(cause) };
  const problem = cause instanceof RequestProblem ? cause.problem : unknown;
  const { status, body } = protocol.error(problem);
  if (problem.retryAfter !== undefined) response.setHeader('retry-after', String(problem.retryAfter));
  send(response, status, body);
}

function send(response: ServerResponse, status: number, body: Json): void {
  const source = JSON.stringify(body);
  const id = createIds(source)('req_');
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': id, 'request-id': id });
  response.end(source);
}

/** Refuses the keys that stand for wrong ones; any other, and none, will do. */
function refuseKey(headers: IncomingHttpHeaders): void {
  const key = headers['x-api-key'] ?? headers.authorization?.replace(/^Bearer /i, '');
  if (key === 'invalid' || key === 'bad-key') {
    throw new RequestProblem({ kind: 'authentication', status: 401 });
  }
}

function notFound(method: string | undefined, path: string): RequestProblem {
  const known = Object.keys(PROTOCOLS).map((each) => `POST /v1${each}`);
  const message = `${method} ${path || '/'} not found; available: ${known.join(', ')}, GET /v1/models`;
  return new RequestProblem({ kind: 'not-found', status: 404, message });
}

function getAnswer(path: string, byAnthropic: boolean): Json {
  const [, root, id] = path.split('/');
  const model = byAnthropic ? anthropicModel : openaiModel;
  if (root !== 'models') throw notFound('GET', path);
  if (id?.startsWith('missing-')) {
    throw new RequestProblem({ kind: 'not-found', status: 404, message: `The model '${id}' does not exist` });
  }
  if (id !== undefined) return model(decodeURIComponent(id));
  const data = MODELS.map(model);
  if (!byAnthropic) return { object: 'list', data };
  return { data, has_more: false, first_id: MODELS[0], last_id: MODELS.at(-1) };
}

function openaiModel(id: string): Json {
  return { id, object: 'model', created: 1735689600, owned_by: 'wegent' };
}

function anthropicModel(id: string): Json {
  return { type: 'model', id, display_name: `Simulator (${id})`, created_at: '2025-01-01T00:00:00Z' };
}

function countTokens(body: Buffer): Json {
  const parsed = parseJson(body.toString('utf8'));
  if (!isRecord(parsed)) refuse('The request body is not valid JSON');
  return { input_tokens: inputTokens(anthropic.parse({ max_tokens: 1, ...parsed })) };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop early must not destroy the connection, over which the refusal has to go.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const part = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += part.length;
    if (size > MAX_BODY) {
      request.resume();
      throw new RequestProblem({ kind: 'too-large', status: 413 });
    }
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}
