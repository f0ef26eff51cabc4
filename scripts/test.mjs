// `npm test`: builds what changed, runs every suite, and names each suite that was skipped and why.
// `--strict` (CI) makes a skipped suite a failure. Further arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildChanged } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const args = process.argv.slice(2);
const strict = args.includes('--strict') || process.env.WEGENT_TEST_STRICT === '1';
const filters = args.filter((argument) => argument !== '--strict');
const folder = mkdtempSync(path.join(os.tmpdir(), 'wegent-test-'));
const report = path.join(folder, 'skipped.jsonl');

try {
  await buildChanged();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
const result = spawnSync(
  process.execPath,
  [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...filters],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, WEGENT_SKIP_REPORT: report, ...(strict ? { WEGENT_TEST_STRICT: '1' } : {}) },
  },
);
const skipped = existsSync(report)
  ? readFileSync(report, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
rmSync(folder, { recursive: true, force: true });
if (skipped.length > 0) {
  process.stdout.write('\nSkipped suites:\n');
  for (const { suite, reason } of skipped) process.stdout.write(`  ${suite}: ${reason}\n`);
} else {
  process.stdout.write('\nNo suite was skipped.\n');
}
process.exit(result.status ?? 1);
