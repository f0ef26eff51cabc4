import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { finished } from 'node:stream';
import { isPublicAddress } from './public-address.ts';

/** `host:port` pairs of private addresses that may be reached beside the public ones; undefined = everything. */
type Allow = readonly string[] | undefined;

/**
 * Calls to the outside world, within what a run may reach: everything where `allow` is undefined, else public
 * addresses and those of the `host:port` pairs listed. The address that was checked is the one connected to, and no
 * redirect is followed.
 */
export interface Outbound {
  /** A `fetch` for a run. */
  fetchFor(allow: Allow): typeof globalThis.fetch;
  /** For bodies and answers that stream: opens a request, which the caller ends; refusals throw or come as `error`. */
  requestFor(allow: Allow): (url: URL, options: OutboundRequest) => ClientRequest;
  /** The addresses of a host that may be connected to, at least one; rejects with `OutboundRefused`. */
  resolveFor(allow: Allow): (host: string, port: number) => Promise<LookupAddress[]>;
}

/** What `requestFor` wants to know of a request. */
export interface OutboundRequest {
  method: string;
  headers: OutgoingHttpHeaders;
  signal?: AbortSignal;
  /** Opens a connection of its own, for requests that cannot be repeated when a kept one turns out to be dead. */
  fresh?: boolean;
}

/** How names become addresses, and which addresses everybody may reach. For tests. */
export interface OutboundOptions {
  lookup?: Lookup;
  isPublic?: (address: string) => boolean;
}

type Lookup = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The address lies in a private network that the run may not reach. */
export class OutboundRefused extends Error {
  /** `host:port`. */
  readonly host: string;

  constructor(host: string) {
    super(`${host} is a private address that may not be called from here`);
    this.name = 'OutboundRefused';
    this.host = host;
  }
}

const IDLE_SOCKET_MS = 4_000;
const NO_BODY = new Set([101, 204, 205, 304]);

/** Makes the one place from which the outside world is called; connections are kept for a few seconds. */
export function createOutbound(options: OutboundOptions = {}): Outbound {
  // A kept connection was checked by the rule it was opened under, so each rule has connections of its own.
  const byRule = new Map<string, Rule>();
  function ruleOf(allow: Allow): Rule {
    const key = JSON.stringify(allow?.toSorted() ?? null);
    const known = byRule.get(key);
    if (known) return known;
    const made = createRule(allow, options);
    byRule.set(key, made);
    return made;
  }
  return {
    fetchFor: (allow) => ruleOf(allow).fetch,
    requestFor: (allow) => ruleOf(allow).request,
    resolveFor: (allow) => ruleOf(allow).resolve,
  };
}

type Rule = ReturnType<typeof createRule>;

// node:http and not the global fetch: only here can the looked-up address be checked before the connection, and no
// hidden limit ends an answer that is silent for five minutes.
function createRule(given: Allow, { lookup = dnsLookup, isPublic = isPublicAddress }: OutboundOptions) {
  const allow = given?.map((pair) => pair.toLowerCase());
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, timeout: IDLE_SOCKET_MS }),
    'https:': new HttpsAgent({ keepAlive: true, timeout: IDLE_SOCKET_MS }),
  };

  function request(url: URL, { method, headers, signal, fresh = false }: OutboundRequest): ClientRequest {
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      throw new TypeError(`unsupported scheme ${url.protocol}`);
    const target = hostPort(url);
    const free = allow === undefined || allow.includes(target);
    const host = bareHost(url.hostname);
    if (!free && isIP(host) !== 0 && !isPublic(host)) throw new OutboundRefused(target);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return send(url, {
      method,
      headers: { 'accept-encoding': 'identity', ...headers },
      agent: fresh ? false : agents[url.protocol],
      ...(signal ? { signal } : {}),
      lookup: checkedLookup({ lookup, isAllowed: (address) => free || isPublic(address), target }),
    });
  }

  async function resolve(host: string, port: number): Promise<LookupAddress[]> {
    const bare = bareHost(host);
    const target = `${host.toLowerCase()}:${port}`;
    const free = allow === undefined || allow.includes(target);
    const family = isIP(bare);
    const addresses =
      family !== 0
        ? [{ address: bare, family }]
        : await new Promise<LookupAddress[]>((done, fail) => {
            lookup(bare, { all: true }, (error, found) => (error ? fail(error) : done(found)));
          });
    if (!free && addresses.some(({ address }) => !isPublic(address))) throw new OutboundRefused(target);
    if (addresses.length === 0) throw new Error(`${host} has no address`);
    return addresses;
  }

  const fetch: typeof globalThis.fetch = async (input, init) => {
    const asked = new Request(input, init);
    const url = new URL(asked.url);
    const body = asked.body === null ? undefined : Buffer.from(await asked.arrayBuffer());
    const incoming = await new Promise<IncomingMessage>((done, fail) => {
      const outgoing = request(url, {
        method: asked.method,
        headers: Object.fromEntries(asked.headers),
        signal: asked.signal,
      });
      outgoing.once('response', done);
      outgoing.on('error', fail);
      outgoing.end(body);
    });
    return toResponse(incoming);
  };

  return { request, resolve, fetch };
}

/** A lookup that fails when one of the addresses is not allowed: no rebinding between check and connection. */
function checkedLookup(given: {
  lookup: Lookup;
  isAllowed: (address: string) => boolean;
  target: string;
}): LookupFunction {
  return (hostname, options, callback) => {
    given.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '');
      if (!addresses.every(({ address }) => given.isAllowed(address)))
        return callback(new OutboundRefused(given.target), '');
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
  let cancelled = false;
  return new ReadableStream({
    start(controller) {
      incoming.on('data', (chunk: Uint8Array<ArrayBuffer>) => {
        if (cancelled) return;
        controller.enqueue(chunk);
        if ((controller.desiredSize ?? 0) <= 0) incoming.pause();
      });
      finished(incoming, (error) => {
        // A stream that its reader gave up is closed already, and closing it again would throw.
        if (cancelled) return;
        if (error) controller.error(error);
        else controller.close();
      });
    },
    pull: () => void incoming.resume(),
    cancel(reason) {
      cancelled = true;
      incoming.destroy(reason instanceof Error ? reason : undefined);
    },
  });
}

function hostPort(url: URL): string {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return `${url.hostname.toLowerCase()}:${port}`;
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
