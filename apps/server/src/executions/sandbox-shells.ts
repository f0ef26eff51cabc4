import type { ShellType } from '@wegent/api';

/** Does an engine of this type work in a sandbox of its task? The others run in the manager. */
export function runsInSandbox(shellType: ShellType): boolean {
  return shellType === 'ClaudeCode' || shellType === 'Agno';
}

/** The types that do. */
export const SANDBOX_SHELL_TYPES = ['ClaudeCode', 'Agno'] as const satisfies readonly ShellType[];
