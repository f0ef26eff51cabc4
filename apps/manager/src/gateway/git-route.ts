import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { redact } from '@wegent/engine';
import { sendText } from './answers.ts';
import type { Exchange } from './exchange.ts';
import { MAX_GIT_BODY } from './gateway-timings.ts';
import { serveLfs } from './git-lfs.ts';
import { type GitRemote, gitHeaders, gitRemoteOf } from './git-remote.ts';
import { pickHeaders } from './headers.ts';
import type { RouteDeps } from './router.ts';
import { explainUpstream, openUpstream } from './upstream.ts';

type HttpRemote = Extract<GitRemote, { kind: 'http' }>;

const REQUEST_HEADERS =
  /^(accept|accept-language|content-type|content-encoding|content-length|user-agent|git-protocol)$/;
const RESPONSE_HEADERS = /^(content-type|cache-control|expires|pragma|retry-after)$/;
const MAX_WORDS = 4_000;
const MAX_MOVES = 3;

/** Smart HTTP of the task's repository, with its credential: fetch, push and LFS, and no other path of its host. */
export async function serveGit(exchange: Exchange, deps: RouteDeps): Promise<void> {
  const { pass, request, response } = exchange;
  const repository = pass.context.workspace?.repository;
  if (!repository) return sendText(response, 404, 'This task has no repository.\n', { close: true });
  const remote = gitRemoteOf(repository);
  if (remote.kind === 'unusable') return sendText(response, 400, `${remote.problem}\n`, { close: true });
  if (remote.kind !== 'http')
    return sendText(response, 404, 'The repository of this task is reached through /git-ssh.\n', {
      close: true,
    });
  if (exchange.path.startsWith('/info/lfs/'))
    return serveLfs({ ...exchange, path: exchange.path.slice('/info/lfs'.length) }, { remote, deps });
  const call = gitCallOf(request.method, exchange);
  if (!call) {
    const text = 'Only fetching from and pushing to the repository of the task is possible here.\n';
    return sendText(response, 403, text, { close: true });
  }
  await passOn({ exchange, remote, call, deps });
}

/** What is appended to the address of the repository. */
function gitCallOf(method: string | undefined, { path, query }: Exchange): string | undefined {
  const service = query.get('service') ?? '';
  if (method === 'GET' && path === '/info/refs' && SERVICES.has(service))
    return `/info/refs?service=${service}`;
  return method === 'POST' && SERVICES.has(path.slice(1)) ? path : undefined;
}

const SERVICES = new Set(['git-upload-pack', 'git-receive-pack']);

async function passOn(given: {
  exchange: Exchange;
  remote: HttpRemote;
  call: string;
  deps: RouteDeps;
}): Promise<void> {
  const { exchange, remote, call, deps } = given;
  const { pass, response, signal } = exchange;
  try {
    const answer = await ask(given);
    const status = answer.statusCode ?? 502;
    if (status !== 200) return await passWords(given, answer);
    response.writeHead(status, pickHeaders(answer.headers, RESPONSE_HEADERS));
    response.flushHeaders();
    await pipeline(answer, response);
  } catch (cause) {
    if (signal.aborted || response.headersSent) return void response.destroy();
    const { status, text } = explainUpstream('The git host', remote.url, cause);
    deps.logger.info({ host: remote.url.host, call, status }, 'a git host could not be reached');
    pass.egress(`git ${remote.url.host}: ${text}`);
    sendText(response, status, `${text}\n`, { close: true });
  }
}

/** Asks the host; where it says that the repository has moved on the same host, there. */
async function ask(given: {
  exchange: Exchange;
  remote: HttpRemote;
  call: string;
  deps: RouteDeps;
}): Promise<IncomingMessage> {
  const { exchange, remote, call, deps } = given;
  const { pass, request, signal } = exchange;
  const method = request.method ?? 'GET';
  for (let moves = 0; ; moves++) {
    const base = pass.movedRepository ?? remote.url;
    const answer = await openUpstream({
      send: deps.outbound.requestFor(pass.context.outboundAllow),
      url: new URL(`${base.href.replace(/\/+$/, '')}${call}`),
      method,
      headers: gitHeaders(remote, pickHeaders(request.headers, REQUEST_HEADERS)),
      ...(method === 'POST' ? { body: request, maxBytes: MAX_GIT_BODY } : {}),
      // A body that streams cannot be sent twice.
      fresh: true,
      signal,
      connectMs: deps.timings.connectMs,
      firstByteMs: deps.timings.gitIdleMs,
      idleMs: deps.timings.gitIdleMs,
    });
    const moved = method === 'GET' && moves < MAX_MOVES ? movedTo({ answer, base, call }) : undefined;
    if (!moved) return answer;
    answer.destroy();
    pass.movedRepository = moved;
  }
}

/** The new address of a repository that was renamed, or is served by https: only on the same host. */
function movedTo(given: { answer: IncomingMessage; base: URL; call: string }): URL | undefined {
  const { answer, base, call } = given;
  const { statusCode = 0, headers } = answer;
  if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) return undefined;
  const target = URL.parse(headers.location, base.href);
  if (!target?.href.endsWith(call) || target.hostname !== base.hostname) return undefined;
  const isUpgrade =
    base.protocol === 'http:' && base.port === '' && target.protocol === 'https:' && target.port === '';
  if (target.origin !== base.origin && !isUpgrade) return undefined;
  const moved = new URL(target.origin);
  moved.pathname = target.pathname.slice(0, -'/info/refs'.length);
  return moved;
}

/** What the host says when it refuses; git shows plain text to the person. */
async function passWords(
  { exchange, remote }: { exchange: Exchange; remote: HttpRemote },
  answer: IncomingMessage,
): Promise<void> {
  const status = answer.statusCode ?? 502;
  const isText = /^text\/plain/.test(answer.headers['content-type'] ?? '');
  let words = '';
  if (isText) {
    for await (const chunk of answer) {
      words += (chunk as Buffer).toString('utf8');
      if (words.length > MAX_WORDS) break;
    }
  }
  answer.destroy();
  const [, encoded = ''] = (remote.authorization ?? '').split(' ');
  const secrets = [
    encoded,
    Buffer.from(encoded, 'base64')
      .toString('utf8')
      .replace(/^[^:]*:/, ''),
  ];
  const said = redact(words.slice(0, MAX_WORDS).trim(), {
    headers: Object.fromEntries(secrets.map((secret, index) => [String(index), secret])),
    env: {},
  });
  const isMove = status < 400;
  const text = isMove
    ? `The git host ${remote.url.host} sends its callers to another address. Give the task the address that it names.`
    : said || `The git host ${remote.url.host} answered ${status}.`;
  sendText(exchange.response, isMove ? 502 : status, `${text}\n`, { close: true });
}
