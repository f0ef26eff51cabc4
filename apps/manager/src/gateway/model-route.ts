import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { ModelEndpoint } from '@wegent/api';
import { baseUrlOf, redact } from '@wegent/engine';
import { sendJson, sendText } from './answers.ts';
import { BodyProblem, type Exchange, readBody } from './exchange.ts';
import { MAX_MODEL_BODY } from './gateway-timings.ts';
import { pickHeaders } from './headers.ts';
import { createKeyMask } from './key-mask.ts';
import { modelHeaders, modelSecrets } from './model-auth.ts';
import { type ModelCall, modelCallOf, namesOfCalls, problemOfBody } from './model-calls.ts';
import { modelError } from './model-errors.ts';
import { retryUpstream } from './retry-upstream.ts';
import type { RouteDeps } from './router.ts';
import { explainUpstream } from './upstream.ts';
import { createUsageMeter } from './usage-meter.ts';

const REQUEST_HEADERS =
  /^(accept|content-type|user-agent|anthropic-(version|beta)|openai-beta|x-app|x-attempt|x-stainless-.*|x-claude-code-.*)$/;
const RESPONSE_HEADERS =
  /^(content-type|cache-control|retry-after(-ms)?|request-id|x-request-id|x-should-retry|anthropic-ratelimit-.*|x-ratelimit-.*)$/;
const MAX_ERROR_BYTES = 64 * 1024;

/** Passes a call on to the Model of the run, and the answer back as it comes. */
export async function serveModel(exchange: Exchange, deps: RouteDeps): Promise<void> {
  const { pass, request, response } = exchange;
  const endpoint = pass.run?.model;
  if (!endpoint) return sendText(response, 404, 'Nobody works with a model here.\n', { close: true });
  const refuse = (status: number, message: string) =>
    sendJson(response, status, modelError(endpoint.protocol, status, message), { close: true });

  const method = request.method ?? '';
  // Clients open a connection ahead with it.
  if (method === 'HEAD') return void response.writeHead(200).end();
  const call = modelCallOf({
    protocol: endpoint.protocol,
    method,
    path: exchange.path,
    query: exchange.query,
  });
  if (!call) {
    const known = namesOfCalls(endpoint.protocol);
    return refuse(403, `The Model ${endpoint.name} speaks ${endpoint.protocol}; runs may call ${known}.`);
  }
  const baseUrl = baseUrlOf(endpoint);
  if (baseUrl === undefined) return refuse(400, `The base URL of the Model ${endpoint.name} is not usable.`);
  try {
    const body =
      method === 'POST' ? await readQuestion({ exchange, endpoint, call, deps, refuse }) : undefined;
    if (method === 'POST' && body === undefined) return;
    await ask({ exchange, endpoint, deps, call, url: new URL(`${baseUrl}${call.path}${call.query}`), body });
  } catch (cause) {
    if (cause instanceof BodyProblem) return refuse(cause.status, cause.message);
    if (exchange.signal.aborted || pass.isRevoked) return void response.destroy();
    const { status, text } = explainUpstream('The model server', new URL(baseUrl), cause);
    deps.logger.warn({ model: endpoint.name, status }, 'a model could not be reached');
    if (response.headersSent) response.destroy();
    else refuse(status, redact(text, endpoint));
  }
}

type Refuse = (status: number, message: string) => void;

/** The body as it goes on, or undefined after a refusal. */
async function readQuestion(given: {
  exchange: Exchange;
  endpoint: ModelEndpoint;
  call: ModelCall;
  deps: RouteDeps;
  refuse: Refuse;
}): Promise<Buffer | undefined> {
  const { exchange, endpoint, call, deps, refuse } = given;
  const encoding = exchange.request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    refuse(400, `The body must not be encoded; it is ${encoding.slice(0, 50)}.`);
    return undefined;
  }
  const bytes = await readBody(exchange, { maxBytes: MAX_MODEL_BODY, withinMs: deps.timings.bodyMs });
  const body = parseObject(bytes);
  if (!body) {
    refuse(400, 'The body must be a JSON object.');
    return undefined;
  }
  const { network } = exchange.pass.context.shell;
  const problem = problemOfBody({ body, model: call.model ?? body.model, endpoint, network });
  if (problem !== undefined) {
    refuse(403, problem);
    return undefined;
  }
  if (endpoint.protocol === 'openai-chat' && body.stream === true) {
    const options = typeof body.stream_options === 'object' ? body.stream_options : {};
    body.stream_options = { ...options, include_usage: true };
  }
  // Written anew, so that no other reader finds something else in it than was checked (a name twice).
  return Buffer.from(JSON.stringify(body));
}

async function ask(given: {
  exchange: Exchange;
  endpoint: ModelEndpoint;
  deps: RouteDeps;
  call: ModelCall;
  url: URL;
  body: Buffer | undefined;
}): Promise<void> {
  const { exchange, endpoint, deps, call, url, body } = given;
  const { pass, request, response, signal } = exchange;
  const headers: OutgoingHttpHeaders = {
    ...(endpoint.protocol === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}),
    ...pickHeaders(request.headers, REQUEST_HEADERS),
    ...modelHeaders(endpoint),
    ...(body ? { 'content-type': 'application/json', 'content-length': body.length } : {}),
    'accept-encoding': 'identity',
  };
  const answer = await retryUpstream({
    send: deps.outbound.requestFor(pass.context.outboundAllow),
    url,
    method: request.method ?? 'GET',
    headers,
    ...(body ? { body } : {}),
    signal,
    ...deps.timings,
  });
  const status = answer.statusCode ?? 502;
  if (status >= 300) return passError({ answer, status, endpoint, response });
  const type = answer.headers['content-type'] ?? '';
  const meter = createUsageMeter({
    endpoint,
    isStream: type.startsWith('text/event-stream'),
    questionBytes: body?.length ?? 0,
  });
  let isCounted = !call.isGeneration;
  const count = () => {
    if (isCounted) return;
    isCounted = true;
    const used = meter.end();
    if (used) pass.addUsage(used);
  };
  // Before revoking returns: who revokes wants to have the whole count.
  const forget = pass.onRevoke(count);
  if (call.isGeneration) answer.on('data', (chunk: Buffer) => meter.write(chunk));
  answer.pause();
  try {
    response.writeHead(status, pickHeaders(answer.headers, RESPONSE_HEADERS));
    response.flushHeaders();
    await pipeline(answer, createKeyMask(modelSecrets(endpoint)), response);
  } finally {
    forget();
    count();
  }
}

/** The provider's own words, without keys that it repeats. */
async function passError(given: {
  answer: IncomingMessage;
  status: number;
  endpoint: ModelEndpoint;
  response: ServerResponse;
}): Promise<void> {
  const { answer, status, endpoint, response } = given;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += (chunk as Buffer).length;
    if (size > MAX_ERROR_BYTES) break;
    chunks.push(chunk as Buffer);
  }
  const isRedirect = status < 400;
  const text = redact(Buffer.concat(chunks).toString('utf8'), endpoint);
  if (isRedirect || text.trim() === '') {
    const said = isRedirect
      ? 'The model server sends its callers elsewhere; give the Model the address that it names.'
      : `The model server answered ${status} without a word.`;
    return sendJson(response, isRedirect ? 502 : status, modelError(endpoint.protocol, status, said));
  }
  response.writeHead(status, {
    ...pickHeaders(answer.headers, RESPONSE_HEADERS),
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
