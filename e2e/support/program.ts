import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endWithTest } from '@wegent/testing';
import { e2eConfig } from './config.ts';

const START_TIMEOUT_MS = 60_000;

/** A part of the product as a process of its own. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Everything that it has printed, both streams. */
  output(): string;
  /** Resolves with the exit code; `null` after a signal. */
  readonly exit: Promise<number | null>;
  /** Sends a signal; `SIGSTOP` and `SIGCONT` make it hang for a while. */
  send(signal: NodeJS.Signals): void;
  /** Ends it with a signal, and waits until it has ended. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

/** Starts a TypeScript program with exactly these variables, and waits until it says that it is ready. */
export async function startProgram({
  file,
  env,
  ready,
}: {
  file: string;
  env: Record<string, string>;
  ready: string;
}): Promise<Program> {
  const child = spawn(process.execPath, [file], {
    env: { ...e2eConfig.childEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithTest(child);
  const exit = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  let output = '';
  const started = Promise.withResolvers<void>();
  const read = (chunk: string) => {
    output += chunk;
    if (output.includes(ready)) started.resolve();
  };
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', read);
  const fail = (why: string) => started.reject(new Error(`${file} ${why}:\n${output}`));
  void exit.then((code) => fail(`ended with code ${code}`));
  const timer = setTimeout(() => fail(`was not ready after ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
  const program: Program = {
    pid: child.pid ?? 0,
    output: () => output,
    exit,
    send: (signal) => void child.kill(signal),
    async end(signal) {
      // A stopped process hears nothing but SIGKILL.
      child.kill('SIGCONT');
      child.kill(signal);
      return exit;
    },
    async [Symbol.asyncDispose]() {
      await program.end('SIGKILL');
    },
  };
  try {
    await started.promise;
    return program;
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
