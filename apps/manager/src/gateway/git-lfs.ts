import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { sendText } from './answers.ts';
import { BodyProblem, type Exchange, readBody } from './exchange.ts';
import { MAX_GIT_BODY, MAX_SMALL_BODY } from './gateway-timings.ts';
import { type GitRemote, gitHeaders, gitRemoteOf } from './git-remote.ts';
import { pickHeaders } from './headers.ts';
import type { Pass } from './pass.ts';
import type { RouteDeps } from './router.ts';
import { explainUpstream, openUpstream } from './upstream.ts';

type HttpRemote = Extract<GitRemote, { kind: 'http' }>;

const REQUEST_HEADERS = /^(accept|content-type|user-agent)$/;
const OBJECT_REQUEST_HEADERS = /^(accept|content-type|content-length|user-agent|range)$/;
const OBJECT_RESPONSE_HEADERS = /^(content-type|content-length|content-range|etag)$/;
const LFS_TYPE = 'application/vnd.git-lfs+json';

const Action = z.looseObject({ href: z.string(), header: z.record(z.string(), z.string()).nullish() });
const Batch = z.looseObject({
  objects: z.array(z.looseObject({ actions: z.record(z.string(), Action).nullish() })),
});

/**
 * LFS of the task's repository. Hosts answer with addresses and headers for each object, and some put the credential
 * of the request into them: the sandbox gets a name of the gateway in place of both.
 */
export async function serveLfs(
  exchange: Exchange,
  { remote, deps }: { remote: HttpRemote; deps: RouteDeps },
): Promise<void> {
  const { pass, request, response, signal } = exchange;
  const method = request.method ?? '';
  if (!CALLS.some((call) => call.method === method && call.path.test(exchange.path)))
    return sendText(response, 403, 'LFS is batch and locks here.\n', { close: true });
  const isBatch = exchange.path === '/objects/batch';
  try {
    let body = method === 'POST' ? await read(exchange, deps) : undefined;
    if (isBatch && body) body = onlyBasicTransfers(body);
    const repository = (pass.movedRepository ?? remote.url).href
      .replace(/\/+$/, '')
      .replace(/(\.git)?$/, '.git');
    const query = exchange.query.size > 0 ? `?${exchange.query}` : '';
    const answer = await openUpstream({
      send: deps.outbound.requestFor(pass.context.outboundAllow),
      url: new URL(`${repository}/info/lfs${exchange.path}${query}`),
      method,
      headers: {
        ...gitHeaders(remote, pickHeaders(request.headers, REQUEST_HEADERS)),
        ...(body ? { 'content-length': body.length } : {}),
      },
      ...(body ? { body } : {}),
      fresh: true,
      signal,
      connectMs: deps.timings.connectMs,
      firstByteMs: deps.timings.gitIdleMs,
      idleMs: deps.timings.gitIdleMs,
    });
    const status = answer.statusCode ?? 502;
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer) {
      size += (chunk as Buffer).length;
      if (size > MAX_SMALL_BODY) throw new Error('the answer of LFS is too long');
      chunks.push(chunk as Buffer);
    }
    const text = Buffer.concat(chunks).toString('utf8');
    if (status >= 300 && status < 400)
      return sendText(response, 502, 'LFS of the git host is at another address.\n');
    if (status >= 400) {
      response.writeHead(status, { 'content-type': LFS_TYPE });
      return void response.end(JSON.stringify({ message: `LFS of ${remote.url.host} answered ${status}` }));
    }
    const told = isBatch ? hideActions(text, { pass, origin: originOf(request.headers.host) }) : text;
    response.writeHead(status, { 'content-type': LFS_TYPE, 'content-length': Buffer.byteLength(told) });
    response.end(told);
  } catch (cause) {
    failLfs(exchange, remote.url, cause);
  }
}

/** An object, at the address that the git host has named for it. */
export async function serveLfsObject(exchange: Exchange, deps: RouteDeps): Promise<void> {
  const { pass, request, response, signal } = exchange;
  const target = pass.reveal('lfs', exchange.path.slice(1));
  const method = request.method ?? '';
  if (!target || !['GET', 'PUT', 'POST'].includes(method))
    return sendText(response, 404, 'The git host has named no such object.\n', { close: true });
  const repository = pass.context.workspace?.repository;
  const remote = repository ? gitRemoteOf(repository) : undefined;
  const isOwnHost = remote?.kind === 'http' && remote.url.host === target.url.host;
  try {
    const answer = await openUpstream({
      // A git host may name any address; private ones are open to it only on itself.
      send: deps.outbound.requestFor(isOwnHost ? pass.context.outboundAllow : []),
      url: target.url,
      method,
      headers: {
        ...pickHeaders(request.headers, OBJECT_REQUEST_HEADERS),
        ...target.headers,
        'accept-encoding': 'identity',
      },
      ...(method === 'GET' ? {} : { body: request, maxBytes: MAX_GIT_BODY }),
      fresh: true,
      signal,
      connectMs: deps.timings.connectMs,
      firstByteMs: deps.timings.gitIdleMs,
      idleMs: deps.timings.gitIdleMs,
    });
    const status = answer.statusCode ?? 502;
    if (status >= 300) {
      answer.destroy();
      return sendText(response, status < 400 ? 502 : status, `${target.url.host} answered ${status}.\n`, {
        close: true,
      });
    }
    response.writeHead(status, pickHeaders(answer.headers, OBJECT_RESPONSE_HEADERS));
    await pipeline(answer, response);
  } catch (cause) {
    failLfs(exchange, target.url, cause);
  }
}

const CALLS = [
  { method: 'POST', path: /^\/objects\/batch$/ },
  { method: 'POST', path: /^\/locks(\/verify|\/[\w-]+\/unlock)?$/ },
  { method: 'GET', path: /^\/locks$/ },
];

function read(exchange: Exchange, deps: RouteDeps): Promise<Buffer> {
  return readBody(exchange, { maxBytes: MAX_SMALL_BODY, withinMs: deps.timings.bodyMs });
}

function onlyBasicTransfers(body: Buffer): Buffer {
  const asked: unknown = parseJson(body.toString('utf8'));
  if (typeof asked !== 'object' || asked === null)
    throw new BodyProblem(400, 'The body must be a JSON object.');
  return Buffer.from(JSON.stringify({ ...asked, transfers: ['basic'] }));
}

function hideActions(text: string, { pass, origin }: { pass: Pass; origin: string }): string {
  const batch = Batch.parse(parseJson(text));
  for (const object of batch.objects) {
    for (const action of Object.values(object.actions ?? {})) {
      const url = URL.parse(action.href);
      if (!url || !/^https?:$/.test(url.protocol)) throw new Error('LFS names an address that is none');
      const name = pass.hide('lfs', { url, headers: lowerCase(action.header ?? {}) });
      action.href = `${origin}/git-lfs-object/${name}`;
      delete action.header;
    }
  }
  return JSON.stringify(batch);
}

/** Where the sandbox reaches the gateway, by its own words. */
function originOf(host: string | undefined): string {
  return host !== undefined && /^[\w.-]+(:\d{1,5})?$/.test(host) ? `http://${host}` : 'http://127.0.0.1';
}

function failLfs({ response, signal }: Exchange, url: URL, cause: unknown): void {
  if (signal.aborted || response.headersSent) {
    response.destroy();
    return;
  }
  const { status, text } =
    cause instanceof BodyProblem
      ? { status: cause.status, text: cause.message }
      : explainUpstream('LFS of the git host', url, cause);
  sendText(response, status, `${text}\n`, { close: true });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !/^(host|connection|transfer-encoding|content-length|upgrade)$/.test(name)),
  );
}
