import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { ApiError, GATEWAY_TOKEN_HEADER } from '@wegent/api';
import { siblingAddress } from '../git/repository-address.ts';
import { connectGateway } from './connect-gateway.ts';
import { forwardLasting, lastingKind } from './lasting-call.ts';
import { ownHeaders } from './own-headers.ts';
import { passOn } from './pass-on.ts';
import { refuse } from './refuse.ts';

/**
 * A port on this sandbox's own 127.0.0.1 through which the programs of one agent reach the manager's gateway. The token
 * of the run is added here, so that it stands in no environment, no file and no command line; without one, nothing passes.
 */
export interface GatewayPort {
  readonly port: number;
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Opens it for a run, or closes it; closing ends all connections. */
  setToken(token: string | undefined): void;
  /** Repository behind `/git`. */
  setRepository(url: string | undefined): void;
  /** Does the run lead a Team behind `/mcp/team`? Its messages outlive the manager. */
  setLeads(leads: boolean): void;
  /** Grows with every byte that passes. */
  activity(): number;
  close(): Promise<void>;
}

const WAIT_MS = 20_000;
/** Belong to a body as it came. */
const LENGTHS = new Set(['content-length', 'transfer-encoding', 'expect']);
const NO_RUN = 'No run is active, so nothing may leave the sandbox now.';

/** Opens a port that forwards plain requests, CONNECT and upgrades to the gateway's socket. */
export async function createGatewayPort(
  socketPath: string,
  { waitMs = WAIT_MS }: { waitMs?: number } = {},
): Promise<GatewayPort> {
  let token: string | undefined;
  let repositoryUrl: string | undefined;
  let leads = false;
  let passed = 0;
  const open = new Set<Socket>();
  const count = (chunk: Buffer) => {
    passed += chunk.length;
  };
  const track = (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', count);
  };

  async function connect(): Promise<Socket> {
    const socket = await connectGateway(socketPath, { waitMs });
    track(socket);
    return socket;
  }

  function headersNow(incoming: IncomingMessage): string[] | undefined {
    if (token === undefined) return undefined;
    return [...ownHeaders(incoming.rawHeaders, LENGTHS), GATEWAY_TOKEN_HEADER, token];
  }

  async function forward(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const elsewhere =
      repositoryUrl === undefined ? undefined : siblingAddress(repositoryUrl, incoming.url ?? '');
    if (elsewhere !== undefined) {
      answer.writeHead(302, { location: elsewhere }).end();
      return;
    }
    const runToken = token;
    if (runToken === undefined) return refuse(answer, new ApiError('Forbidden', NO_RUN));
    const kind = lastingKind(incoming, leads);
    if (kind) return forwardLasting({ kind, incoming, answer, connect, headers: () => headersNow(incoming) });
    const socket = await connect();
    if (answer.destroyed) return void socket.destroy();
    const outgoing = httpRequest({
      createConnection: () => socket,
      method: incoming.method,
      path: incoming.url,
      headers: [...ownHeaders(incoming.rawHeaders), GATEWAY_TOKEN_HEADER, runToken, 'connection', 'close'],
    });
    answer.once('close', () => socket.destroy());
    outgoing.once('response', (response) => passOn(response, answer));
    outgoing.once('error', () => {
      if (answer.headersSent) answer.destroy();
      else refuse(answer, new ApiError('ServiceUnavailable', 'The gateway closed the connection.'));
    });
    pipeline(incoming, outgoing, () => {});
  }

  /** CONNECT and upgrades: the request goes on as it came, then bytes flow both ways. */
  async function tunnel(incoming: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
    client.on('error', () => client.destroy());
    const runToken = token;
    if (runToken === undefined) return refuseRaw(client, new ApiError('Forbidden', NO_RUN));
    const socket = await connect();
    client.on('data', count);
    const upgrade = incoming.headers.upgrade === undefined ? [] : ['connection', 'upgrade'];
    const headers = [...ownHeaders(incoming.rawHeaders), GATEWAY_TOKEN_HEADER, runToken, ...upgrade];
    const lines = headers.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}: ${headers[index + 1]}`] : [],
    );
    socket.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    if (head.length > 0) socket.write(head);
    // A half-closed side must not end the other: git sends its request and then only reads.
    pipeline(client, socket, (error) => error && client.destroy());
    pipeline(socket, client, (error) => error && socket.destroy());
    client.once('close', () => socket.destroy());
  }

  const server = createServer((incoming, answer) => {
    forward(incoming, answer).catch((cause: Error) =>
      refuse(answer, new ApiError('ServiceUnavailable', cause.message)),
    );
  });
  const onTunnel = (incoming: IncomingMessage, client: Socket, head: Buffer) => {
    tunnel(incoming, client, head).catch((cause: Error) =>
      refuseRaw(client, new ApiError('ServiceUnavailable', cause.message)),
    );
  };
  server.on('connect', onTunnel);
  server.on('upgrade', onTunnel);
  // Models think for long, and so do clones.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const setToken = (next: string | undefined) => {
    token = next;
    if (next !== undefined) return;
    for (const socket of open) socket.destroy();
  };
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    setToken,
    setRepository: (url) => {
      repositoryUrl = url;
    },
    setLeads: (next) => {
      leads = next;
    },
    activity: () => passed,
    async close() {
      setToken(undefined);
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

function refuseRaw(client: Socket, error: ApiError): void {
  const body = JSON.stringify(error.toStatus());
  client.end(
    `HTTP/1.1 ${error.code} ${error.reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
