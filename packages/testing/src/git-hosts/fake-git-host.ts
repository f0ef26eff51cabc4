import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { GitHttpServer } from '../git-server.ts';
import { type FakeAnswer, type FakeApi, type FakeCall, text } from './fake-answer.ts';
import { fakeGitea } from './fake-gitea.ts';
import { fakeGitee } from './fake-gitee.ts';
import { fakeGitHub } from './fake-github.ts';
import { fakeGitLab } from './fake-gitlab.ts';
import {
  createFakeRepository,
  type FakeGitHostType,
  type FakeRepository,
  type FakeToken,
  isVisible,
  type NewRepository,
} from './git-host-state.ts';

const APIS: Record<FakeGitHostType, FakeApi> = {
  github: fakeGitHub,
  gitlab: fakeGitLab,
  gitea: fakeGitea,
  gitee: fakeGitee,
};

/**
 * How the API behaves: `serve`; `limited` refuses everything for want of quota; `error` answers 502 in HTML; `hang`
 * takes the request and says nothing; `flood` answers without end; `{redirectTo}` sends every request to another origin.
 */
export type FakeGitHostMode = 'serve' | 'limited' | 'error' | 'hang' | 'flood' | { redirectTo: string };

/** A request that an imitated host got. */
export interface FakeGitHostRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A git host with its API, on 127.0.0.1. */
export interface FakeGitHost extends AsyncDisposable {
  readonly type: FakeGitHostType;
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  /** `127.0.0.1:port`. */
  readonly domain: string;
  /** Whose tokens they are; set and delete at will. */
  readonly tokens: Map<string, FakeToken>;
  readonly requests: FakeGitHostRequest[];
  mode: FakeGitHostMode;
  /** Adds a token that may read and write, unless it is said otherwise. */
  addToken(token: string, username: string, rights?: Partial<FakeToken>): void;
  addRepository(name: string, wanted?: NewRepository): FakeRepository;
  /** Makes a branch of a repository, or moves it; answers its commit. */
  addBranch(repository: string, branch: string, commit?: string): string;
  repository(name: string): FakeRepository;
}

/**
 * Starts an imitation of a git host: paths, credentials, status codes, bodies and headers of pages as the makers of
 * the host document them, state in memory. With `git`, all that is no API goes to that git server, after the token
 * was checked the way the host does, so that one address serves both.
 */
export async function startFakeGitHost({
  type,
  git,
}: {
  type: FakeGitHostType;
  git?: GitHttpServer;
}): Promise<FakeGitHost> {
  const api = APIS[type];
  const repositories: FakeRepository[] = [];
  let origin = '';

  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: target = '/', headers } = request;
    const url = new URL(target, origin);
    if (git && !url.pathname.startsWith(`${api.base}/`)) {
      host.requests.push({ method, url: target, headers, body: '' });
      passOn({ request, response, git, isAllowed: isAllowed(headers.authorization) });
      return;
    }
    const body = await readBody(request);
    host.requests.push({ method, url: target, headers, body });
    if (host.mode === 'hang') return;
    if (host.mode === 'flood') {
      Readable.from(endless()).pipe(response.writeHead(200, { 'content-type': 'application/json' }));
      return;
    }
    if (host.mode === 'error') {
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html><h1>Bad gateway</h1></html>');
      return;
    }
    if (typeof host.mode === 'object') {
      response.writeHead(302, { location: host.mode.redirectTo + target }).end();
      return;
    }
    send(response, await answerTo({ method, url, headers, body }));
  }

  async function answerTo({
    method,
    url,
    headers,
    body,
  }: {
    method: string;
    url: URL;
    headers: IncomingMessage['headers'];
    body: string;
  }): Promise<FakeAnswer> {
    if (!url.pathname.startsWith(`${api.base}/`)) return { status: 404, body: { message: 'Not Found' } };
    if (host.mode === 'limited') return api.rateLimited(Math.floor(Date.now() / 1000) + 600);
    const fields = parseBody(body);
    const privateToken = text(headers['private-token']);
    const given = api.tokenOf(
      { authorization: headers.authorization, privateToken },
      { query: url.searchParams, body: fields },
    );
    const token = given === undefined ? undefined : host.tokens.get(given);
    if (!token) return api.unauthorized;
    const path = url.pathname.slice(api.base.length).replace(/\/$/, '');
    if (path !== '/user' && !(method === 'GET' ? token.canRead : token.canWrite))
      return api.forbidden(method);
    const visible = repositories.filter((one) => isVisible(one, token.username));
    const call: FakeCall = {
      method,
      path,
      query: url.searchParams,
      body: fields,
      token,
      origin,
      url,
      visible,
      find: (name) => visible.find((one) => one.name.toLowerCase() === name.toLowerCase()),
    };
    return api.handle(call);
  }

  /** Git itself: any user name, the token as password. */
  function isAllowed(authorization: string | undefined): boolean {
    const pair = Buffer.from(authorization?.replace(/^Basic /i, '') ?? '', 'base64').toString('utf8');
    return host.tokens.has(pair.slice(pair.indexOf(':') + 1));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const domain = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  origin = `http://${domain}`;
  const host: FakeGitHost = {
    type,
    origin,
    domain,
    tokens: new Map(),
    requests: [],
    mode: 'serve',
    addToken(token, username, rights = {}) {
      host.tokens.set(token, { username, canRead: true, canWrite: true, ...rights });
    },
    addRepository(name, wanted = {}) {
      const repository = createFakeRepository(repositories.length + 1, name, wanted);
      repositories.push(repository);
      return repository;
    },
    addBranch: (repository, branch, commit) => host.repository(repository).addBranch(branch, commit),
    repository(name) {
      const found = repositories.find((one) => one.name === name);
      if (found) return found;
      throw new Error(`the host has no repository ${name}; it has ${repositories.map((one) => one.name)}`);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return host;
}

function send(response: ServerResponse, { status, body, headers = {} }: FakeAnswer): void {
  const isText = typeof body === 'string';
  response
    .writeHead(status, {
      'content-type': isText ? 'text/plain' : 'application/json; charset=utf-8',
      ...headers,
    })
    .end(isText ? body : JSON.stringify(body));
}

/** The git server has credentials of its own, if it has any. */
function passOn({
  request,
  response,
  git,
  isAllowed,
}: {
  request: IncomingMessage;
  response: ServerResponse;
  git: GitHttpServer;
  isAllowed: boolean;
}): void {
  if (!isAllowed) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('who are you?');
    return;
  }
  const { authorization: _token, host: _host, ...headers } = request.headers;
  const { credential } = git;
  const own = credential && Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
  const passed = httpRequest(
    new URL(request.url ?? '/', git.url),
    {
      method: request.method ?? 'GET',
      headers: { ...headers, ...(own === undefined ? {} : { authorization: `Basic ${own}` }) },
    },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  passed.on('error', () => response.destroy());
  response.once('close', () => passed.destroy());
  request.pipe(passed);
}

function* endless(): Generator<string> {
  for (;;) yield '[{"login":"x"},'.repeat(10_000);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? Object.fromEntries(Object.entries(parsed)) : {};
  } catch {
    return {};
  }
}
