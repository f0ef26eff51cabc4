import { lookup as dnsLookup } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { finished } from 'node:stream';
import { isPublicAddress } from './public-address.ts';

/** Calls to the outside world, within what a run may reach. */
export interface Outbound {
  /**
   * A `fetch` for a run: with `allow` undefined it reaches everything, else public addresses and those of the
   * `host:port` pairs listed. It follows no redirect, and the address that was checked is the one connected to.
   */
  fetchFor(allow: readonly string[] | undefined): typeof globalThis.fetch;
}

/** The address lies in a private network that the run may not reach. */
class OutboundRefused extends Error {
  readonly host: string;

  constructor(host: string) {
    super(`${host} is a private address that may not be called from here`);
    this.name = 'OutboundRefused';
    this.host = host;
  }
}

const IDLE_SOCKET_MS = 4_000;
const NO_BODY = new Set([101, 204, 205, 304]);

/** Makes the one place from which engines call models and MCP servers; connections are kept for a few seconds. */
export function createOutbound(): Outbound {
  // A kept connection was checked by the rule it was opened under, so each rule has connections of its own.
  const byRule = new Map<string, typeof globalThis.fetch>();
  return {
    fetchFor(allow) {
      const rule = JSON.stringify(allow?.toSorted() ?? null);
      const known = byRule.get(rule);
      if (known) return known;
      const made = createFetch(allow?.map((pair) => pair.toLowerCase()));
      byRule.set(rule, made);
      return made;
    },
  };
}

// node:http and not the global fetch: only here can the looked-up address be checked before the connection, and no
// hidden limit ends an answer that is silent for five minutes.
function createFetch(allow: readonly string[] | undefined): typeof globalThis.fetch {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, timeout: IDLE_SOCKET_MS }),
    'https:': new HttpsAgent({ keepAlive: true, timeout: IDLE_SOCKET_MS }),
  };
  return async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      throw new TypeError(`unsupported scheme ${url.protocol}`);
    const free = allow === undefined || allow.includes(hostPort(url));
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (!free && isIP(host) !== 0 && !isPublicAddress(host)) throw new OutboundRefused(hostPort(url));
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
    const headers = Object.fromEntries(request.headers);
    const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const outgoing = send(url, {
        method: request.method,
        headers: { 'accept-encoding': 'identity', ...headers },
        agent: agents[url.protocol === 'https:' ? 'https:' : 'http:'],
        signal: request.signal,
        ...(free ? {} : { lookup: publicLookup(hostPort(url)) }),
      });
      outgoing.once('response', resolve);
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    return toResponse(incoming);
  };
}

/** `dns.lookup` that fails when one of the addresses is not public: no rebinding between check and connection. */
function publicLookup(target: string): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '');
      if (addresses.some(({ address }) => !isPublicAddress(address)))
        return callback(new OutboundRefused(target), '');
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      callback(null, first?.address ?? '', first?.family);
    });
  };
}

function toResponse(incoming: IncomingMessage): Response {
  const status = incoming.statusCode ?? 502;
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const empty = NO_BODY.has(status);
  if (empty) incoming.resume();
  return new Response(empty ? null : bodyOf(incoming), {
    status: status < 200 ? 502 : status,
    statusText: incoming.statusMessage ?? '',
    headers,
  });
}

// Readable.toWeb would copy each chunk, and a chunk is a word of an answer most of the time.
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      incoming.on('data', (chunk: Uint8Array<ArrayBuffer>) => {
        controller.enqueue(chunk);
        if ((controller.desiredSize ?? 0) <= 0) incoming.pause();
      });
      finished(incoming, (error) => (error ? controller.error(error) : controller.close()));
    },
    pull: () => void incoming.resume(),
    cancel: (reason) => void incoming.destroy(reason instanceof Error ? reason : undefined),
  });
}

function hostPort(url: URL): string {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return `${url.hostname.toLowerCase()}:${port}`;
}
