import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { App } from './app-type.ts';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Serves the exported web app: hashed files for a year, pages always fresh, `/chat` for `chat.html`. */
export async function registerWeb(app: App, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: folder,
    extensions: ['html'],
    index: ['index.html'],
    cacheControl: false,
    preCompressed: true,
    setHeaders: (reply, file) => {
      const isHashed = file.includes(`${path.sep}_next${path.sep}static${path.sep}`);
      reply.header('cache-control', isHashed ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
    },
  });
}

/** Has the web app been built? */
export function hasWeb(folder: string | undefined): folder is string {
  return folder !== undefined && existsSync(path.join(folder, 'index.html'));
}
