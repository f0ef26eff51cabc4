import type { ShellType } from '@wegent/api';
import type { Engine } from './engine.ts';
import { RunFailure } from './run-failure.ts';

/** The engine of a Shell type that this installation cannot run: every turn fails and says so. */
export function createMissingEngine(shellType: ShellType): Engine {
  return { shellType, placement: 'host', run: () => Promise.reject(notInstalled(shellType)) };
}

/** The failure of a turn whose engine is not there. */
export function notInstalled(shellType: ShellType): RunFailure {
  return new RunFailure({
    reason: 'EngineNotInstalled',
    message: `The engine ${shellType} is not installed here. Choose a Shell of another type, such as Chat, or ask an administrator to install it.`,
    retryable: false,
  });
}
