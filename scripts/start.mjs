// `npm start`: builds what changed, then becomes the standalone process.
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildChanged } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

try {
  await buildChanged();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
await import(pathToFileURL(path.join(root, 'apps/standalone/dist/main.js')).href);
