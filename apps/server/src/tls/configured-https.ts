import type { Server as HttpServer } from 'node:http';
import path from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import type { ServerConfig } from '../config.ts';
import { type HttpsListener, openHttpsListener } from './https-listener.ts';

const EVERYWHERE = ['0.0.0.0', '::'];

/** Opens the door for Kubernetes clients as the configuration wants it; undefined when it stays closed. */
export async function openConfiguredHttps({
  config,
  http,
  publicUrl,
  logger,
}: {
  config: Pick<ServerConfig, 'https' | 'dataDir' | 'host'>;
  http: HttpServer;
  publicUrl: string;
  logger: Pick<FastifyBaseLogger, 'error' | 'info' | 'warn'>;
}): Promise<HttpsListener | undefined> {
  if (!config.https) return undefined;
  const { port, required } = config.https;
  const { host } = config;
  const names = [
    new URL(publicUrl).hostname.replace(/^\[|\]$/g, ''),
    ...(EVERYWHERE.includes(host) ? [] : [host]),
  ];
  try {
    return await openHttpsListener({
      http,
      folder: path.join(config.dataDir, 'tls'),
      hosts: [...new Set(['localhost', '127.0.0.1', '::1', ...names])],
      host,
      port,
      logger,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (required) throw new Error(`HTTPS_PORT ${port} cannot be listened on: ${why}`, { cause: error });
    logger.warn(
      { err: error, port },
      'HTTPS is off, and kubectl needs it: set HTTPS_PORT to a port that is free',
    );
    return undefined;
  }
}
