import type { EngineName } from '@wegent/api';
import { CLAUDE_AGENT_SDK } from '../claude-code/sdk.ts';

/** What an engine consists of. */
export interface CatalogEntry {
  /** npm package and its exact version. */
  package: { name: string; version: string };
  /** Bytes on the disk once it is installed, about. */
  bytes: number;
  /** The program, below the folder; `*` is the platform. It must answer `--version`. */
  program: { folder: string; prefix: string; file: string };
}

/** The engines that can be installed. */
export const CATALOG: Record<EngineName, CatalogEntry | undefined> = {
  'claude-code': {
    package: CLAUDE_AGENT_SDK,
    bytes: 440_000_000,
    program: {
      folder: 'node_modules/@anthropic-ai',
      prefix: 'claude-agent-sdk-',
      file: process.platform === 'win32' ? 'claude.exe' : 'claude',
    },
  },
  agno: undefined,
};
