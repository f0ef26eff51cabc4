import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { McpServer } from '@wegent/api';
import { sendText } from './answers.ts';
import { BodyProblem, type Exchange, readBody } from './exchange.ts';
import { MAX_SMALL_BODY } from './gateway-timings.ts';
import { pickHeaders } from './headers.ts';
import { createKeyMask } from './key-mask.ts';
import type { Pass } from './pass.ts';
import type { RouteDeps } from './router.ts';
import { serveTeam } from './team-route.ts';
import { explainUpstream, openUpstream } from './upstream.ts';

const REQUEST_HEADERS = /^(accept|content-type|user-agent|mcp-[\w-]+|last-event-id)$/;
const RESPONSE_HEADERS = /^(content-type|cache-control|mcp-[\w-]+|allow|retry-after)$/;
const METHODS = new Set(['GET', 'POST', 'DELETE']);

/** Passes a message on to a remote MCP server of the run, with the headers that its Ghost has for it. */
export async function serveMcp(exchange: Exchange, deps: RouteDeps): Promise<void> {
  const { pass, request, response, signal } = exchange;
  const [, encoded = '', rest = ''] = /^\/([^/]+)(\/.*)?$/.exec(exchange.path) ?? [];
  const name = decodeURIComponent(encoded);
  if (name === 'team' && pass.delegate)
    return serveTeam(exchange, { delegate: pass.delegate, timings: deps.timings });
  const servers = pass.run?.mcpServers ?? {};
  const server = Object.hasOwn(servers, name) ? servers[name] : undefined;
  if (!server || !('url' in server)) {
    const known = Object.keys(servers).filter((each) => 'url' in (servers[each] ?? {}));
    const text = `This run has no remote MCP server of that name; it has: ${known.join(', ') || 'none'}.\n`;
    return sendText(response, 404, text, { close: true });
  }
  const url = addressOf({ pass, name, server, rest });
  if (!url) return sendText(response, 404, 'The MCP server did not point there.\n', { close: true });
  const method = request.method ?? '';
  if (!METHODS.has(method)) return sendText(response, 405, 'MCP is GET, POST and DELETE.\n', { close: true });
  try {
    const body =
      method === 'POST'
        ? await readBody(exchange, { maxBytes: MAX_SMALL_BODY, withinMs: deps.timings.bodyMs })
        : undefined;
    const answer = await openUpstream({
      send: deps.outbound.requestFor(pass.context.outboundAllow),
      url,
      method,
      headers: {
        ...pickHeaders(request.headers, REQUEST_HEADERS),
        ...lowerCase(server.headers ?? {}),
        ...(body ? { 'content-length': body.length } : {}),
        'accept-encoding': 'identity',
      },
      ...(body ? { body } : {}),
      fresh: true,
      signal,
      ...deps.timings,
      // Streams of notifications are silent for as long as nothing happens.
      idleMs: method === 'GET' ? 0 : deps.timings.idleMs,
    });
    const status = answer.statusCode ?? 502;
    if (status >= 300 && status < 400) {
      answer.destroy();
      return sendText(
        response,
        502,
        `The MCP server ${name} sends its callers elsewhere; give it the address that it names.\n`,
      );
    }
    response.writeHead(status, pickHeaders(answer.headers, RESPONSE_HEADERS));
    response.flushHeaders();
    const secrets = Object.values(server.headers ?? {}).flatMap((value) => [
      value,
      value.replace(/^\w+\s+/, ''),
    ]);
    const points = rest === '' || rest === '/' ? method === 'GET' && server.type === 'sse' : false;
    const stages = [createKeyMask(secrets), ...(points ? [hideEndpoint({ pass, name, base: url })] : [])];
    await pipeline([answer, ...stages, response]);
  } catch (cause) {
    if (cause instanceof BodyProblem)
      return sendText(response, cause.status, `${cause.message}\n`, { close: true });
    if (signal.aborted || response.headersSent) return void response.destroy();
    const { status, text } = explainUpstream(`The MCP server ${name} at`, url, cause);
    sendText(response, status, `${text}\n`);
  }
}

function addressOf(given: {
  pass: Pass;
  name: string;
  server: Extract<McpServer, { url: string }>;
  rest: string;
}): URL | undefined {
  const { pass, name, server, rest } = given;
  if (rest === '' || rest === '/') return new URL(server.url);
  const hidden = pass.reveal('mcp', /^\/endpoint\/([\w-]+)$/.exec(rest)?.[1] ?? '');
  return hidden?.server === name ? hidden.url : undefined;
}

/**
 * Servers of the older kind name the address for messages in their first event. It may only be one of their own, and
 * the sandbox gets a name for it below the path of the server.
 */
function hideEndpoint({ pass, name, base }: { pass: Pass; name: string; base: URL }): Transform {
  let head: string | undefined = '';
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (head === undefined) return done(null, chunk);
      head += chunk.toString('latin1');
      const found = /(^|\n)event: ?endpoint\r?\ndata: ?([^\r\n]+)\r?\n/.exec(head);
      if (!found && head.length < MAX_HEAD) return done();
      const text = head;
      head = undefined;
      if (!found) return done(new Error('the MCP server does not say where it takes messages'));
      const target = URL.parse(found[2] ?? '', base.href);
      if (target?.origin !== base.origin) return done(new Error('the MCP server points to another host'));
      const path = `${pass.prefix}/mcp/${encodeURIComponent(name)}/endpoint/${pass.hide('mcp', { server: name, url: target })}`;
      done(
        null,
        Buffer.from(
          text.replace(found[2] ?? '', () => path),
          'latin1',
        ),
      );
    },
  });
}

const MAX_HEAD = 16 * 1024;

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
