/**
 * `npm test`: builds what changed, runs every suite, and names each suite that was skipped and why.
 * `--strict` (CI) makes a skipped suite a failure. Further arguments go to vitest.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { buildChanged } from './build.ts';

const SkippedSuite = z.object({ suite: z.string(), reason: z.string() });

const root = path.resolve(import.meta.dirname, '..');
const args = process.argv.slice(2);
const strict = args.includes('--strict') || process.env.WEGENT_TEST_STRICT === '1';
const folder = mkdtempSync(path.join(os.tmpdir(), 'wegent-test-'));
const report = path.join(folder, 'skipped.jsonl');

try {
  await buildChanged();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
const result = spawnSync(
  process.execPath,
  [vitest, 'run', ...args.filter((argument) => argument !== '--strict')],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, WEGENT_SKIP_REPORT: report, ...(strict ? { WEGENT_TEST_STRICT: '1' } : {}) },
  },
);
const skipped = readReport();
rmSync(folder, { recursive: true, force: true });
process.stdout.write(
  skipped.length === 0
    ? '\nNo suite was skipped.\n'
    : `\nSkipped suites:\n${skipped.map(({ suite, reason }) => `  ${suite}: ${reason}\n`).join('')}`,
);
process.exit(result.status ?? 1);

function readReport(): z.infer<typeof SkippedSuite>[] {
  if (!existsSync(report)) return [];
  return readFileSync(report, 'utf8')
    .trim()
    .split('\n')
    .map((line) => SkippedSuite.parse(JSON.parse(line)));
}
