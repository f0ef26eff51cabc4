import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Outbound } from '@wegent/engine';
import type { Logger } from 'pino';
import { sendRaw, sendText } from './answers.ts';
import { serveBlob } from './blob-route.ts';
import { createEgress } from './egress.ts';
import { type Exchange, exchangeOf } from './exchange.ts';
import type { GatewayTimings } from './gateway-timings.ts';
import { serveLfsObject } from './git-lfs.ts';
import { serveGit } from './git-route.ts';
import { serveGitSsh } from './git-ssh.ts';
import { serveMcp } from './mcp-route.ts';
import { memberPass, spentText } from './member-pass.ts';
import { serveModel } from './model-route.ts';
import type { Pass } from './pass.ts';

/** What routes work with. */
export interface RouteDeps {
  logger: Logger;
  outbound: Outbound;
  platformHosts: readonly string[];
  knownHostsFile: string;
  localRepositories: boolean;
  timings: GatewayTimings;
}

/** A connection that node:http has let go of. */
export interface Taken {
  socket: Duplex;
  head: Buffer;
}

/** Gives each request to the route of its path. */
export type Router = ReturnType<typeof createRouter>;

const PATHS =
  '/model, /mcp/{name}, /members/{index}/…, /git, /git-ssh, /blobs/{key}; anything else goes through the proxy by its full address';

/** See `executor-link.ts` of the api package for the paths. */
export function createRouter(deps: RouteDeps) {
  const egress = createEgress(deps);
  return {
    async request(pass: Pass, request: IncomingMessage, response: ServerResponse): Promise<void> {
      const target = request.url ?? '';
      if (!target.startsWith('/')) return egress.request(pass, request, response);
      const split = splitTarget(target);
      if (!split)
        return sendText(response, 400, 'This path is not taken: it has tricks in it.\n', { close: true });
      const exchange = exchangeOf({ pass, request, response, ...split });
      const [, area = '', rest = ''] = /^(\/[^/]+)(.*)$/.exec(split.path) ?? [];
      const within = { ...exchange, path: rest };
      switch (area) {
        case '/model':
          return serveModel(within, deps);
        case '/mcp':
          return serveMcp(within, deps);
        case '/members':
          return serveMember(within, deps);
        case '/git':
        case '/git.git':
          return serveGit(within, deps);
        case '/git-lfs-object':
          return serveLfsObject(within, deps);
        case '/blobs':
          return serveBlob(within);
        case '/git-ssh':
          return sendText(response, 426, 'This path wants an upgrade to git-ssh.\n', { close: true });
        default:
          return sendText(response, 404, `The gateway knows ${PATHS}.\n`, { close: true });
      }
    },

    connect: (pass: Pass, request: IncomingMessage, taken: Taken): Promise<void> =>
      egress.connect(pass, request, taken),

    async upgrade(pass: Pass, request: IncomingMessage, taken: Taken): Promise<void> {
      const split = splitTarget(request.url ?? '');
      if (split?.path !== '/git-ssh' || request.headers.upgrade?.toLowerCase() !== 'git-ssh')
        return sendRaw(taken.socket, 400, 'The gateway upgrades only /git-ssh, and only to git-ssh.\n');
      return serveGitSsh({ pass, request, query: split.query, ...taken }, deps);
    },
  };
}

/** Model and MCP servers of one who works inside the run. */
async function serveMember(exchange: Exchange, deps: RouteDeps): Promise<void> {
  const { pass, response } = exchange;
  const [, index = '', area = '', path = ''] = /^\/(\d{1,4})(\/[^/]+)(.*)$/.exec(exchange.path) ?? [];
  const member = index === '' ? undefined : memberPass(pass, Number(index));
  const within = member && { ...exchange, pass: member, path };
  if (within && area === '/mcp') return serveMcp(within, deps);
  if (!within || area !== '/model')
    return sendText(response, 404, 'This run has no such member.\n', { close: true });
  const spent = spentText(pass);
  if (spent !== undefined) return sendText(response, 402, `${spent}\n`, { close: true });
  return serveModel(within, deps);
}

/** Path and query; undefined where two programs could read the path in two ways. */
export function splitTarget(target: string): { path: string; query: URLSearchParams } | undefined {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  if (!/^\/[\w\-.~!$&'()*+,;=:@%/]*$/.test(path)) return undefined;
  if (/%(?![0-9a-f]{2})|%2f|%5c|%2e|%25|%[01]|%7f|\/\/|\/\.{1,2}(\/|$)/i.test(path)) return undefined;
  try {
    decodeURIComponent(path);
  } catch {
    return undefined;
  }
  return { path, query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)) };
}
