import type { RunError } from '@wegent/api';
import { RunFailure } from '@wegent/engine/sandbox';

/** Why a turn that was told to stop ended. */
export const CANCELLED = new RunFailure({
  reason: 'Cancelled',
  message: 'The run was cancelled.',
  retryable: false,
});

/** What a turn's `finish` says about an error. */
export function runErrorOf(cause: unknown): RunError {
  if (cause instanceof RunFailure) return cause.error;
  return {
    reason: 'Internal',
    message: 'Something went wrong inside the sandbox. Try again; if it stays, tell an administrator.',
    retryable: true,
    detail: (cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)).slice(0, 4000),
  };
}
