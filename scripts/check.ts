/** `npm run check`: types, lint and format, dead code, layers and unit tests; quick enough to run before every commit. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const STEPS: readonly [name: string, command: string, args: readonly string[]][] = [
  ['types', 'npx', ['tsc', '-b']],
  ['types of the web app', 'npx', ['tsc', '-p', 'apps/web', '--noEmit']],
  ['lint and format', 'npx', ['biome', 'check', '--error-on-warnings', '.']],
  ['dead code', 'npx', ['knip', '--no-progress', '--no-config-hints']],
  ['unit tests', 'npx', ['vitest', 'run', '--project', 'unit', '--reporter', 'dot']],
];

let failed = false;
for (const [name, command, args] of STEPS) {
  const started = performance.now();
  const result = spawnSync(command, args, {
    cwd: path.resolve(import.meta.dirname, '..'),
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const ok = result.status === 0;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
  if (ok) continue;
  failed = true;
  process.stdout.write(`${result.stdout}${result.stderr}\n`);
}
process.exit(failed ? 1 : 0);
