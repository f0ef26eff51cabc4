import { appendFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { testConfig } from './config.ts';
import { missingRequirements, type Requirement } from './requirements.ts';

/**
 * `describe` for a suite that needs more than Node. On a machine that lacks something the suite is skipped with
 * the reason in its title and in the skip report (`WEGENT_SKIP_REPORT`), or fails when `WEGENT_TEST_STRICT=1`.
 */
export function describeWith(needs: readonly Requirement[], name: string, body: () => void): void {
  const missing = missingRequirements(needs);
  if (missing.length === 0) {
    describe(name, body);
    return;
  }
  const reason = missing.join('; ');
  if (testConfig.strict) {
    describe(name, () => {
      test('has what it needs', () => {
        throw new Error(`${reason} (WEGENT_TEST_STRICT=1 does not skip)`);
      });
    });
    return;
  }
  if (testConfig.skipReport !== undefined) {
    appendFileSync(testConfig.skipReport, `${JSON.stringify({ suite: name, reason })}\n`);
  }
  describe.skip(`${name} [skipped: ${reason}]`, body);
}
