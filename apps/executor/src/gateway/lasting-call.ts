import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, GATEWAY_LATER_HEADER } from '@wegent/api';
import { passOn } from './pass-on.ts';
import { refuse } from './refuse.ts';

/** A request that is kept until a manager takes it. */
export interface LastingCall {
  kind: 'model' | 'team';
  incoming: IncomingMessage;
  answer: ServerResponse;
  /** Opens a connection to the gateway of now. */
  connect: () => Promise<Socket>;
  /** Headers of the request, the token of now among them; `undefined` when the run is over. */
  headers: () => string[] | undefined;
}

/** The gateway takes no more from a run. */
const MAX_BYTES = 32 * 1024 * 1024;
const AGAIN_MS = 1_000;
const STREAM = 'text/event-stream';
const MODEL = /^(\/members\/\d+)?\/model\//;
const TEAM = /^\/mcp\/team\/?$/;

/** Which requests last: those to the model, and where the run leads a Team those to the Team. */
export function lastingKind(
  { method, url = '' }: IncomingMessage,
  leads: boolean,
): LastingCall['kind'] | undefined {
  if (method !== 'POST') return undefined;
  if (leads && TEAM.test(url)) return 'team';
  return MODEL.test(url) ? 'model' : undefined;
}

/**
 * Sends a request, again while there is no manager, or one that has not taken the run over yet: engines give up long
 * before. To the Team it is also sent again when the answer breaks off: a member may work for long, and a manager that
 * ends takes the answer with it; the next one finds the work that was given away by its words. The agent sees one answer
 * that takes its time.
 */
export async function forwardLasting({
  kind,
  incoming,
  answer,
  connect,
  headers,
}: LastingCall): Promise<void> {
  const body = await readBody(incoming);
  if (!body)
    return refuse(answer, new ApiError('RequestEntityTooLarge', `A request has at most ${MAX_BYTES} bytes.`));
  for (; !answer.destroyed; await delay(AGAIN_MS)) {
    const sent = headers();
    if (!sent) return refuse(answer, new ApiError('Forbidden', 'The run is over.'));
    const socket = await connect().catch(() => undefined);
    if (!socket) continue;
    const response = await send(socket, { incoming, answer, headers: sent, body });
    if (response?.headers[GATEWAY_LATER_HEADER] !== undefined) {
      response.destroy();
      continue;
    }
    if (kind === 'team') {
      if (response && (await passEvents(response, answer))) return;
      continue;
    }
    if (response) return passOn(response, answer);
    return refuse(answer, new ApiError('ServiceUnavailable', 'The gateway closed the connection.'));
  }
}

/** The head of an answer; nothing when the connection broke before it came. */
function send(
  socket: Socket,
  {
    incoming,
    answer,
    headers,
    body,
  }: Pick<LastingCall, 'incoming' | 'answer'> & { headers: string[]; body: Buffer },
): Promise<IncomingMessage | undefined> {
  return new Promise((resolve) => {
    const onGone = () => socket.destroy();
    answer.once('close', onGone);
    socket.once('close', () => {
      answer.off('close', onGone);
      resolve(undefined);
    });
    const outgoing = httpRequest({
      createConnection: () => socket,
      method: 'POST',
      path: incoming.url,
      headers: [...headers, 'content-length', String(body.length), 'connection', 'close'],
    });
    outgoing.once('response', resolve);
    outgoing.once('error', () => resolve(undefined));
    outgoing.end(body);
  });
}

/** Passes an answer on, of a stream only whole events; says whether it came to its end. */
async function passEvents(response: IncomingMessage, answer: ServerResponse): Promise<boolean> {
  const isStream = response.headers['content-type']?.startsWith(STREAM) === true;
  if (isStream) openStream(answer);
  let rest = '';
  try {
    response.setEncoding('utf8');
    for await (const chunk of response) {
      rest += chunk;
      const end = isStream ? rest.lastIndexOf('\n\n') + 2 : 0;
      if (end <= 1) continue;
      answer.write(rest.slice(0, end));
      rest = rest.slice(end);
    }
  } catch {
    return false;
  }
  if (isStream) answer.end();
  // What was a stream before goes on as one.
  else if (answer.headersSent)
    answer.end(response.statusCode === 200 ? `event: message\ndata: ${rest}\n\n` : '');
  else {
    const type = response.headers['content-type'];
    answer
      .writeHead(response.statusCode ?? 502, type === undefined ? {} : { 'content-type': type })
      .end(rest);
  }
  return true;
}

function openStream(answer: ServerResponse): void {
  if (answer.headersSent) return;
  answer.writeHead(200, { 'content-type': STREAM, 'cache-control': 'no-store' });
  answer.flushHeaders();
}

/** The whole body, or nothing of one that is too long. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    const part = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += part.length;
    if (size > MAX_BYTES) return undefined;
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}
