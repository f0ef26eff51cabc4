import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { isPublicAddress, OutboundRefused } from '@wegent/engine';
import { sendRaw, sendText } from './answers.ts';
import { canonicalHost, egressProblem, parseAuthority } from './egress-rules.ts';
import { exchangeOf } from './exchange.ts';
import { MAX_GIT_BODY } from './gateway-timings.ts';
import { endToEndHeaders } from './headers.ts';
import type { Pass } from './pass.ts';
import type { RouteDeps, Taken } from './router.ts';
import { explainUpstream, openUpstream } from './upstream.ts';

interface Target {
  host: string;
  port: number;
}

type Decision = { address: string } | { status: number; text: string };

/**
 * The proxy for everything else: hosts that the Shell's network and the Workspace's list allow, at public addresses
 * only. The address that was checked is the one connected to.
 */
export function createEgress({ outbound, platformHosts, timings }: RouteDeps) {
  // OUTBOUND_ALLOW is for the platform and not for sandboxes.
  const resolve = outbound.resolveFor([]);
  const platform = new Set(
    platformHosts
      .map((entry) => entry.toLowerCase())
      .flatMap((entry) => [entry, canonicalHost(entry) ?? entry]),
  );

  async function decide(pass: Pass, { host, port }: Target): Promise<Decision> {
    const { shell, egress } = pass.context;
    const refuse = (why: string): Decision => ({ status: 403, text: `${host}:${port} is refused: ${why}.` });
    const problem = egressProblem({ network: shell.network, entries: egress, host, port });
    if (problem !== undefined) return refuse(problem);
    if (platform.has(host) || platform.has(`${host}:${port}`)) return refuse('it is the platform itself');
    try {
      const addresses = await resolve(host, port);
      const own = ownAddresses();
      if (addresses.some(({ address }) => own.has(address))) return refuse('it is the platform itself');
      const chosen = addresses.find(({ family }) => family === 4) ?? addresses[0];
      return chosen ? { address: chosen.address } : refuse('it has no address');
    } catch (cause) {
      if (cause instanceof OutboundRefused)
        return refuse(
          'it is at a private address, and sandboxes reach only public ones, whatever the lists say',
        );
      const { status, text } = explainUpstream('The host', { host: `${host}:${port}` }, cause);
      return { status, text };
    }
  }

  return {
    async connect(pass: Pass, request: IncomingMessage, { socket, head }: Taken): Promise<void> {
      const target = parseAuthority(request.url ?? '');
      if (!target) return sendRaw(socket, 400, 'CONNECT wants host:port.\n');
      const name = `CONNECT ${target.host}:${target.port}`;
      const decision = await decide(pass, target);
      if (!('address' in decision)) {
        pass.egress(`${name} refused: ${decision.text}`);
        return sendRaw(socket, decision.status, `${decision.text}\n`);
      }
      if (socket.destroyed) return;
      const remote = connectTcp({ host: decision.address, port: target.port, allowHalfOpen: true });
      remote.setTimeout(timings.connectMs, () => remote.destroy(timeOut()));
      socket.once('close', () => remote.destroy());
      try {
        await new Promise<void>((resolved, rejected) => {
          remote.once('connect', resolved);
          remote.once('error', rejected);
          remote.once('close', () => rejected(timeOut()));
        });
      } catch (cause) {
        const { status, text } = explainUpstream(
          'The host',
          { host: `${target.host}:${target.port}` },
          cause,
        );
        pass.egress(`${name} failed: ${text}`);
        return sendRaw(socket, status, `${text}\n`);
      }
      pass.egress(`${name} allowed`);
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) remote.write(head);
      await tunnel(socket, remote, timings.tunnelIdleMs);
      pass.egress(`${name} closed: ${remote.bytesWritten} bytes sent, ${remote.bytesRead} received`);
    },

    async request(pass: Pass, request: IncomingMessage, response: ServerResponse): Promise<void> {
      const url = URL.parse(request.url ?? '');
      const host = url && canonicalHost(url.hostname);
      if (url?.protocol !== 'http:' || !host || url.username !== '' || url.password !== '') {
        const text =
          'The proxy takes http:// addresses without credentials, and CONNECT for everything else.\n';
        return sendText(response, 400, text, { close: true });
      }
      const target = { host, port: Number(url.port || 80) };
      const method = request.method ?? '';
      const name = `${method} ${host}:${target.port}`;
      const decision = await decide(pass, target);
      if (!('address' in decision)) {
        pass.egress(`${name} refused: ${decision.text}`);
        return sendText(response, decision.status, `${decision.text}\n`, { close: true });
      }
      const { signal } = exchangeOf({ pass, request, response, path: '', query: new URLSearchParams() });
      let received = 0;
      try {
        const pinned = new URL(url.href);
        pinned.hostname = decision.address.includes(':') ? `[${decision.address}]` : decision.address;
        const hasBody =
          request.headers['content-length'] !== undefined ||
          request.headers['transfer-encoding'] !== undefined;
        const answer = await openUpstream({
          send: outbound.requestFor([]),
          url: pinned,
          method,
          headers: { ...endToEndHeaders(request.headers), host: url.host },
          ...(hasBody ? { body: request, maxBytes: MAX_GIT_BODY } : {}),
          fresh: true,
          signal,
          connectMs: timings.connectMs,
          firstByteMs: timings.firstByteMs,
          idleMs: timings.idleMs,
        });
        response.writeHead(answer.statusCode ?? 502, endToEndHeaders(answer.headers));
        answer.on('data', (chunk: Buffer) => {
          received += chunk.length;
        });
        answer.pause();
        await pipeline(answer, response);
        pass.egress(`${name} allowed: ${answer.statusCode}, ${received} bytes received`);
      } catch (cause) {
        if (signal.aborted || response.headersSent) return void response.destroy();
        const { status, text } = explainUpstream('The host', { host: `${host}:${target.port}` }, cause);
        pass.egress(`${name} failed: ${text}`);
        sendText(response, status, `${text}\n`, { close: true });
      }
    },
  };
}

/** Joins two connections until both have ended, or both are silent for too long. */
async function tunnel(socket: Taken['socket'], remote: Socket, idleMs: number): Promise<void> {
  // Each pipeline listens at both ends several times.
  for (const each of [socket, remote]) each.setMaxListeners(30);
  remote.setTimeout(idleMs);
  const end = () => {
    socket.destroy();
    remote.destroy();
  };
  remote.removeAllListeners('timeout').once('timeout', end);
  await Promise.all([pipeline(socket, remote), pipeline(remote, socket)]).catch(() => undefined);
  end();
}

/** Public addresses of this machine lead to its own services. */
function ownAddresses(): Set<string> {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return new Set(all.map(({ address }) => address).filter(isPublicAddress));
}

function timeOut(): Error {
  return Object.assign(new Error('no connection'), { code: 'ETIMEDOUT' });
}
