import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';

/** A handler of raw requests below a path, beside the API: the simulator in standalone. */
export interface Mount {
  prefix: string;
  handler: (request: IncomingMessage, response: ServerResponse) => void;
}

/** Puts raw handlers before Fastify, which would read the body first. */
export function mountHandlers(server: HttpServer, mounts: readonly Mount[]): void {
  if (mounts.length === 0) return;
  const [fastifyListener] = server.listeners('request') as ((
    request: IncomingMessage,
    response: ServerResponse,
  ) => void)[];
  if (!fastifyListener) return;
  server.off('request', fastifyListener);
  server.on('request', (request, response) => {
    const mount = mounts.find(
      ({ prefix }) => request.url === prefix || request.url?.startsWith(`${prefix}/`),
    );
    if (!mount) {
      fastifyListener(request, response);
      return;
    }
    request.url = request.url?.slice(mount.prefix.length) || '/';
    mount.handler(request, response);
  });
}
