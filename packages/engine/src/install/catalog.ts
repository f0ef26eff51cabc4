import type { EngineName } from '@wegent/api';
import { AGNO_VERSION } from '../agno/requirements.ts';
import { CLAUDE_AGENT_SDK } from '../claude-code/sdk.ts';

/** What an engine consists of. */
export type CatalogEntry = {
  version: string;
  /** Bytes on the disk once it is installed, about. */
  bytes: number;
} & (
  | {
      kind: 'npm';
      /** npm package. */
      package: string;
      /** The program, below the folder; `prefix` is followed by the platform. It must answer `--version`. */
      program: { folder: string; prefix: string; file: string };
    }
  | { kind: 'python' }
);

/** The engines that can be installed. */
export const CATALOG: Record<EngineName, CatalogEntry> = {
  'claude-code': {
    kind: 'npm',
    package: CLAUDE_AGENT_SDK.name,
    version: CLAUDE_AGENT_SDK.version,
    bytes: 440_000_000,
    program: {
      folder: 'node_modules/@anthropic-ai',
      prefix: 'claude-agent-sdk-',
      file: process.platform === 'win32' ? 'claude.exe' : 'claude',
    },
  },
  agno: { kind: 'python', version: AGNO_VERSION, bytes: 260_000_000 },
};
