import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { type Conversation, promptOf, roundOf } from './conversation.ts';
import { type Fault, type FaultRequest, faultOf, problemOf, RequestProblem } from './faults.ts';
import { isRecord, parseJson } from './json.ts';
import { createPacer, type Pacer, untilAborted } from './pace.ts';
import { plan } from './plan.ts';
import { createIds, type Frame, type Protocol, type Reply, refuse } from './protocol.ts';
import { countUsage, inputTokens, pieces } from './tokens.ts';

/** Settings of every exchange. */
export interface ExchangeOptions {
  /** Words per second for prompts that ask for no pace; 0 for no waiting. */
  pace: number;
  faults: ((request: FaultRequest) => Fault | undefined) | undefined;
}

interface Exchange {
  protocol: Protocol;
  reply: Reply;
  fault: Fault | undefined;
  pacer: Pacer;
  response: ServerResponse;
  signal: AbortSignal;
}

/** Answers one request to a model. Ends early, and quietly, when the client goes away. */
export async function answer(
  protocol: Protocol,
  request: { body: Buffer; headers: IncomingHttpHeaders; response: ServerResponse },
  options: ExchangeOptions,
): Promise<void> {
  const { response, headers } = request;
  const gone = new AbortController();
  response.on('close', () => gone.abort());

  const body = parseJson(request.body.toString('utf8'));
  if (!isRecord(body)) refuse('We could not parse the JSON body of your request.');
  const conversation = protocol.parse(body);
  const { text: prompt } = promptOf(conversation);
  const asked = options.faults?.({ protocol: protocol.name, headers, conversation, prompt });
  const fault = asked ?? faultOf({ prompt, round: roundOf(conversation), headers });
  refuseFor(conversation, fault);

  const turn = plan(conversation);
  const reply: Reply = {
    conversation,
    turn,
    usage: countUsage(conversation, turn),
    request: body,
    created: Math.floor(Date.now() / 1000),
    id: createIds(request.body),
  };
  for (const name of ['request-id', 'x-request-id']) response.setHeader(name, reply.id('req_'));
  const pacer = createPacer(turn.pace ?? options.pace, gone.signal);
  const exchange = { protocol, reply, fault, pacer, response, signal: gone.signal };
  if (fault?.kind === 'hang-before') return untilAborted(gone.signal);
  return conversation.stream ? stream(exchange) : single(exchange);
}

/** Everything that is answered with an error status instead of a turn. */
function refuseFor(conversation: Conversation, fault: Fault | undefined): void {
  const { model } = conversation;
  if (model.startsWith('missing-')) {
    throw new RequestProblem({
      kind: 'not-found',
      status: 404,
      message: `The model '${model}' does not exist`,
      param: 'model',
    });
  }
  // An id such as "simulator-8k" stands for a model with a window of that size.
  const window = Number(/-(\d+)k$/.exec(model)?.[1] ?? Number.POSITIVE_INFINITY) * 1000;
  if (fault?.kind === 'context') throw new RequestProblem({ kind: 'context', status: 400 });
  if (inputTokens(conversation) > window) {
    const message = `prompt is too long: ${inputTokens(conversation)} tokens > ${window} maximum context length`;
    throw new RequestProblem({ kind: 'context', status: 400, message });
  }
  if (fault?.kind === 'status') throw new RequestProblem(problemOf(fault.status, fault.retryAfter));
}

async function stream(exchange: Exchange): Promise<void> {
  const { protocol, reply, fault, pacer, response, signal } = exchange;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  response.flushHeaders();
  if (fault?.kind === 'hang' && fault.words === undefined) return untilAborted(signal);

  const total = wordCount(reply);
  const limit = wordsBefore(fault, total);
  let words = 0;
  let position = 0;
  for (const frame of protocol.frames(reply)) {
    if (frame.word && words === 0 && fault?.kind === 'slow') await pacer.pause(fault.ms);
    if (frame.word) await pacer.word();
    if (signal.aborted) return;
    if (words >= limit && (frame.word || words === total)) return strike(exchange, frame, position);
    await write(exchange, encode(frame));
    position++;
    if (frame.word) words++;
  }
  response.end();
}

/** Without streaming, the whole answer takes as long as its words would. */
async function single(exchange: Exchange): Promise<void> {
  const { protocol, reply, fault, pacer, response, signal } = exchange;
  const total = wordCount(reply);
  const limit = wordsBefore(fault, total);
  if (fault?.kind === 'slow') await pacer.pause(fault.ms);
  for (let words = 0; words < Math.min(total, limit) && !signal.aborted; words++) await pacer.word();
  if (signal.aborted) return;
  const source = JSON.stringify(protocol.message(reply));
  if (fault?.kind === 'sse-error') throw new RequestProblem({ kind: 'server', status: 500 });
  if (fault?.kind === 'cut') response.setHeader('content-length', Buffer.byteLength(source));
  response.writeHead(200, { 'content-type': 'application/json' });
  if (fault?.kind === 'hang') {
    response.flushHeaders();
    return untilAborted(signal);
  }
  if (fault?.kind === 'cut') return cut(exchange, source.slice(0, source.length / 2));
  response.end(fault?.kind === 'malformed' ? source.slice(0, source.length / 2) : source);
}

function wordCount(reply: Reply): number {
  return reply.turn.blocks.reduce((sum, block) => sum + pieces(block).length, 0);
}

/** After how many words a fault strikes; a fault that comes too late for a short answer strikes at its end. */
function wordsBefore(fault: Fault | undefined, total: number): number {
  return fault !== undefined && 'words' in fault
    ? Math.min(fault.words ?? 0, total)
    : Number.POSITIVE_INFINITY;
}

async function strike(exchange: Exchange, frame: Frame, position: number): Promise<void> {
  const { protocol, fault, response, signal } = exchange;
  if (fault?.kind === 'hang') return untilAborted(signal);
  if (fault?.kind === 'cut') return cut(exchange, '');
  if (fault?.kind === 'malformed') {
    const event = encode(frame).trimEnd();
    response.end(`${event.slice(0, -event.length / 3)}\n\n`);
    return;
  }
  const problem = problemOf(protocol.name === 'anthropic' ? 529 : 500);
  response.end(encode(protocol.errorFrame(problem, position)));
}

/** Breaks the connection once what was written has left. */
async function cut({ response }: Exchange, last: string): Promise<void> {
  await new Promise<void>((resolve) => (last === '' ? resolve() : response.write(last, () => resolve())));
  await new Promise((resolve) => setImmediate(resolve));
  response.destroy();
}

async function write({ response, signal }: Exchange, chunk: string): Promise<void> {
  if (response.write(chunk)) return;
  // An abort while waiting is no fault: the caller looks at the signal next.
  await once(response, 'drain', { signal }).catch(() => undefined);
}

function encode(frame: Frame): string {
  const data = frame.data === '[DONE]' ? frame.data : JSON.stringify(frame.data);
  return `${frame.event === undefined ? '' : `event: ${frame.event}\n`}data: ${data}\n\n`;
}
