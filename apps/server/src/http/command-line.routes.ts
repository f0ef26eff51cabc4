import { createReadStream, existsSync } from 'node:fs';
import type { App } from './app-type.ts';

/**
 * `GET /cli/wegent.mjs`: the command line that belongs to this server, so that nobody needs a checkout for it. It is
 * the same for everybody and holds no secret. Without a built command there is no such address.
 */
export function registerCommandLine(app: App, file: string | undefined): void {
  if (file === undefined || !existsSync(file)) return;
  app.get('/cli/wegent.mjs', {
    config: { public: true },
    schema: { hide: true },
    handler: (_request, reply) =>
      reply
        .header('cache-control', 'no-cache')
        .header('content-disposition', 'attachment; filename="wegent.mjs"')
        .type('text/javascript; charset=utf-8')
        .send(createReadStream(file)),
  });
}
