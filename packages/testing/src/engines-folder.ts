import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { testConfig } from './config.ts';

const PARTS = {
  'claude-code': 'claude-code/node_modules/@anthropic-ai/claude-agent-sdk/package.json',
  agno: 'agno/engine.json',
};

/** The folder with installed engines, or `undefined` where that engine, Claude Code by default, is not in it. */
export function enginesFolder(name: keyof typeof PARTS = 'claude-code'): string | undefined {
  const folder = testConfig.enginesFolder ?? resolve(import.meta.dirname, '../../../.cache/engines');
  return existsSync(join(folder, PARTS[name])) ? folder : undefined;
}
