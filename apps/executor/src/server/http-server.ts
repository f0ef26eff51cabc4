import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ApiError } from '@wegent/api';
import type { Logger } from '../logger.ts';
import { sendError } from './answers.ts';
import { createAuthorise } from './authorise.ts';

/** The HTTP server of an executor. */
export interface ExecutorServer {
  server: Server;
  /** Ends the watch over orphans. */
  stop(): void;
}

/**
 * Lets requests with the token through to the routes, and calls `onOrphaned` when there was none for a while: a manager
 * that never comes back must not leave an executor behind. Requests that are still open count, refused ones do not.
 */
export function createHttpServer({
  token,
  route,
  orphanMs,
  onOrphaned,
  logger,
}: {
  token: string;
  route: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  orphanMs: number;
  onOrphaned: () => void;
  logger: Logger;
}): ExecutorServer {
  const authorise = createAuthorise(token);
  let open = 0;
  const clock = setTimeout(() => {
    if (open > 0) clock.refresh();
    else onOrphaned();
  }, orphanMs);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    authorise(request);
    open++;
    clock.refresh();
    response.once('close', () => {
      open--;
      clock.refresh();
    });
    await route(request, response);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((err: unknown) => {
      const { method, url } = request;
      if (!(err instanceof ApiError)) logger.warn({ err, method, url }, 'a request failed');
      sendError(response, err);
    });
  });
  // Archives and clones take their time.
  server.requestTimeout = 0;
  return { server, stop: () => clearTimeout(clock) };
}
