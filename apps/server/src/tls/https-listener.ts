import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import { openTlsFolder, type TlsMaterial } from './tls-folder.ts';

const RENEWAL_CHECK_MS = 12 * 60 * 60 * 1000;

/** A second door to the same handlers, see `openHttpsListener`. */
export interface HttpsListener {
  port: number;
  /** The certificate that clients have to trust. */
  authority: () => string;
  close(): Promise<void>;
}

/**
 * Listens with TLS and hands requests and upgrades to a plain server, so that every handler serves both: Kubernetes
 * clients send tokens over TLS only. The certificate is renewed while the process runs.
 */
export async function openHttpsListener({
  http,
  folder,
  hosts,
  host,
  port,
  logger,
}: {
  http: HttpServer;
  folder: string;
  /** Names and addresses under which clients come. */
  hosts: readonly string[];
  host: string;
  port: number;
  logger: Pick<FastifyBaseLogger, 'error' | 'info'>;
}): Promise<HttpsListener> {
  let material: TlsMaterial = await openTlsFolder(folder, { hosts });
  const server = createServer({ key: material.key, cert: material.cert, minVersion: 'TLSv1.2' });
  server.on('request', (request, response) => http.emit('request', request, response));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!http.emit('upgrade', request, socket, head)) socket.destroy();
  });
  await listen(server, host, port);
  const address = server.address();
  const timer = setInterval(() => {
    openTlsFolder(folder, { hosts })
      .then((next) => {
        if (next.cert === material.cert) return;
        material = next;
        server.setSecureContext({ key: next.key, cert: next.cert, minVersion: 'TLSv1.2' });
        logger.info('the certificate of the HTTPS port was renewed');
      })
      .catch((error: unknown) => logger.error({ err: error }, 'the certificate could not be renewed'));
  }, RENEWAL_CHECK_MS);
  timer.unref();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    authority: () => material.ca,
    close: () => {
      clearInterval(timer);
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function listen(server: HttpsServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
