import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { type BareRepository, createBareRepository, gitEnvironment } from './bare-repository.ts';
import { createGitLfsStore } from './git-lfs-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

/**
 * How a git server behaves: `serve`; `unauthorized` and `forbidden` refuse every credential; `error` answers 500;
 * `hang` takes the request and says nothing; `reset` breaks the connection.
 */
export type GitServerMode = 'serve' | 'unauthorized' | 'forbidden' | 'error' | 'hang' | 'reset';

/** A request that a git server got. */
export interface GitServerRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
}

/** A git host over HTTP on 127.0.0.1. */
export interface GitHttpServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly port: number;
  /** Who may sign in; everybody may read and write when absent. */
  readonly credential: { username: string; password: string } | undefined;
  /** How it behaves from the next request on. */
  mode: GitServerMode;
  readonly requests: GitServerRequest[];
  /** LFS objects by id. */
  readonly lfsObjects: ReadonlyMap<string, Buffer>;
  /** Makes `owner/name.git` with one commit on `main`, or with these files. */
  createRepository(name: string, files?: Record<string, string>): Promise<BareRepository>;
}

const TEXT = { 'content-type': 'text/plain' };

/** Starts a git host of the test's own: git's `http-backend` behind basic authentication, and LFS. */
export async function startGitHttpServer(
  options: { credential?: { username: string; password: string } } = {},
): Promise<GitHttpServer> {
  const { credential } = options;
  const folder = await temporaryFolder();
  const root = join(folder.path, 'repositories');
  const lfs = createGitLfsStore();
  const backends = new Set<ChildProcessByStdio<Writable, Readable, Readable>>();
  const requests: GitServerRequest[] = [];

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url: target = '/', headers } = request;
    requests.push({ method, url: target, headers });
    const { pathname, searchParams } = new URL(target, url);
    if (git.mode === 'hang') return;
    if (git.mode === 'reset') return void request.socket.resetAndDestroy();
    if (git.mode === 'error') return void response.writeHead(500, TEXT).end('the git host has a fault');
    if (git.mode === 'forbidden') return void response.writeHead(403, TEXT).end('you may not do that here');
    if (git.mode === 'unauthorized' || !isAllowed(headers.authorization, credential)) {
      const challenge = { ...TEXT, 'www-authenticate': 'Basic realm="git"' };
      return void response.writeHead(401, challenge).end('who are you?');
    }
    const lfsPath = /^(\/.+\.git)\/info\/lfs(\/.*)$/.exec(pathname);
    if (lfsPath) {
      const [, repository = '', path = ''] = lfsPath;
      lfs.serve({ request, response, base: `${url}${repository}`, path }).catch(() => response.destroy());
      return;
    }
    const backend = spawn('git', ['http-backend'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...gitEnvironment(folder.path),
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        REMOTE_USER: credential?.username ?? 'anyone',
        REMOTE_ADDR: '127.0.0.1',
        REQUEST_METHOD: method,
        PATH_INFO: decodeURIComponent(pathname),
        QUERY_STRING: searchParams.toString(),
        CONTENT_TYPE: headers['content-type'] ?? '',
        ...(headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: headers['content-length'] }),
        ...(headers['content-encoding'] === undefined
          ? {}
          : { HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
        ...(typeof headers['git-protocol'] === 'string' ? { GIT_PROTOCOL: headers['git-protocol'] } : {}),
      },
    });
    backends.add(backend);
    backend.once('close', () => backends.delete(backend));
    request.pipe(backend.stdin);
    backend.stdin.on('error', () => undefined);
    backend.stderr.resume();
    response.once('close', () => backend.kill());
    passAnswer(backend.stdout, response);
  }

  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;
  const git: GitHttpServer = {
    url,
    port,
    credential,
    mode: 'serve',
    requests,
    lfsObjects: lfs.objects,
    createRepository: (name, files) =>
      createBareRepository({ root, name, url: `${url}/${name}`, ...(files ? { files } : {}) }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all(
        [...backends].map((backend) => {
          backend.kill('SIGKILL');
          return new Promise((resolve) => backend.once('close', resolve));
        }),
      );
      await folder[Symbol.asyncDispose]();
    },
  };
  return git;
}

function isAllowed(authorization: string | undefined, credential: GitHttpServer['credential']): boolean {
  if (credential === undefined) return true;
  const expected = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
  return authorization === `Basic ${expected}`;
}

/** CGI: headers, an empty line, the body. */
function passAnswer(source: Readable, response: ServerResponse): void {
  let head = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    source.off('data', onData);
    let status = 200;
    for (const line of head.subarray(0, end).toString('latin1').split('\r\n')) {
      const [name = '', value = ''] = line.split(/:\s*(.*)/s);
      if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
      else response.appendHeader(name, value);
    }
    response.writeHead(status);
    response.write(head.subarray(end + 4));
    source.pipe(response);
  };
  source.on('data', onData);
  source.once('end', () => {
    if (!response.headersSent) response.writeHead(500).end();
  });
}
