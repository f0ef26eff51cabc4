/** `npm run bench`: builds what changed and runs the benchmarks; arguments choose rows by name. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { buildChanged } from './build.ts';

const root = path.resolve(import.meta.dirname, '..');
await buildChanged();
const result = spawnSync(process.execPath, [path.join(root, 'e2e/bench/main.ts'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(result.status ?? 1);
