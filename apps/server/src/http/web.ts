import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { App } from './app-type.ts';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Serves the exported web app: hashed files for a year, pages always fresh, `/chat` for `chat.html`. */
export async function registerWeb(app: App, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: folder,
    index: ['index.html'],
    cacheControl: false,
    preCompressed: true,
    setHeaders: (reply, file) => {
      const isHashed = file.includes(`${path.sep}_next${path.sep}static${path.sep}`);
      reply.header('cache-control', isHashed ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
    },
  });
  // Browsers ask for an icon by this name where no page names another, as beside an answer of the API.
  app.get('/favicon.ico', { schema: { hide: true } }, (_request, reply) => reply.sendFile('icon.svg'));
  // The export has a folder `chat` beside `chat.html`, and a folder would be looked at first.
  for (const file of globSync('**/*.html', { cwd: folder })) {
    const page = file.replaceAll(path.sep, '/');
    if (page === 'index.html') continue;
    app.get(`/${page.slice(0, -'.html'.length)}`, { schema: { hide: true } }, (_request, reply) =>
      reply.sendFile(page),
    );
  }
}

/** The page for addresses that do not exist. */
export function readNotFoundPage(folder: string): string {
  return readFileSync(path.join(folder, '404.html'), 'utf8');
}

/** Has the web app been built? */
export function hasWeb(folder: string | undefined): folder is string {
  return folder !== undefined && existsSync(path.join(folder, 'index.html'));
}
