import { CommandError, EXIT } from '../failure.ts';

/** So long the server has to say that a task is cancelled. */
const GRACE_MS = 10_000;

/** What ends a task early: Ctrl+C, SIGTERM and the time that it has. */
export interface Stop {
  /** Aborted with the CommandError that says why. */
  signal: AbortSignal;
  /** Cancels once it is aborted; rejects when the task does not end then, as with a server that is away. */
  whenStopped(cancel: () => Promise<unknown>): Promise<never>;
  /** Stops listening. */
  end(): void;
}

/** Listens for what ends a task early; `timeout` in seconds. */
export function createStop({
  timeout,
  terminal,
}: {
  timeout: number | undefined;
  terminal: { on: (event: 'SIGINT', listener: () => void) => unknown } | undefined;
}): Stop {
  const controller = new AbortController();
  const { signal } = controller;
  const timers: NodeJS.Timeout[] = [];

  const interrupt = () => {
    // Whoever presses it twice does not want to wait for the engine.
    if (signal.aborted) process.exit(EXIT.cancelled);
    process.stderr.write('\nStopping the task; Ctrl+C again leaves it alone.\n');
    controller.abort(new CommandError('the run was cancelled', EXIT.cancelled));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  terminal?.on('SIGINT', interrupt);
  if (timeout !== undefined) {
    const over = () => controller.abort(new CommandError('the time is over', EXIT.timeout));
    timers.push(setTimeout(over, timeout * 1000));
  }

  return {
    signal,
    whenStopped: (cancel) =>
      new Promise((_resolve, reject) => {
        const stop = () => {
          void cancel().catch(() => undefined);
          const { message, exitCode }: CommandError = signal.reason;
          const overdue = () =>
            reject(
              new CommandError(`${message}; the server did not answer, the task may still run`, exitCode),
            );
          timers.push(setTimeout(overdue, GRACE_MS));
        };
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      }),
    end() {
      for (const timer of timers) clearTimeout(timer);
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
