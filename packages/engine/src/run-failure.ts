import type { RunError } from '@wegent/api';

/** A run failed for a known reason. `error` goes into the `finish` event as it is, so it holds no secret. */
export class RunFailure extends Error {
  readonly error: RunError;

  constructor(error: RunError, options: { cause?: unknown } = {}) {
    super(error.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RunFailure';
    this.error = error;
  }
}
