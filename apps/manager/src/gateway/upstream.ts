import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { type Outbound, OutboundRefused } from '@wegent/engine';

/** The other side did not answer in time. */
export class UpstreamTimeout extends Error {
  readonly phase: 'connect' | 'answer';

  constructor(phase: 'connect' | 'answer', ms: number) {
    super(phase === 'connect' ? `no connection within ${ms / 1000} s` : `no answer within ${ms / 1000} s`);
    this.name = 'UpstreamTimeout';
    this.phase = phase;
  }
}

/** A request to the outside. */
export interface UpstreamRequest {
  send: ReturnType<Outbound['requestFor']>;
  url: URL;
  method: string;
  headers: OutgoingHttpHeaders;
  body?: Buffer | Readable;
  /** Bytes that a streamed body may have. */
  maxBytes?: number;
  fresh?: boolean;
  connectMs: number;
  /** From the end of the body to the first byte of the answer. */
  firstByteMs: number;
  /** Silence in both directions, for bodies and answers that stream. */
  idleMs: number;
  signal: AbortSignal;
}

/**
 * Sends a request and resolves with the answer as soon as its headers are there. An answer that falls silent is
 * destroyed after `idleMs`.
 */
export function openUpstream(given: UpstreamRequest): Promise<IncomingMessage> {
  const { send, url, method, headers, body, fresh = false, connectMs, firstByteMs, idleMs, signal } = given;
  return new Promise((resolve, reject) => {
    const outgoing = send(url, { method, headers, signal, fresh });
    let timer = setTimeout(() => outgoing.destroy(new UpstreamTimeout('connect', connectMs)), connectMs);
    let isConnected = false;
    const onConnected = () => {
      isConnected = true;
      clearTimeout(timer);
    };
    outgoing.once('socket', (socket) => {
      if (!socket.connecting) onConnected();
      else socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', onConnected);
    });
    outgoing.once('finish', () => {
      onConnected();
      timer = setTimeout(() => outgoing.destroy(new UpstreamTimeout('answer', firstByteMs)), firstByteMs);
    });
    // While the body goes out. Connections that are kept have a limit of their own, which also counts the connecting.
    outgoing.setTimeout(idleMs === 0 ? 0 : Math.max(idleMs, firstByteMs));
    outgoing.on('timeout', () => {
      if (isConnected) outgoing.destroy(new UpstreamTimeout('answer', idleMs));
    });
    outgoing.once('response', (incoming) => {
      clearTimeout(timer);
      incoming.setTimeout(idleMs, () => incoming.destroy(new UpstreamTimeout('answer', idleMs)));
      resolve(incoming);
    });
    // An answer such as 101, which nobody asked for.
    outgoing.once('upgrade', (_incoming, socket) => {
      socket.destroy();
      outgoing.destroy(new Error('it wants to speak another protocol'));
    });
    outgoing.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.once('close', () => clearTimeout(timer));
    if (body === undefined || Buffer.isBuffer(body)) {
      outgoing.end(body);
      return;
    }
    const limited = body.pipe(limitBytes(given.maxBytes ?? Number.POSITIVE_INFINITY));
    body.once('close', () => {
      if (!body.readableEnded) outgoing.destroy(new Error('the body ended too early'));
    });
    limited.on('error', (error) => outgoing.destroy(error));
    limited.pipe(outgoing);
  });
}

function limitBytes(maxBytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > maxBytes) done(new Error(`the body has more than ${maxBytes} bytes`));
      else done(null, chunk);
    },
  });
}

/** Why the other side cannot be reached, for people: status and a sentence that begins with what it is. */
export function explainUpstream(
  what: string,
  url: { host: string },
  cause: unknown,
): { status: number; text: string } {
  if (cause instanceof OutboundRefused) {
    return {
      status: 403,
      text: `${what} ${cause.host} is at a private address, which the platform may not call. An operator can allow it with OUTBOUND_ALLOW=${cause.host}.`,
    };
  }
  if (cause instanceof UpstreamTimeout)
    return { status: 504, text: `${what} ${url.host} did not answer: ${cause.message}.` };
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  const why = code === undefined ? 'the connection failed' : (WORDS[code] ?? code);
  return { status: 502, text: `${what} ${url.host} could not be reached: ${why}.` };
}

const WORDS: Record<string, string> = {
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'it broke the connection',
  EPIPE: 'it broke the connection',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it does not answer',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate could not be verified',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};
