import { lstat, mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { GATEWAY_LATER_HEADER, GATEWAY_TOKEN_HEADER } from '@wegent/api';
import type { Logger } from 'pino';
import { sendRaw, sendText } from './answers.ts';
import type { Pass } from './pass.ts';
import type { Router } from './router.ts';

const MAX_CONNECTIONS = 256;
const MAX_HEADER_BYTES = 64 * 1024;
/** What a socket's path may have on Linux. */
const MAX_PATH = 107;
/** The lease of a run whose manager was lost ends, and its next attempt begins, within less. */
const ADOPTED_MS = 120_000;
/** So long a request waits for the pass of its run before it is told to come again. */
const HOLD_MS = 15_000;
const HOLD_LOOK_MS = 100;
const LATER = 'The run is being taken over by another manager. Try again in a moment.\n';
const REFUSED = 'This request carries no token of a run that is under way here.\n';

/** Listens for one sandbox and hands its requests, with the pass of their token, to the router. */
export async function openSandboxSocket({
  socketPath,
  adopted,
  passes,
  route,
  logger,
}: {
  socketPath: string;
  /** Runs may be under way whose passes are not there yet. */
  adopted: boolean;
  passes: ReadonlyMap<string, Pass>;
  route: Router;
  logger: Logger;
}): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const awaitsUntil = adopted ? Date.now() + ADOPTED_MS : 0;
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: 20_000,
    // Pushes and answers take their time; every route watches over its own silence.
    requestTimeout: 0,
    keepAliveTimeout: 60_000,
    connectionsCheckingInterval: 5_000,
    insecureHTTPParser: false,
    shouldUpgradeCallback: (request) => isGitSsh(request),
  });
  server.maxConnections = MAX_CONNECTIONS;

  function passOf(request: IncomingMessage): Pass | undefined {
    const token = request.headers[GATEWAY_TOKEN_HEADER];
    delete request.headers[GATEWAY_TOKEN_HEADER];
    const pass = typeof token === 'string' ? passes.get(token) : undefined;
    return pass?.isRevoked ? undefined : pass;
  }

  /** Who has no pass hears so at once, or is told to come again while passes are awaited. */
  async function turnAway(answer: (status: number, text: string) => void): Promise<void> {
    if (Date.now() >= awaitsUntil) return answer(403, REFUSED);
    for (let waited = 0; waited < HOLD_MS && passes.size === 0; waited += HOLD_LOOK_MS)
      await delay(HOLD_LOOK_MS);
    answer(503, LATER);
  }

  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Also after an upgrade, when nobody else listens any more.
    socket.on('error', () => undefined);
  });
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const pass = passOf(request);
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    if (!pass)
      return void turnAway((status, text) => {
        if (status === 503 && !response.headersSent) {
          response.setHeader('retry-after', '1');
          response.setHeader(GATEWAY_LATER_HEADER, '1');
        }
        sendText(response, status, text, { close: true });
      });
    watch(pass, request.socket, response);
    route.request(pass, request, response).catch((err: unknown) => {
      logger.error({ err }, 'the gateway failed at a request');
      if (response.headersSent) response.destroy();
      else sendText(response, 500, 'The gateway has a fault; its log has the details.\n', { close: true });
    });
  };
  server.on('request', handle);
  // Whoever has no token is not asked for a body.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (isAdmitted(request)) response.writeContinue();
    handle(request, response);
  });
  const take = (kind: 'connect' | 'upgrade') => (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const pass = passOf(request);
    if (!pass) return void turnAway((status, text) => sendRaw(socket, status, text));
    const forget = pass.onRevoke(() => socket.destroy());
    socket.once('close', forget);
    route[kind](pass, request, { socket, head }).catch((err: unknown) => {
      logger.error({ err }, `the gateway failed at a ${kind}`);
      socket.destroy();
    });
  };
  server.on('connect', take('connect'));
  server.on('upgrade', take('upgrade'));
  server.on('clientError', (_error, socket) => {
    if (socket.writable) sendRaw(socket, 400, 'This is no request that the gateway understands.\n');
    else socket.destroy();
  });
  const isAdmitted = (request: IncomingMessage) => {
    const token = request.headers[GATEWAY_TOKEN_HEADER];
    return typeof token === 'string' && passes.get(token)?.isRevoked === false;
  };

  const inode = await listen(server, socketPath);
  server.on('error', (err) => logger.error({ err, socketPath }, 'a gateway socket failed'));
  return {
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      // Another manager may have put its own there.
      const found = await lstat(socketPath).catch(() => undefined);
      if (found?.ino === inode) await rm(socketPath, { force: true });
    },
  };
}

/** A request that is revoked ends with its connection. */
function watch(pass: Pass, socket: Socket, response: ServerResponse): void {
  const forget = pass.onRevoke(() => socket.destroy());
  response.once('close', forget);
}

function isGitSsh(request: IncomingMessage): boolean {
  return (
    request.url?.startsWith('/git-ssh?') === true && request.headers.upgrade?.toLowerCase() === 'git-ssh'
  );
}

/**
 * Listens at a path of a folder that the sandbox can write to: the socket is made where it cannot, and moved there,
 * so that no link that it laid is followed.
 */
async function listen(server: ReturnType<typeof createServer>, socketPath: string): Promise<number> {
  const folder = path.dirname(path.dirname(socketPath));
  const draft = await mkdtemp(path.join(folder, '.gw-'));
  const draftPath = path.join(draft, 's');
  try {
    for (const each of [socketPath, draftPath]) {
      if (Buffer.byteLength(each) > MAX_PATH)
        throw new Error(`${each} is too long for a socket (${MAX_PATH} bytes); choose a shorter DATA_DIR`);
    }
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path: draftPath, readableAll: true, writableAll: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    const { ino } = await lstat(draftPath);
    await rename(draftPath, socketPath);
    return ino;
  } catch (cause) {
    server.close();
    throw cause;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
