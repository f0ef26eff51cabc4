import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** So long a body that nobody wants is read on, so that the answer is not lost in a broken connection. */
const LINGER_MS = 2_000;

/** Answers with a text for people. Does nothing when an answer has begun. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  { close = false }: { close?: boolean } = {},
): void {
  send(response, { status, type: 'text/plain; charset=utf-8', text, close });
}

/** Answers with JSON. Does nothing when an answer has begun. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  { close = false }: { close?: boolean } = {},
): void {
  send(response, { status, type: 'application/json', text: JSON.stringify(body), close });
}

function send(
  response: ServerResponse,
  { status, type, text, close }: { status: number; type: string; text: string; close: boolean },
): void {
  if (response.headersSent || response.destroyed) return;
  const { req } = response;
  const hasBody =
    req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  const lingers = close && hasBody && !req.complete;
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...(close && !lingers ? { connection: 'close' } : {}),
  });
  response.end(text);
  if (!lingers) return;
  const timer = setTimeout(() => req.socket.destroy(), LINGER_MS);
  req.once('close', () => clearTimeout(timer));
  req.once('end', () => req.socket.destroySoon());
  req.resume();
}

/** Answers on a connection that node:http has let go of, and ends it. */
export function sendRaw(socket: Duplex, status: number, text: string): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy());
}
