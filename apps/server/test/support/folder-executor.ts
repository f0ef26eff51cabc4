import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import {
  ApiError,
  type ExecutorAccess,
  type ExecutorRequest,
  type ExecutorResponse,
  SandboxContext,
} from '@wegent/api';
import { temporaryFolder } from '@wegent/testing';

const run = promisify(execFile);

/** What was asked of an executor. */
export interface Asked {
  context: SandboxContext;
  method: string;
  path: string;
  body: string;
}

/** The executor contract over a folder with a git repository, without any sandbox. */
export type FolderExecutor = Awaited<ReturnType<typeof startFolderExecutor>>;

/** Serves a new git repository that holds one commit, in this process and as a manager over HTTP. */
export async function startFolderExecutor({ secret }: { secret: string }) {
  const folder = await temporaryFolder();
  const git = async (...args: string[]) =>
    (
      await run(
        'git',
        ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgSign=false', ...args],
        {
          cwd: folder.path,
        },
      )
    ).stdout.trim();
  await git('init', '--quiet', '--initial-branch=main');
  await writeFile(path.join(folder.path, 'readme.md'), 'Hello\n');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'first');
  const asked: Asked[] = [];
  const terminals = new Map<string, ChildProcess>();
  /** Answers that stand in for what a broken or hostile sandbox says, by path. */
  const overrides = new Map<string, ExecutorResponse>();

  async function answer(request: ExecutorRequest): Promise<ExecutorResponse> {
    const url = new URL(request.path, 'http://executor');
    const parts = url.pathname.split('/').slice(2).map(decodeURIComponent);
    const body = asked.at(-1)?.body ?? '';
    switch (`${request.method} ${parts[0]}`) {
      case 'GET files':
        return parts.length === 1
          ? listFolder(url.searchParams.get('path') ?? '')
          : readOne(parts.slice(1).join('/'));
      case 'GET changes': {
        await git('add', '--intent-to-add', '.');
        if (parts.length > 1) return text(await git('diff', '--', parts.slice(1).join('/')));
        const lines = (await git('diff', '--numstat')).split('\n').filter(Boolean);
        const files = lines.map((line) => {
          const [additions, deletions, file] = line.split('\t');
          return {
            path: file,
            status: 'modified',
            additions: Number(additions),
            deletions: Number(deletions),
          };
        });
        return json(200, { files, branch: 'main', truncated: false });
      }
      case 'POST git': {
        const { message, author } = JSON.parse(body);
        if (parts[1] !== 'commit')
          return json(200, { commit: await git('rev-parse', 'HEAD'), branch: 'main' });
        await git('add', '.');
        const by = `${author.name} <${author.email}>`;
        await git('commit', '--quiet', '--message', message, '--author', by);
        return json(200, { commit: await git('rev-parse', 'HEAD'), branch: 'main' });
      }
      case 'POST turns':
        return refusal('Conflict', 'later changes touch the same lines');
      case 'POST terminals':
        return parts.length === 1 ? openTerminal() : typeInto(parts[1], parts[2], body);
      case 'GET terminals':
        return readTerminal(parts[1]);
      case 'DELETE terminals':
        terminals.get(parts[1] ?? '')?.kill('SIGKILL');
        return json(204, undefined);
      default:
        return refusal('NotFound', 'no such route');
    }
  }

  async function listFolder(place: string): Promise<ExecutorResponse> {
    const names = (await readdir(path.join(folder.path, place))).filter((name) => name !== '.git');
    const entries = await Promise.all(
      names.map(async (name) => {
        const info = await stat(path.join(folder.path, place, name));
        const type = info.isDirectory() ? 'folder' : 'file';
        return { name, type, size: info.size, modifiedAt: info.mtime.toISOString() };
      }),
    );
    return json(200, { path: place, entries });
  }

  async function readOne(place: string): Promise<ExecutorResponse> {
    const content = await readFile(path.join(folder.path, place)).catch(() => undefined);
    if (!content) return refusal('NotFound', `${place} not found`);
    // As a server would guess it, which must not reach the person.
    return { status: 200, contentType: 'text/html', body: Readable.from([content]) };
  }

  function openTerminal(): ExecutorResponse {
    const terminalId = `t${terminals.size + 1}`;
    terminals.set(terminalId, spawn('sh', [], { cwd: folder.path, stdio: 'pipe' }));
    return json(201, { terminalId });
  }

  function readTerminal(id = ''): ExecutorResponse {
    const output = terminals.get(id)?.stdout;
    return output
      ? { status: 200, contentType: 'text/html', body: output }
      : refusal('NotFound', 'no such terminal');
  }

  function typeInto(id = '', what = '', typed: string): ExecutorResponse {
    const terminal = terminals.get(id);
    if (!terminal) return refusal('NotFound', 'no such terminal');
    if (what === 'input') terminal.stdin?.write(typed);
    return json(204, undefined);
  }

  const access: ExecutorAccess = {
    async call(context, request) {
      const chunks: Uint8Array[] = [];
      if (request.body instanceof Uint8Array) chunks.push(request.body);
      else for await (const chunk of request.body ?? []) chunks.push(chunk);
      const { method, path: place } = request;
      asked.push({ context, method, path: place, body: Buffer.concat(chunks).toString('utf8') });
      return overrides.get(place) ?? answer(request);
    },
  };

  // The same behind HTTP, as a manager that is a process of its own.
  const http = createServer(async (request, response) => {
    if (request.headers.authorization !== `Bearer ${secret}`) {
      response.writeHead(401).end();
      return;
    }
    const context = SandboxContext.parse(
      JSON.parse(Buffer.from(String(request.headers['x-wegent-context']), 'base64url').toString('utf8')),
    );
    const reply = await access.call(context, {
      method: String(request.headers['x-wegent-method']) as ExecutorRequest['method'],
      path: String(request.headers['x-wegent-path']),
      body: request,
    });
    response.writeHead(reply.status, reply.contentType ? { 'content-type': reply.contentType } : {});
    response.flushHeaders();
    if (reply.status === 204) {
      response.end();
      return;
    }
    await pipeline(Readable.from(reply.body), response).catch(() => {});
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  return {
    access,
    asked,
    overrides,
    folder: folder.path,
    git,
    url: `http://127.0.0.1:${port}`,
    terminalOf: (id: string) => terminals.get(id),
    async [Symbol.asyncDispose]() {
      for (const terminal of terminals.values()) terminal.kill('SIGKILL');
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await folder[Symbol.asyncDispose]();
    },
  };
}

function json(status: number, value: unknown): ExecutorResponse {
  return {
    status,
    contentType: 'application/json',
    body: Readable.from(value === undefined ? [] : [Buffer.from(JSON.stringify(value))]),
  };
}

function text(value: string): ExecutorResponse {
  return { status: 200, contentType: 'text/html', body: Readable.from([Buffer.from(value)]) };
}

function refusal(reason: 'NotFound' | 'Conflict', message: string): ExecutorResponse {
  const error = new ApiError(reason, message);
  return json(error.code, error.toStatus());
}
