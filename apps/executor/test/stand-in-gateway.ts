import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createProcessFrameReader, encodeProcessFrame, GATEWAY_TOKEN_HEADER } from '@wegent/api';
import { gitEnvironment } from '@wegent/testing';

/** Stands for the gateway of the manager: git of one repository, blobs, a proxy that tells what it was asked for. */
export interface StandInGateway extends AsyncDisposable {
  /** Tokens that it lets through. */
  readonly tokens: Set<string>;
  readonly blobs: Map<string, Buffer>;
  /** Address of the repository behind `/git`, and who signs in there. */
  repository: string | undefined;
  credential: { username: string; password: string } | undefined;
  /** Folder of the repository behind `/git-ssh`. */
  folder: string | undefined;
  /** What came, as `METHOD path`. */
  readonly seen: string[];
}

/** Listens on the socket where the manager's gateway would be. */
export async function startStandInGateway(socketPath: string): Promise<StandInGateway> {
  const sockets = new Set<Socket>();
  const gateway = {
    tokens: new Set<string>(),
    blobs: new Map<string, Buffer>(),
    repository: undefined as string | undefined,
    credential: undefined as StandInGateway['credential'],
    folder: undefined as string | undefined,
    seen: [] as string[],
  };
  const mayPass = (token: string | string[] | undefined) =>
    typeof token === 'string' && gateway.tokens.has(token);

  const server = createServer(async (request, response) => {
    const target = request.url ?? '';
    gateway.seen.push(`${request.method} ${target}`);
    if (!mayPass(request.headers[GATEWAY_TOKEN_HEADER]))
      return void response.writeHead(403).end('no token\n');
    if (target.startsWith('/blobs/')) {
      const bytes = gateway.blobs.get(decodeURIComponent(target.slice('/blobs/'.length)));
      return void response.writeHead(bytes ? 200 : 404).end(bytes);
    }
    // LFS adds `.git` to what it takes for the repository's address.
    const path = /^\/git(?:\.git)?(\/.*)$/.exec(target)?.[1];
    if (path !== undefined && gateway.repository !== undefined) {
      const url = `${gateway.repository}${path}`;
      const { [GATEWAY_TOKEN_HEADER]: _token, host: own, ...headers } = request.headers;
      const { credential } = gateway;
      const outgoing = httpRequest(url, {
        method: request.method ?? 'GET',
        headers: {
          ...headers,
          ...(credential
            ? {
                authorization: `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`,
              }
            : {}),
        },
      });
      outgoing.once('error', () => response.destroy());
      outgoing.once('response', async (answer) => {
        if (!target.endsWith('/objects/batch')) {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          return void answer.pipe(response);
        }
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk);
        const text = Buffer.concat(chunks)
          .toString()
          .replaceAll(gateway.repository ?? '', `http://${own}/git`);
        response.writeHead(answer.statusCode ?? 502, {
          'content-type': answer.headers['content-type'] ?? '',
        });
        response.end(text);
      });
      return void request.pipe(outgoing);
    }
    response.writeHead(404).end('nothing here\n');
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('connect', (request, client: Socket) => {
    gateway.seen.push(`CONNECT ${request.url}`);
    if (!mayPass(request.headers[GATEWAY_TOKEN_HEADER]))
      return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), host, () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
    upstream.on('error', () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  server.on('upgrade', (request, client: Socket, head: Buffer) => {
    gateway.seen.push(`UPGRADE ${request.url}`);
    if (!mayPass(request.headers[GATEWAY_TOKEN_HEADER]))
      return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const command = /command=(git-[a-z-]+)/.exec(request.url ?? '')?.[1];
    const path = gateway.folder;
    if (command === undefined || path === undefined) return void client.end('HTTP/1.1 404 Not Found\r\n\r\n');
    client.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: git-ssh\r\n\r\n');
    const protocol = request.headers['git-protocol'];
    const child = spawn('git', [command.slice('git-'.length), path], {
      env: {
        ...gitEnvironment('/nonexistent'),
        ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol } : {}),
      },
    });
    const read = createProcessFrameReader((name, content) => {
      if (name === 'stdin' && content.length > 0) child.stdin.write(Buffer.from(content));
      else child.stdin.end();
    });
    client.on('data', read);
    if (head.length > 0) read(head);
    child.stdin.on('error', () => undefined);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => client.write(encodeProcessFrame(name, chunk)));
    }
    child.once('close', (code) => client.end(encodeProcessFrame('exit', Uint8Array.of(code ?? 255))));
    client.once('close', () => child.kill());
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return Object.assign(gateway, {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  });
}
