/** `npm start`: builds what changed, then becomes the standalone process. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildChanged } from './build.ts';

try {
  await buildChanged();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
await import(pathToFileURL(path.resolve(import.meta.dirname, '../apps/standalone/dist/main.js')).href);
