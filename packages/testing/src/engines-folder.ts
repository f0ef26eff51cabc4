import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { testConfig } from './config.ts';

const SDK = 'claude-code/node_modules/@anthropic-ai/claude-agent-sdk/package.json';

/** The folder with installed engines, or `undefined` where Claude Code is not in it. */
export function enginesFolder(): string | undefined {
  const folder = testConfig.enginesFolder ?? resolve(import.meta.dirname, '../../../.cache/engines');
  return existsSync(join(folder, SDK)) ? folder : undefined;
}
